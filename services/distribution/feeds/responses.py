"""Prepared HTTP responses of a feed: ASGI messages for 200 and 304, and the choice between them (RFC 9110). Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from shared.web.http.last_modified import LastModified, format_date, parse_date
from shared.web.http.negotiation import match_etag
from shared.web.middleware.cors import EXPOSED

Header = tuple[bytes, bytes]
AsgiMessage = dict[str, Any]

CACHE_CONTROL: Final = b"public, max-age=300, stale-while-revalidate=600, stale-if-error=86400"
NO_BODY: Final[AsgiMessage] = {"type": "http.response.body", "body": b""}


class Representation:
    """A feed in one content coding: ``start`` and ``content`` are the messages of a 200, ``unchanged`` starts a 304."""

    # ``content`` is None until a body is needed; 304 and HEAD never need it. ``etag`` is given without quotes.

    __slots__ = ("_join", "_own", "content", "etag", "start", "unchanged", "version")

    def __init__(
        self,
        join: Callable[[], bytes],
        *,
        length: int,
        etag: str,
        coding: str | None,
        version: LastModified,
        headers: Iterable[Header],
    ) -> None:
        self.etag = f'"{etag}-gz"'.encode() if coding else f'"{etag}"'.encode()
        self.content: AsgiMessage | None = None
        self._join = join
        self._own = [*headers, (b"content-length", str(length).encode())]
        if coding:
            self._own.append((b"content-encoding", coding.encode()))
        self.set_date(version)

    @property
    def size(self) -> int:
        return len(self.content["body"]) if self.content else 0

    def join_body(self) -> AsgiMessage:
        if self.content is None:
            self.content = {"type": "http.response.body", "body": self._join()}
        return self.content

    def set_date(self, version: LastModified) -> None:
        self.version = version
        always = [
            (b"etag", self.etag),
            (b"cache-control", CACHE_CONTROL),
            (b"vary", b"accept-encoding"),
            (b"last-modified", format_date(version.sent)),
            *EXPOSED,
        ]
        self.start: AsgiMessage = {"type": "http.response.start", "status": 200, "headers": self._own + always}
        self.unchanged: AsgiMessage = {"type": "http.response.start", "status": 304, "headers": always}

    def is_unchanged(self, if_none_match: bytes | None, if_modified_since: bytes | None) -> bool:
        """RFC 9110, section 13.2.2: ``If-None-Match`` wins; a date counts only alone."""
        if if_none_match is not None:
            return if_none_match == self.etag or match_etag(if_none_match, self.etag)
        since = None if if_modified_since is None else parse_date(if_modified_since)
        return since is not None and self.version.is_held(since)


def add_header(start: AsgiMessage, header: Header) -> AsgiMessage:
    return {**start, "headers": [*start["headers"], header]}
