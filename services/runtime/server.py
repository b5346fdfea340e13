"""Server process: uvicorn with a bounded graceful shutdown.

After SIGTERM the process exits within :data:`SHUTDOWN_SECONDS`, also during an outage: requests in flight get
:data:`GRACE_SECONDS`, background tasks three seconds, then log and database are closed. The exit code is 0 after
SIGTERM, else 1.
"""

from __future__ import annotations

import asyncio
import gc
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
from services.errors import describe_error
from shared.observability.tracing import configure_tracing
from shared.settings import CommonSettings
from shared.web.middleware.connection import Connection

# What is still running when everything is closed gets so long to end.
LEFT_OVER_SECONDS: Final = 0.5
# A database call takes no longer.
GRACE_SECONDS: Final = 3
# Nothing is lost by an exit at once, and it precedes a supervisor's SIGKILL.
SHUTDOWN_SECONDS: Final = 9.5
BACKLOG: Final = 2048
# Longer than that of proxies (nginx and ingresses based on it: 60 s), so that a request never meets a connection that
# is being closed; a proxy must not retry a POST, and would answer 502.
KEEP_ALIVE_SECONDS: Final = 75
_log = structlog.get_logger("kalendarium")


@runtime_checkable
class Front(Protocol):
    """An application that answers some requests itself and forwards the others to an inner application."""

    # Only the inner one needs the client's address: to determine it takes as long as a cached response.

    def wrap_behind(self, wrap: Callable[[ASGIApp], ASGIApp]) -> None:
        """Called once, before the first request."""


def create_server(app: ASGIApp, settings: CommonSettings, *, name: str, alone: bool = False) -> uvicorn.Server:
    """``alone``: nothing else runs in the process. Raises StartError (the port is taken), SettingsBroken."""
    require_free(settings.port, name)
    close_traces = configure_tracing(os.environ, service=f"kalendarium-{name}" if name.islower() else name.lower())
    config = uvicorn.Config(
        _LifespanErrors(_trust_proxies(app, settings.forwarded_allow_ips)),
        host=settings.host,
        port=settings.port,
        http=Connection,
        ws="none",
        interface="asgi3",
        loop="uvloop",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # uvicorn would wrap the front as well
        timeout_graceful_shutdown=GRACE_SECONDS,
        backlog=BACKLOG,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
    )
    return _Server(config, close_traces, alone=alone)


def _trust_proxies(app: ASGIApp, proxies: str) -> ASGIApp:
    # Of a front only the inner application is wrapped.
    wrap = partial(_add_proxy_headers, proxies=proxies)
    if not isinstance(app, Front):
        return wrap(app)
    app.wrap_behind(wrap)
    return app


def _add_proxy_headers(app: ASGIApp, *, proxies: str) -> ASGIApp:
    return ProxyHeadersMiddleware(app, trusted_hosts=proxies)  # type: ignore[arg-type, return-value]


class _Server(uvicorn.Server):
    """Exits in time, with an exit code that says whether it was asked to."""

    def __init__(self, config: uvicorn.Config, close_traces: Callable[[], None], *, alone: bool) -> None:
        super().__init__(config)
        self._close_traces = close_traces
        self._alone = alone
        self._owns_loop = False

    async def startup(self, sockets: list[socket] | None = None) -> None:
        await super().startup(sockets)
        if self._alone:
            # No longer searched for garbage: that takes 50 ms for 200,000 objects, in which no request is answered.
            gc.collect()
            gc.freeze()

    def run(self, sockets: list[socket] | None = None) -> None:
        # uvicorn raises the signal again after the shutdown; without a handler the process would exit as if killed.
        signal.signal(signal.SIGTERM, lambda *_: None)
        self._owns_loop = True
        try:
            super().run(sockets)
        finally:
            self._close_traces()
        if self.started and self.lifespan.should_exit:
            sys.exit(1)

    async def serve(self, sockets: list[socket] | None = None) -> None:
        await super().serve(sockets)
        if not self._owns_loop:
            return
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for each in others:
            each.cancel()
        if others and (await asyncio.wait(others, timeout=LEFT_OVER_SECONDS))[1]:
            # Everything is closed. Tasks of the database driver that were cancelled while they waited for a server can
            # wait for its lock for ever, and the loop would wait for them.
            self._close_traces()
            sys.stdout.flush()
            os._exit(1 if self.started and self.lifespan.should_exit else 0)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        # The timer ends a shutdown that hangs.
        if not self.should_exit:
            last_resort = threading.Timer(SHUTDOWN_SECONDS, _exit_process)
            last_resort.daemon = True
            last_resort.start()
        super().handle_exit(sig, frame)


def _exit_process() -> None:
    _log.error("shutdown_timeout", seconds=SHUTDOWN_SECONDS)
    os._exit(1)


class _LifespanErrors:
    """Middleware that reports a failed lifespan in one line, where the error explains itself."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        # The inner coroutine itself is returned: one of our own would be resumed for each message.
        return (self._run_lifespan if scope["type"] == "lifespan" else self._app)(scope, receive, send)

    async def _run_lifespan(self, scope: Scope, receive: Receive, send: Send) -> None:
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
                said = str(error) if getattr(error, "says_all", False) else describe_error(error)
                await send({**failed, "message": said or failed["message"]})
            raise
