"""The readiness gate: without indexes the database would accept what it must refuse."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from shared.web.ops.health import HEALTH_PATHS, Health
from shared.web.pages.static import PREFIX
from shared.web.problems import Unavailable


class ReadinessGate:
    """ASGI middleware, inside the one for problems; health and static files are always served."""

    def __init__(self, app: ASGIApp, *, health: Health) -> None:
        self._app = app
        self._health = health

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._health.closed and scope["type"] == "http" and not _is_always_open(scope["path"]):
            raise Unavailable(code="starting")
        await self._app(scope, receive, send)


def _is_always_open(path: str) -> bool:
    return path in HEALTH_PATHS or path.startswith(PREFIX)
