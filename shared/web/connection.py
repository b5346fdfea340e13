"""A connection that cannot be held for ever: uvicorn's, with limits on the head of a request, which it has none for.

Bodies have theirs in :mod:`shared.web.limits`, where they can be answered in our words.
"""

from __future__ import annotations

import asyncio
from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_SECONDS: Final = 10.0
"""How long a head may take, from the connection or the answer before it; one that idles is let go by uvicorn sooner."""
HEAD_BYTES: Final = 65_536
"""More than the application takes, so that it can refuse in its own words what is only somewhat too large."""
REST_SECONDS: Final = 10.0
"""How long the rest of a body may take that was answered before it was read."""
REST_BYTES: Final = 8_000_000
"""How much of it is read, so that the client sees the answer and not that the connection broke."""
LOOK_SECONDS: Final = 2.0
"""Time is counted in looks: while the process stands still, nobody is looking, and no client is made to pay for it."""
_TOO_SLOW: Final = b"HTTP/1.1 408 Request Timeout\r\n"
_TOO_LARGE: Final = b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
_END: Final = b"content-length: 0\r\nconnection: close\r\n\r\n"


class Connection(HttpToolsProtocol):
    """One client's connection; for ``uvicorn.Config(http=…)``."""

    _waiting_since: float | None
    _head_bytes: int
    _is_read: bool
    _rest_since: float | None
    _rest_bytes: int
    _look_again: asyncio.TimerHandle
    _looks: int

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Wait for the first request, and look from time to time whether it comes."""
        super().connection_made(transport)
        self._is_read = True
        self._rest_since = None
        self._wait()
        self._look_again = self.loop.call_later(LOOK_SECONDS, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """Look no more."""
        self._look_again.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what comes, unless a head does not end, or a body that is answered already."""
        waiting_since, rest_since = self._waiting_since, self._rest_since
        super().data_received(data)
        # What ends a body, and what comes with it, is not counted as a head.
        if waiting_since is not None and self._waiting_since == waiting_since:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES:
                self._refuse(_TOO_LARGE)
        if rest_since is not None and self._rest_since == rest_since:
            self._rest_bytes += len(data)
            if self._rest_bytes > REST_BYTES:
                self.transport.close()

    def on_headers_complete(self) -> None:
        """Begin to work on a request."""
        self._waiting_since = None
        self._is_read = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Wait for the next request if this one was answered before its body was read."""
        super().on_message_complete()
        self._is_read = True
        if self._rest_since is not None:
            self._rest_since = None
            self._wait()

    def on_response_complete(self) -> None:
        """Wait for the next request, if it is not there already, or first for the rest of this one."""
        if self._is_read and not self.pipeline:
            self._wait()
        elif not self.pipeline:
            self._rest_since = self.loop.time()
            self._rest_bytes = self._looks = 0
        super().on_response_complete()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is not HTTP; in the rest of a body there is nothing left to answer."""
        if self._rest_since is None:
            super().send_400_response(msg)
        else:
            self.transport.close()

    def _wait(self) -> None:
        self._waiting_since = self.loop.time()
        self._head_bytes = self._looks = 0

    def _look(self) -> None:
        self._looks += 1
        looked = self._looks * LOOK_SECONDS
        if self._waiting_since is not None and looked > HEAD_SECONDS:
            self._refuse(_TOO_SLOW)
        elif self._rest_since is not None and looked > REST_SECONDS:
            self.transport.close()
        else:
            self._look_again = self.loop.call_later(LOOK_SECONDS, self._look)

    def _refuse(self, status: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(status + _END)
            self.transport.close()
