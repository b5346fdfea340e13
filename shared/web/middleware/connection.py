"""A uvicorn connection with limits on size and time of request heads, which uvicorn lacks.

Bodies are limited in :mod:`shared.web.middleware.request_limits`, where problems can be answered. State is read from
uvicorn when needed instead of being tracked: a request in one piece costs few comparisons more.

What was read is parsed in small pieces, each of which ends at most one head. So at most :data:`MAX_PIPELINED` requests
are queued, however many come in one read; the rest stays bytes, and reading pauses.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, cast

import httptools
from starlette.types import Scope
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from shared.media.model import MAX_UPLOAD
from shared.web.middleware.request_limits import UPLOAD_SECONDS, is_upload

HEAD_SECONDS: Final = 10.0
"""How long a head may take, from the connection or, after an answer, from its first byte: till then a client idles."""
HEAD_BYTES: Final = 65_536
"""More than the application takes, so that it can refuse in its own words what is only somewhat too large."""
HEAD_FIELDS: Final = 200
"""Headers in a head, and likewise fields in a trailer; more than the application takes, too."""
FRAMING_BYTES: Final = 65_536
"""In a chunked body, from the bytes of one chunk to those of the next or to the end: lengths, extensions, trailers."""
REST_SECONDS: Final = 10.0
"""How long the rest of a body may take that was answered before it was read."""
REST_BYTES: Final = 8_000_000
"""How much of it is read, so that the client sees the answer and not that the connection broke."""
UPLOAD_REST_BYTES: Final = MAX_UPLOAD + REST_BYTES
"""The same of an upload, which may be refused before it is read, such as while others are."""
MAX_PIPELINED: Final = 16
"""Requests that wait on one connection for the answers before theirs (RFC 9112 section 9.3.2)."""
PIECE_BYTES: Final = 4_096
"""Bytes that are parsed at once; headers and fields are counted after each piece."""
PIECES_PER_TURN: Final = 256
"""So many pieces of one read are parsed before the event loop gets a turn."""
CHECK_SECONDS: Final = 2.0
"""Time is counted in looks: while the process stands still, nobody is looking, and no client is made to pay for it."""
_INVALID: Final = b"HTTP/1.1 400 Bad Request\r\n"
_TOO_SLOW: Final = b"HTTP/1.1 408 Request Timeout\r\n"
_TOO_LARGE: Final = b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
_END: Final = b"content-length: 0\r\nconnection: close\r\n\r\n"
_END_OF_HEAD: Final = b"\r\n\r\n"


class _Refused(Exception):
    """Stops the parser."""


class _HeldFlow(FlowControl):
    """Flow control that resumes no reading while something that was read is still to be parsed.

    ``parse`` is called when reading would be resumed, unless it were held.
    """

    def __init__(self, transport: asyncio.Transport, parse: Callable[[], object]) -> None:
        super().__init__(transport)
        self._parse = parse
        self._is_held = self._is_paused = False

    def hold(self) -> None:
        """Read nothing more until :meth:`release`."""
        if not self._is_held:
            self._is_held, self._is_paused = True, self.read_paused
            super().pause_reading()

    def release(self) -> None:
        """Read on, unless reading was paused for another reason."""
        if self._is_held:
            self._is_held = False
            if not self._is_paused:
                super().resume_reading()

    def pause_reading(self) -> None:
        """Pause it for uvicorn's reasons."""
        self._is_paused = True
        super().pause_reading()

    def resume_reading(self) -> None:
        """Resume it unless it is held."""
        if self.read_paused:
            self._is_paused = False
            if self._is_held:
                self._parse()
            else:
                super().resume_reading()


class Connection(HttpToolsProtocol):
    """One client's connection; for ``uvicorn.Config(http=…)``."""

    # ``cycle`` is uvicorn's: the request whose head was read last. Once it is answered, the client owes the rest of the
    # body while ``cycle.more_body``, else the rest of a head it began. While uvicorn's keep-alive timer runs, none was
    # begun.

    head_seconds = HEAD_SECONDS
    rest_seconds = REST_SECONDS
    upload_seconds = UPLOAD_SECONDS
    check_seconds = CHECK_SECONDS
    cycle: RequestResponseCycle | None  # type: ignore[assignment]  # as it is until a head was read
    flow: _HeldFlow
    _since: RequestResponseCycle | None
    """The request since whose answer was counted what follows."""
    _bytes: int
    _framing: int
    """Bytes of a body since the last that belong to its content."""
    _checks: int
    _next_check: asyncio.TimerHandle
    _unread: bytes = b""
    """What was read and, from ``_position`` on, is still to be parsed."""
    _position: int = 0
    _is_refused: bool = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self.flow = _HeldFlow(transport, self._parse_soon)
        self._reset_counters(None)
        self._next_check = self.loop.call_later(self.check_seconds, self._check_time)

    def connection_lost(self, exc: Exception | None) -> None:
        self._next_check.cancel()
        self._unread = b""
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse what comes: at once if it is one head and nothing else, else in pieces."""
        size = len(data)
        if self._unread or self.pipeline or size > PIECE_BYTES or data.find(_END_OF_HEAD) != size - len(_END_OF_HEAD):
            self._unread, self._position = self._unread[self._position :] + data, 0
            self._feed_unread()
        else:
            self._unset_keepalive_if_required()
            self._feed(data)

    def on_headers_complete(self) -> None:
        """Begin the request; fields that come after its body are no headers (RFC 9110 section 6.5.1)."""
        super().on_headers_complete()
        if self.cycle is not None and self.cycle.scope is self.scope:
            self.headers = []

    def on_body(self, body: bytes) -> None:
        """Note that the content of a body came."""
        self._framing = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Note the end of a body as uvicorn does, but also of one that is answered already: the next head is due."""
        self._framing = 0
        if self.cycle is not None:
            self.cycle.more_body = False
            self.cycle.message_event.set()

    def _should_upgrade(self) -> bool:
        """Begin no request of a head that asks for another protocol, which :meth:`_feed_without_upgrade` does.

        Raises:
            _Refused: if it asks to be connected to somebody else.

        """
        if self.parser.get_method() == b"CONNECT":
            raise _Refused
        return True

    def _parse_soon(self) -> None:
        self.loop.call_soon(self._feed_unread)

    def _feed_unread(self) -> None:
        """Parse what was read, up to as many requests as may wait; the event loop has a turn now and then."""
        if not self._unread:
            return
        self._unset_keepalive_if_required()
        for _ in range(PIECES_PER_TURN):
            if self._position >= len(self._unread) or len(self.pipeline) >= MAX_PIPELINED:
                break
            limit = self._position + PIECE_BYTES
            found = self._unread.find(_END_OF_HEAD, self._position, limit)
            end = found + len(_END_OF_HEAD) if found >= 0 else min(limit, len(self._unread))
            piece, self._position = self._unread[self._position : end], end
            self._feed(piece)
            if self._is_refused or self.transport.is_closing():
                self._unread = b""
                return
        if self._position >= len(self._unread):
            self._unread = b""
            self.flow.release()
            return
        self.flow.hold()
        if len(self.pipeline) < MAX_PIPELINED:
            self._parse_soon()

    def _feed(self, piece: bytes) -> None:
        """Parse a piece, unless a head does not end, or a body that is answered already."""
        cycle = self.cycle
        in_body = cycle is not None and cycle.more_body
        if in_body:
            self._framing += len(piece)
        try:
            self.parser.feed_data(piece)
        except httptools.HttpParserUpgrade as upgrade:
            self._feed_without_upgrade(piece[upgrade.args[0] :])
        except httptools.HttpParserError:
            self.logger.warning("Invalid HTTP request received.")
            self._refuse(_INVALID)
        else:
            if self.cycle is cycle:
                self._count_piece(cycle, len(piece), in_body=in_body)

    def _feed_without_upgrade(self, rest: bytes) -> None:
        """Parse a head again without its wish for another protocol, which a server may ignore (RFC 9110 section 7.8).

        The parser takes what follows such a head for that protocol's, though it may be a body.
        """
        fields = [name + b": " + value for name, value in self.headers if name != b"upgrade"]
        line = self.parser.get_method() + b" " + self.url + b" HTTP/" + self.parser.get_http_version().encode()
        self.parser = httptools.HttpRequestParser(self)
        self._feed(b"\r\n".join([line, *fields, b"", b""]))
        if rest and not self._is_refused:
            self._feed(rest)

    def _count_piece(self, cycle: RequestResponseCycle | None, size: int, *, in_body: bool) -> None:
        """Count a piece that ended no head."""
        if cycle is not self._since:
            self._reset_counters(cycle)
        if in_body and cycle is not None:
            self._count_body_piece(cycle, size)
            return
        self._bytes += size
        if self._bytes > HEAD_BYTES or self._has_many_fields():
            self._refuse(_TOO_LARGE)

    def _count_body_piece(self, cycle: RequestResponseCycle, size: int) -> None:
        """Count a piece of a body."""
        if not cycle.more_body:
            self._reset_counters(cycle)  # what ends a body, and what comes with it, is not counted as a head
        elif self._framing > FRAMING_BYTES or self._has_many_fields():
            self._refuse(_TOO_LARGE)
        elif cycle.response_complete:
            self._bytes += size
            if self._bytes > (UPLOAD_REST_BYTES if _is_upload(cycle) else REST_BYTES):
                self.transport.close()

    def _has_many_fields(self) -> bool:
        return self.headers is not None and len(self.headers) > HEAD_FIELDS

    def _reset_counters(self, cycle: RequestResponseCycle | None) -> None:
        self._since = cycle
        self._bytes = self._framing = self._checks = 0

    def _check_time(self) -> None:
        cycle = self.cycle
        if cycle is not self._since:
            self._reset_counters(cycle)
        idles = self.timeout_keep_alive_task is not None
        is_due = cycle is None or (cycle.response_complete and (cycle.more_body or not idles))
        self._checks = self._checks + 1 if is_due else 0
        looked = self._checks * self.check_seconds
        if cycle is not None and cycle.more_body and looked > self._get_rest_seconds(cycle):
            self.transport.close()
        elif (cycle is None or not cycle.more_body) and looked > self.head_seconds:
            self._refuse(_TOO_SLOW)
        else:
            self._next_check = self.loop.call_later(self.check_seconds, self._check_time)

    def _get_rest_seconds(self, cycle: RequestResponseCycle) -> float:
        return self.upload_seconds if _is_upload(cycle) else self.rest_seconds

    def _refuse(self, status: bytes) -> None:
        """Answer that nothing more is taken from here, after the answers to what came before."""
        self._is_refused = True
        if self.transport.is_closing():
            return
        cycle = self.cycle
        is_answered = cycle is None or cycle.response_complete
        if cycle is not None and cycle.more_body and (is_answered or cycle.response_started or self.pipeline):
            self.transport.close()  # it is the rest of a body: there is nothing left to answer, or something before it
        elif cycle is not None and not cycle.more_body and not is_answered:
            cycle.keep_alive = False  # it is the head of another: the answer before it ends the connection
            self.flow.hold()
        else:
            self.transport.write(status + _END)
            self.transport.close()


def _is_upload(cycle: RequestResponseCycle) -> bool:
    return is_upload(cast("Scope", cycle.scope))
