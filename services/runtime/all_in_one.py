"""All-in-one application: the three services in one process, on one port, with one event log."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

import msgspec
from fastapi import FastAPI
from starlette.responses import Response
from starlette.routing import Router
from starlette.types import ASGIApp, Message, Receive, Scope, Send

import services.calendar.app
import services.distribution.app
import services.ingest.app
from shared.clock import Clock, utc_now
from shared.eventlog.factory import open_event_log
from shared.eventlog.port import EventLog
from shared.region import load_region
from shared.settings import CommonSettings, read_settings
from shared.web.middleware.security_headers import SecurityHeaders
from shared.web.ops.exposition import MetricRegistry, render_metrics
from shared.web.ops.health import create_metrics_response

METRICS: Final = "/metrics"
OWN_PATHS: Final = frozenset({"/livez", "/readyz", METRICS})


class AllInOne:
    """Dispatches by the first path segment; everything else, the feeds included, belongs to distribution."""

    # Health is the worst status of the three. Nothing is mounted: routes have their full paths, so that links, cookies
    # and log lines are the same as in separate processes.

    def __init__(self, settings: CommonSettings, *, now: Clock = utc_now) -> None:
        """Connections are opened in the lifespan; ``now`` is for ingest and calendar, where days have consequences.

        Raises SettingsBroken, RegionPackBroken.
        """
        load_region(settings.region)
        self._settings = settings
        self._now = now
        self._ingest = read_settings(services.ingest.app.Settings, common=settings)
        self._calendar = read_settings(services.calendar.app.Settings, common=settings)
        self._distribution = read_settings(services.distribution.app.Settings, common=settings)
        self._services: dict[str, ASGIApp] = {}
        self._metrics: list[MetricRegistry] = []
        self._lifespan = Router(lifespan=self._open)
        self._own = SecurityHeaders(self._respond, https=settings.https, private=True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._lifespan(scope, receive, send)
        elif scope["path"] in OWN_PATHS:
            await self._own(scope, receive, send)
        else:
            await self._choose_service(scope["path"])(scope, receive, send)

    async def _respond(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == METRICS:
            await create_metrics_response(await render_metrics(*self._metrics))(scope, receive, send)
        else:
            await self._respond_health(scope, receive, send)

    def _choose_service(self, path: str) -> ASGIApp:
        first = path.removeprefix("/").split("/", maxsplit=1)[0]
        return self._services.get(first, self._services["distribution"])

    @asynccontextmanager
    async def _open(self, _: object) -> AsyncIterator[None]:
        settings = self._settings
        async with AsyncExitStack() as opened:
            log = await opened.enter_async_context(open_event_log(settings, service="together"))
            await self._open_services(opened, log)
            yield

    async def _open_services(self, opened: AsyncExitStack, log: EventLog) -> None:
        ingest = services.ingest.app.create_app(self._ingest, log=log, now=self._now)
        calendar = services.calendar.app.create_app(self._calendar, log=log, now=self._now)
        distribution = services.distribution.app.create_app(self._distribution, log=log)
        apps = (ingest, calendar, distribution.fastapi)
        await opened.enter_async_context(_open_in_order(apps))
        self._metrics = [app.state.health.metrics for app in apps]
        self._services |= {"ingest": ingest, "calendar": calendar, "distribution": distribution}

    async def _respond_health(self, scope: Scope, receive: Receive, send: Send) -> None:
        answers = {name: await _forward_request(service, scope) for name, service in self._services.items()}
        body = msgspec.json.encode({name: msgspec.Raw(said or b"null") for name, (_, said) in answers.items()})
        status = max(status for status, _ in answers.values())
        response = Response(body, status_code=status, media_type="application/json")
        await response(scope, receive, send)


@asynccontextmanager
async def _open_in_order(apps: Sequence[FastAPI]) -> AsyncIterator[None]:
    # Closed concurrently: each may take seconds during an outage.
    async with AsyncExitStack() as opened:
        closing = [await opened.enter_async_context(_hold_in_task(app)) for app in apps]
        try:
            yield
        finally:
            for close in closing:
                close.set()


@asynccontextmanager
async def _hold_in_task(app: FastAPI) -> AsyncIterator[asyncio.Event]:
    """The service closes when the yielded event is set."""
    is_open, close = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        async with app.router.lifespan_context(app):
            is_open.set()
            await close.wait()

    holding = asyncio.create_task(hold())
    opening = asyncio.create_task(is_open.wait())
    await asyncio.wait({holding, opening}, return_when=asyncio.FIRST_COMPLETED)
    opening.cancel()
    try:
        if is_open.is_set():
            yield close
    finally:
        close.set()
        await holding


async def _forward_request(service: ASGIApp, scope: Scope) -> tuple[int, bytes]:
    """Returns status and body."""
    status, body = 503, b""

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        nonlocal status, body
        if message["type"] == "http.response.start":
            status = message["status"]
        else:
            body += message.get("body", b"")

    await service(dict(scope), receive, send)
    return status, body
