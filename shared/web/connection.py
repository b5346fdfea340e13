"""A connection that cannot be held for ever: uvicorn's, with limits on the head of a request, which it has none for.

Bodies have theirs in :mod:`shared.web.limits`, where they can be answered in our words.

Whether a client is waited for is read from uvicorn's own state when it is asked, not kept beside it: a request that
comes in one piece costs one comparison more than uvicorn's own.
"""

from __future__ import annotations

import asyncio
from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

HEAD_SECONDS: Final = 10.0
"""How long a head may take, from the connection or, after an answer, from its first byte: till then a client idles."""
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
    """One client's connection; for ``uvicorn.Config(http=…)``.

    ``cycle`` is uvicorn's: the request whose head was read last. Once it is answered (or before there is any) the
    client owes something: the rest of the body while ``cycle.more_body``, else the rest of a head that it began. While
    uvicorn's own keep-alive timer runs, none was begun.
    """

    cycle: RequestResponseCycle | None  # type: ignore[assignment]  # as it is until a head was read
    _since: RequestResponseCycle | None
    """The request since whose answer was counted what follows."""
    _bytes: int
    _looks: int
    _look_again: asyncio.TimerHandle

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Wait for the first request, and look from time to time whether it comes."""
        super().connection_made(transport)
        self._count_from(None)
        self._look_again = self.loop.call_later(LOOK_SECONDS, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """Look no more."""
        self._look_again.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what comes, unless a head does not end, or a body that is answered already."""
        cycle = self.cycle
        more_body = cycle is not None and cycle.more_body
        super().data_received(data)
        if self.cycle is cycle:
            self._take(cycle, len(data), in_body=more_body)

    def on_message_complete(self) -> None:
        """Note the end of a body as uvicorn does, but also of one that is answered already: the next head is due."""
        if self.cycle is not None and not (self.parser.should_upgrade() and self._should_upgrade()):
            self.cycle.more_body = False
            self.cycle.message_event.set()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is not HTTP; in the rest of a body there is nothing left to answer."""
        if self.cycle is not None and self.cycle.response_complete and self.cycle.more_body:
            self.transport.close()
        else:
            super().send_400_response(msg)

    def _take(self, cycle: RequestResponseCycle | None, size: int, *, in_body: bool) -> None:
        """Count a piece that ended no head."""
        if cycle is not None and not cycle.response_complete:
            return
        if cycle is not self._since:
            self._count_from(cycle)
        if in_body and cycle is not None and not cycle.more_body:
            self._count_from(cycle)  # what ends a body, and what comes with it, is not counted as a head
            return
        self._bytes += size
        if in_body and self._bytes > REST_BYTES:
            self.transport.close()
        elif not in_body and self._bytes > HEAD_BYTES:
            self._refuse(_TOO_LARGE)

    def _count_from(self, cycle: RequestResponseCycle | None) -> None:
        self._since = cycle
        self._bytes = self._looks = 0

    def _look(self) -> None:
        cycle = self.cycle
        if cycle is not self._since:
            self._count_from(cycle)
        idles = self.timeout_keep_alive_task is not None
        is_due = cycle is None or (cycle.response_complete and (cycle.more_body or not idles))
        self._looks = self._looks + 1 if is_due else 0
        looked = self._looks * LOOK_SECONDS
        if cycle is not None and cycle.more_body and looked > REST_SECONDS:
            self.transport.close()
        elif (cycle is None or not cycle.more_body) and looked > HEAD_SECONDS:
            self._refuse(_TOO_SLOW)
        else:
            self._look_again = self.loop.call_later(LOOK_SECONDS, self._look)

    def _refuse(self, status: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(status + _END)
            self.transport.close()
