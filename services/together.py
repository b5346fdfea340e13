"""The three services in one process: one port, one event log, three lifespans entered one after the other."""

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
from shared.database import open_database
from shared.eventlog.opening import open_event_log
from shared.eventlog.port import EventLog
from shared.region import load_region
from shared.settings import CommonSettings, read_settings
from shared.web.headers import SecurityHeaders
from shared.web.health import metrics_response
from shared.web.metrics import Metrics, written

METRICS: Final = "/metrics"
OWN: Final = frozenset({"/livez", "/readyz", METRICS})


class Together:
    """Picks the service by the path's first part; everything else, feeds first, is distribution's.

    Health is asked of all three: the worst answer counts. Nothing is mounted: every service's routes carry their full
    paths, so that links, cookies and log lines are the same as when each runs alone.
    """

    def __init__(self, settings: CommonSettings) -> None:
        """Make the application; nothing is contacted before its lifespan.

        Raises:
            SettingsBroken: if a service's own setting cannot be used.
            RegionPackBroken: if the region pack cannot be used.

        """
        load_region(settings.region)
        self._settings = settings
        self._ingest = read_settings(services.ingest.app.Settings, common=settings)
        self._calendar = read_settings(services.calendar.app.Settings, common=settings)
        self._distribution = read_settings(services.distribution.app.Settings, common=settings)
        self._services: dict[str, ASGIApp] = {}
        self._metrics: list[Metrics] = []
        self._lifespan = Router(lifespan=self._open)
        self._own = SecurityHeaders(self._answer, https=settings.https, private=True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request to its service."""
        if scope["type"] != "http":
            await self._lifespan(scope, receive, send)
        elif scope["path"] in OWN:
            await self._own(scope, receive, send)
        else:
            await self._service(scope["path"])(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == METRICS:
            await metrics_response(await written(*self._metrics))(scope, receive, send)
        else:
            await self._health(scope, receive, send)

    def _service(self, path: str) -> ASGIApp:
        first = path.removeprefix("/").split("/", maxsplit=1)[0]
        return self._services.get(first, self._services["distribution"])

    @asynccontextmanager
    async def _open(self, _: object) -> AsyncIterator[None]:
        """Open one log for all, then each service; close them in reverse."""
        settings = self._settings
        async with AsyncExitStack() as opened:
            database = await opened.enter_async_context(open_database(settings.mongo_url, settings.database("log")))
            log = await opened.enter_async_context(
                open_event_log(kafka_bootstrap=settings.kafka_bootstrap, database=database, service="together")
            )
            await self._open_services(opened, log)
            yield

    async def _open_services(self, opened: AsyncExitStack, log: EventLog) -> None:
        ingest = services.ingest.app.create_app(self._ingest, log=log)
        calendar = services.calendar.app.create_app(self._calendar, log=log)
        distribution = services.distribution.app.create_app(self._distribution, log=log)
        apps = (ingest, calendar, distribution.fastapi)
        await opened.enter_async_context(_open_side_by_side(apps))
        self._metrics = [app.state.health.metrics for app in apps]
        self._services |= {"ingest": ingest, "calendar": calendar, "distribution": distribution}

    async def _health(self, scope: Scope, receive: Receive, send: Send) -> None:
        answers = {name: await _ask(service, scope) for name, service in self._services.items()}
        body = msgspec.json.encode({name: msgspec.Raw(said or b"null") for name, (_, said) in answers.items()})
        status = max(status for status, _ in answers.values())
        response = Response(body, status_code=status, media_type="application/json")
        await response(scope, receive, send)


@asynccontextmanager
async def _open_side_by_side(apps: Sequence[FastAPI]) -> AsyncIterator[None]:
    """Open services one after the other, and close them at the same time: each may take seconds while all is away."""
    async with AsyncExitStack() as opened:
        closing = [await opened.enter_async_context(_in_a_task(app)) for app in apps]
        try:
            yield
        finally:
            for close in closing:
                close.set()


@asynccontextmanager
async def _in_a_task(app: FastAPI) -> AsyncIterator[asyncio.Event]:
    """Hold a service open in a task of its own; it begins to close when the event that is given is set."""
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


async def _ask(service: ASGIApp, scope: Scope) -> tuple[int, bytes]:
    """Send a request on and keep the answer: its status and body."""
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
