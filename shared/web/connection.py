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
LOOK_SECONDS: Final = 2.0
_TOO_SLOW: Final = b"HTTP/1.1 408 Request Timeout\r\n"
_TOO_LARGE: Final = b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
_END: Final = b"content-length: 0\r\nconnection: close\r\n\r\n"


class Connection(HttpToolsProtocol):
    """One client's connection; for ``uvicorn.Config(http=…)``."""

    _waiting_since: float | None
    _head_bytes: int
    _look_again: asyncio.TimerHandle

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Wait for the first request, and look from time to time whether it comes."""
        super().connection_made(transport)
        self._head_bytes = 0
        self._waiting_since = self.loop.time()
        self._look_again = self.loop.call_later(LOOK_SECONDS, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """Look no more."""
        self._look_again.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what comes, unless a head does not end."""
        super().data_received(data)
        if self._waiting_since is not None:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES:
                self._refuse(_TOO_LARGE)

    def on_headers_complete(self) -> None:
        """Begin to work on a request."""
        self._waiting_since = None
        self._head_bytes = 0
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        """Wait for the next request, if it is not there already."""
        if not self.pipeline:
            self._waiting_since = self.loop.time()
        super().on_response_complete()

    def _look(self) -> None:
        if self._waiting_since is not None and self.loop.time() - self._waiting_since > HEAD_SECONDS:
            self._refuse(_TOO_SLOW)
        else:
            self._look_again = self.loop.call_later(LOOK_SECONDS, self._look)

    def _refuse(self, status: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(status + _END)
            self.transport.close()
