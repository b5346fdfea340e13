"""Runs a service as a process: one uvicorn server with settings made for feeds and small machines."""

from __future__ import annotations

from typing import Final

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from deploy.local.ports import require_free
from services.failures import in_one_line
from shared.settings import CommonSettings

GRACE_SECONDS: Final = 5
"""How long requests in hand may take after SIGTERM; closing log and database comes on top, 10 s in all."""
WAITING_CONNECTIONS: Final = 2048


def server(app: ASGIApp, settings: CommonSettings, *, name: str) -> uvicorn.Server:
    """Make a server for an application.

    Only a proxy named in ``KAL_FORWARDED_ALLOW_IPS`` may say from where a request came.

    Raises:
        CannotStart: if the port is taken; the text says so in one line.

    """
    require_free(settings.port, name)
    config = uvicorn.Config(
        _Starting(app),
        host=settings.host,
        port=settings.port,
        http="httptools",
        loop="uvloop",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        forwarded_allow_ips=settings.forwarded_allow_ips,
        timeout_graceful_shutdown=GRACE_SECONDS,
        backlog=WAITING_CONNECTIONS,
    )
    return uvicorn.Server(config)


class _Starting:
    """An application whose start, where it fails for a reason outside of it, is told in a line instead of a trace."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            await self._app(scope, receive, send)
            return
        failed: Message | None = None

        async def note(message: Message) -> None:
            nonlocal failed
            if message["type"] == "lifespan.startup.failed":
                failed = message
            else:
                await send(message)

        try:
            await self._app(scope, receive, note)
        except Exception as error:
            if failed is not None:
                await send({**failed, "message": in_one_line(error) or failed["message"]})
            raise
