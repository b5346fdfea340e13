"""The answers of a feed, prepared: ASGI messages for 200 and 304, and which of the two a request gets (RFC 9110).

Pure, and written for speed: a warm feed costs a few comparisons a request.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from copy import copy
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import lru_cache
from typing import Any, Final

Header = tuple[bytes, bytes]
AsgiMessage = dict[str, Any]

CACHE_CONTROL: Final = b"public, max-age=300, stale-while-revalidate=600, stale-if-error=86400"
NO_BODY: Final[AsgiMessage] = {"type": "http.response.body", "body": b""}
_TAG = re.compile(rb'\s*(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")\s*(?:,|$)')


class Representation:
    """A feed in one content coding, with everything that is sent for it.

    ``start`` and ``content`` are the two messages of a 200, ``unchanged`` is the start of a 304. ``content`` is None
    until somebody wants the body (:meth:`joined`): who asks whether it changed, or how long it is, does not.
    """

    __slots__ = ("_join", "_own", "changed", "content", "etag", "start", "unchanged")

    def __init__(
        self,
        join: Callable[[], bytes],
        *,
        length: int,
        etag: str,
        coding: str | None,
        changed: int,
        headers: Iterable[Header],
    ) -> None:
        """Prepare the answers.

        Args:
            join: makes the body.
            length: that of the body, in bytes.
            etag: the feed's tag, without quotes; a coded body gets its own.
            coding: the content coding, ``gzip``, or None.
            changed: when the programme last changed, in microseconds since 1970; 0 if never.
            headers: those that only a 200 has, such as its content type.

        """
        self.etag = f'"{etag}-gz"'.encode() if coding else f'"{etag}"'.encode()
        self.content: AsgiMessage | None = None
        self._join = join
        self._own = [*headers, (b"content-length", str(length).encode())]
        if coding:
            self._own.append((b"content-encoding", coding.encode()))
        self.stamp(changed)

    @property
    def weight(self) -> int:
        """How many bytes it keeps, about."""
        return len(self.content["body"]) if self.content else 0

    def joined(self) -> AsgiMessage:
        """Give the message with the body."""
        if self.content is None:
            self.content = {"type": "http.response.body", "body": self._join()}
        return self.content

    def stamped(self, changed: int) -> Representation:
        """Give the same with another Last-Modified."""
        other = copy(self)
        other.stamp(changed)
        return other

    def stamp(self, changed: int) -> None:
        """Prepare the messages for a Last-Modified, in microseconds since 1970."""
        always = [(b"etag", self.etag), (b"cache-control", CACHE_CONTROL), (b"vary", b"accept-encoding")]
        self.changed = changed // 1_000_000
        if changed:
            always.append((b"last-modified", _http_date(self.changed)))
        self.start: AsgiMessage = {"type": "http.response.start", "status": 200, "headers": self._own + always}
        self.unchanged: AsgiMessage = {"type": "http.response.start", "status": 304, "headers": always}

    def is_unchanged(self, if_none_match: bytes | None, if_modified_since: bytes | None) -> bool:
        """Tell whether the client already has this (RFC 9110 section 13.2.2).

        ``If-None-Match`` wins; a date counts only alone, if it is one, and if it is not older than the last change.
        """
        if if_none_match is not None:
            return if_none_match == self.etag or matches(if_none_match, self.etag)
        if if_modified_since is None or not self.changed:
            return False
        since = _seconds(if_modified_since)
        return since is not None and since >= self.changed


def saying(start: AsgiMessage, header: Header) -> AsgiMessage:
    """Give the start of an answer with one more header."""
    return {**start, "headers": [*start["headers"], header]}


def matches(if_none_match: bytes, etag: bytes) -> bool:
    """Compare weakly with a list of tags; ``*`` matches whatever there is. What is no list of tags matches nothing."""
    if if_none_match.strip() == b"*":
        return True
    found, position = [], 0
    while position < len(if_none_match):
        tag = _TAG.match(if_none_match, position)
        if tag is None:
            return False
        found.append(tag.group(1))
        position = tag.end()
    return etag in found


@lru_cache(maxsize=512)
def takes_gzip(accept_encoding: bytes) -> bool:
    """Tell whether a client prefers gzip to an uncoded body (RFC 9110 section 12.5.3): by name or by ``*``."""
    weights = {}
    for part in accept_encoding.lower().split(b","):
        name, _, parameter = part.strip().partition(b";")
        weights[name.strip()] = _weight(parameter.strip())
    gzip = weights.get(b"gzip", weights.get(b"x-gzip", weights.get(b"*", 0.0)))
    return gzip > 0 and gzip >= weights.get(b"identity", 0.0)


def _weight(parameter: bytes) -> float:
    if not parameter:
        return 1.0
    name, _, value = parameter.partition(b"=")
    try:
        weight = float(value)
    except ValueError:
        return 0.0
    return weight if name.strip() == b"q" and 0 <= weight <= 1 else 0.0


@lru_cache(maxsize=8)
def _http_date(seconds: int) -> bytes:
    return format_datetime(datetime.fromtimestamp(seconds, UTC), usegmt=True).encode()


@lru_cache(maxsize=512)
def _seconds(date: bytes) -> float | None:
    try:
        found = parsedate_to_datetime(date.decode("ascii"))
    except ValueError:
        return None
    return found.replace(tzinfo=found.tzinfo or UTC).timestamp()
