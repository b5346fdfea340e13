"""Runs a service as a process: one uvicorn server with settings made for feeds and small machines.

Asked to end (SIGTERM), the process ends within :data:`END_SECONDS`, whatever is away: requests in hand get
:data:`GRACE_SECONDS`, then what runs beside them three more, then log and database are closed. Its exit code is 0 if it
was asked to end, else 1.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable
from functools import partial
from socket import socket
from types import FrameType
from typing import Final, Protocol, runtime_checkable

import structlog
import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from deploy.local.ports import require_free
from services.failures import in_one_line
from shared.settings import CommonSettings
from shared.spans import open_traces
from shared.web.connection import Connection

GRACE_SECONDS: Final = 3
"""How long requests in hand may take after SIGTERM; a call to the database takes no longer."""
END_SECONDS: Final = 9.5
"""After so long the process is cut off: nothing is lost by that, and a supervisor's patience is not tried."""
WAITING_CONNECTIONS: Final = 2048
KEEP_SECONDS: Final = 75
"""How long a connection may idle: longer than proxies keep theirs (nginx, and ingresses made of it, 60 s), so that no
request meets one that is just being closed; a proxy must not repeat a POST, and would answer 502."""
_log = structlog.get_logger("kalendarium")


@runtime_checkable
class Front(Protocol):
    """An application that answers some requests the same wherever they come from, and hands on the rest.

    The rest is told from where a request came; the front does without, since finding that out takes as long as an
    answer that is ready.
    """

    def wrap_behind(self, wrap: Callable[[ASGIApp], ASGIApp]) -> None:
        """Wrap everything that stands behind the front; asked once, before the first request."""


def server(app: ASGIApp, settings: CommonSettings, *, name: str) -> uvicorn.Server:
    """Make a server for an application.

    Only a proxy named in ``KAL_FORWARDED_ALLOW_IPS`` may say from where a request came. Of a :class:`Front`, what
    stands behind it is told so.

    Raises:
        CannotStart: if the port is taken; the text says so in one line.
        SettingsBroken: if OTEL_TRACES_EXPORTER names a way out that is not built in.

    """
    require_free(settings.port, name)
    close_traces = open_traces(os.environ, service=f"kalendarium-{name}" if name.islower() else name.lower())
    config = uvicorn.Config(
        _Told(_told_origins(app, settings.forwarded_allow_ips)),
        host=settings.host,
        port=settings.port,
        http=Connection,
        interface="asgi3",
        loop="uvloop",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # uvicorn would wrap the front as well
        timeout_graceful_shutdown=GRACE_SECONDS,
        backlog=WAITING_CONNECTIONS,
        timeout_keep_alive=KEEP_SECONDS,
    )
    return _Server(config, close_traces)


def _told_origins(app: ASGIApp, proxies: str) -> ASGIApp:
    """Let an application know what a trusted proxy says of a request's origin; a front only what is behind it."""
    wrap = partial(_wrapped, proxies=proxies)
    if not isinstance(app, Front):
        return wrap(app)
    app.wrap_behind(wrap)
    return app


def _wrapped(app: ASGIApp, *, proxies: str) -> ASGIApp:
    return ProxyHeadersMiddleware(app, trusted_hosts=proxies)  # type: ignore[arg-type, return-value]


class _Server(uvicorn.Server):
    """A server whose process ends in time, and tells by its exit code whether it was asked to."""

    def __init__(self, config: uvicorn.Config, close_traces: Callable[[], None]) -> None:
        super().__init__(config)
        self._close_traces = close_traces

    def run(self, sockets: list[socket] | None = None) -> None:
        """Serve until the process is asked to end, or has to."""
        # The server raises the signal again once all is closed; without a handler that would end us as if killed.
        signal.signal(signal.SIGTERM, lambda *_: None)
        try:
            super().run(sockets)
        finally:
            self._close_traces()
        if self.started and self.lifespan.should_exit:
            sys.exit(1)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to end, and see to it that the end comes."""
        if not self.should_exit:
            last_resort = threading.Timer(END_SECONDS, _cut_off)
            last_resort.daemon = True
            last_resort.start()
        super().handle_exit(sig, frame)


def _cut_off() -> None:
    _log.error("did not end in time and is cut off", seconds=END_SECONDS)
    os._exit(1)


class _Told:
    """An application that tells in a line, instead of a trace, why it did not start or had to end."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Hand a request on as it is: a coroutine of our own would be resumed for each of its messages."""
        return (self._live if scope["type"] == "lifespan" else self._app)(scope, receive, send)

    async def _live(self, scope: Scope, receive: Receive, send: Send) -> None:
        failed: Message | None = None

        async def note(message: Message) -> None:
            nonlocal failed
            if message["type"].endswith(".failed"):
                failed = message
            else:
                await send(message)

        try:
            await self._app(scope, receive, note)
        except Exception as error:
            if failed is not None:
                said = str(error) if getattr(error, "says_all", False) else in_one_line(error)
                await send({**failed, "message": said or failed["message"]})
            raise
