"""One line for each request: who asked for what, what came of it, how long it took, in which trace."""

from __future__ import annotations

import re
from time import perf_counter
from typing import Final

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uuid_utils import uuid7

from shared.telemetry import Step, traces_are_collected, tracing
from shared.web.health import HEALTH_PATHS, Health

CLIENT_GONE: Final = 499
SERVER_ERROR: Final = 500
_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_TOKEN = re.compile(r"(?<=^/f/)[^/]+")
_log = structlog.get_logger("kalendarium.web")


class Record:
    """Names each request, logs and counts it; the outermost ASGI middleware.

    The request's id is that of the proxy (``X-Request-Id``) if it has one, stands in ``request.state.request_id`` and
    in the answer. Query strings and feed tokens are not logged.
    """

    def __init__(self, app: ASGIApp, *, health: Health) -> None:
        self._app = app
        self._health = health

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on inside its trace, and log its end."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(_header(scope, b"x-request-id"))
        scope.setdefault("state", {})["request_id"] = request_id
        status, began = CLIENT_GONE, perf_counter()

        async def note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                others = [each for each in message["headers"] if each[0] != b"x-request-id"]
                message["headers"] = [*others, (b"x-request-id", request_id.encode())]
            await send(message)

        step = Step("request", "server") if traces_are_collected() and scope["path"] not in HEALTH_PATHS else None
        with tracing(_header(scope, b"traceparent"), step):
            bound = structlog.contextvars.bind_contextvars(request_id=request_id)
            try:
                await self._app(scope, receive, note)
            finally:
                self._write(scope, status, perf_counter() - began)
                structlog.contextvars.reset_contextvars(**bound)
                if step is not None:
                    _tell(step, scope, status, self._health.service)

    def _write(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "(none)")
        self._health.count_request(method=_method(scope["method"]), route=route, status=status, seconds=seconds)
        say = _log.debug if scope["path"] in HEALTH_PATHS else _log.info
        say(
            "request",
            service=self._health.service,
            method=scope["method"],
            path=_shown(scope["path"]),
            status=status,
            ms=round(seconds * 1000, 1),
        )


def _tell(step: Step, scope: Scope, status: int, service: str) -> None:
    """Say of a request what its span should tell, in OpenTelemetry's words."""
    method, route = _method(scope["method"]), getattr(scope.get("route"), "path", "(none)")
    step.name = f"{method} {route}"
    step.failed = status >= SERVER_ERROR
    step.attributes = {
        "kalendarium.service": service,
        "http.request.method": method,
        "http.route": route,
        "http.response.status_code": status,
        "url.path": _shown(scope["path"]),
    }


def _shown(path: str) -> str:
    return _TOKEN.sub("…", path)


def _header(scope: Scope, name: bytes) -> str | None:
    """Give a header as it came, the first if there are several; without making an object of all of them."""
    for each, value in scope["headers"]:
        if each == name:
            return str(value, "latin-1")
    return None


def _request_id(given: str | None) -> str:
    return given if given and _ID.fullmatch(given) else str(uuid7())


def _method(method: str) -> str:
    """Keep the counted methods few, whatever is sent."""
    return method if method in {"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"} else "other"
