"""Lets no request in before the service is open: without its indexes the database would keep what it must refuse."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from shared.web.health import HEALTH_PATHS, Health
from shared.web.problems import Unavailable
from shared.web.static import PREFIX


class Gate:
    """Refuses requests while ``health.closed`` says why; an ASGI middleware inside the problems.

    How the service is may always be asked, and what its pages are drawn with is always there.
    """

    def __init__(self, app: ASGIApp, *, health: Health) -> None:
        self._app = app
        self._health = health

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on.

        Raises:
            Unavailable: while the service is not open.

        """
        if self._health.closed and scope["type"] == "http" and not _always_open(scope["path"]):
            raise Unavailable(code="starting")
        await self._app(scope, receive, send)


def _always_open(path: str) -> bool:
    return path in HEALTH_PATHS or path.startswith(PREFIX)
