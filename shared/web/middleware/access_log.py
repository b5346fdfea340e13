"""The access log: request id, one log line, metrics and span of each request."""

from __future__ import annotations

import re
from collections.abc import Iterable
from time import perf_counter
from typing import Final

import structlog
from fastapi.routing import iter_route_contexts
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uuid_utils import uuid7

from shared.observability.logging import Span, enter_trace, is_tracing_enabled
from shared.web.ops.health import HEALTH_PATHS, Health

CLIENT_GONE: Final = 499
SERVER_ERROR: Final = 500
_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_TOKEN = re.compile(r"(?<=^/f/)[^/]+|\bkal_link_[^/]+")
_PARAMETER = re.compile(r"\\\{[^}]*\}")
HIDDEN_PARAMETER: Final = "{token}"
"""Of a route whose address alone lets somebody act; it is not logged, not even of an address that only begins so."""
_log = structlog.get_logger("kalendarium.web")


class AccessLog:
    """The outermost ASGI middleware."""

    # The request id is the proxy's ``X-Request-Id``, if any. Query strings and tokens in paths are not logged.

    def __init__(self, app: ASGIApp, *, health: Health) -> None:
        self._app = app
        self._health = health
        self._before_token: re.Pattern[str] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _choose_request_id(_get_header(scope, b"x-request-id"))
        scope.setdefault("state", {})["request_id"] = request_id
        status, began = CLIENT_GONE, perf_counter()

        async def note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                others = [each for each in message["headers"] if each[0] != b"x-request-id"]
                message["headers"] = [*others, (b"x-request-id", request_id.encode())]
            await send(message)

        span = Span("request", "server") if is_tracing_enabled() and scope["path"] not in HEALTH_PATHS else None
        with enter_trace(_get_header(scope, b"traceparent"), span):
            bound = structlog.contextvars.bind_contextvars(request_id=request_id)
            try:
                await self._app(scope, receive, note)
            finally:
                self._write(scope, status, perf_counter() - began)
                structlog.contextvars.reset_contextvars(**bound)
                if span is not None:
                    _describe_span(span, scope, status, service=self._health.service, path=self._redact_path(scope))

    def _write(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "(none)")
        self._health.count_request(
            method=_normalize_method(scope["method"]), route=route, status=status, seconds=seconds
        )
        say = _log.debug if scope["path"] in HEALTH_PATHS else _log.info
        say(
            "request",
            service=self._health.service,
            method=scope["method"],
            path=self._redact_path(scope),
            status=status,
            ms=round(seconds * 1000, 1),
        )

    def _redact_path(self, scope: Scope) -> str:
        path = _TOKEN.sub("…", scope["path"])
        if "app" not in scope or HIDDEN_PARAMETER not in getattr(scope.get("route"), "path", HIDDEN_PARAMETER):
            return path
        if self._before_token is None:
            self._before_token = _compile_before_token(
                each.path or "" for each in iter_route_contexts(scope["app"].routes)
            )
        return self._before_token.sub(r"\1…", path)


def _compile_before_token(routes: Iterable[str]) -> re.Pattern[str]:
    before = {each.partition(HIDDEN_PARAMETER)[0] for each in routes if HIDDEN_PARAMETER in each}
    starts = (_PARAMETER.sub("[^/]+", re.escape(each)) for each in sorted(before))
    return re.compile(f"({'|'.join(starts) or '(?!)'})[^/]+")


def _describe_span(span: Span, scope: Scope, status: int, *, service: str, path: str) -> None:
    method, route = _normalize_method(scope["method"]), getattr(scope.get("route"), "path", "(none)")
    span.name = f"{method} {route}"
    span.failed = status >= SERVER_ERROR
    span.attributes = {
        "kalendarium.service": service,
        "http.request.method": method,
        "http.route": route,
        "http.response.status_code": status,
        "url.path": path,
    }


def _get_header(scope: Scope, name: bytes) -> str | None:
    """Without building an object of all headers."""
    for each, value in scope["headers"]:
        if each == name:
            return str(value, "latin-1")
    return None


def _choose_request_id(given: str | None) -> str:
    return given if given and _ID.fullmatch(given) else str(uuid7())


def _normalize_method(method: str) -> str:
    """Keep the number of label values small."""
    return method if method in {"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"} else "other"
