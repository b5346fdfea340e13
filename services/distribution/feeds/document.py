"""The feed document: head, rendered events and tail, prepared as HTTP responses. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from services.distribution.feeds.feed_index import FeedIndex
from services.distribution.feeds.gzip_chunks import (
    compress,
    compress_constant,
    compute_etag,
    compute_gzip_length,
    interleave,
    join_gzip,
)
from services.distribution.feeds.responses import Header, Representation
from shared.web.http.last_modified import LastModified


class FeedDocument:
    """A finished feed, ``plain`` and ``gzipped``; ETag and lengths are known before a body is joined."""

    def __init__(
        self,
        index: FeedIndex,
        *,
        head: bytes,
        separator: bytes,
        tail: bytes,
        headers: Iterable[Header],
        version: LastModified,
    ) -> None:
        groups = index.document_groups
        self._events, self._head, self._separator, self._tail = index.events, head, separator, tail
        joint = compress_constant(separator) if separator else None
        self._pieces = [compress(head), *interleave(groups, joint), compress_constant(tail, last=True)]
        etag, length = compute_etag(head, groups), sum(piece.length for piece in self._pieces)
        self.plain = Representation(
            self._join_plain, length=length, etag=etag, coding=None, version=version, headers=headers
        )
        length = compute_gzip_length(self._pieces)
        self.gzipped = Representation(
            self._join_gzip, length=length, etag=etag, coding="gzip", version=version, headers=headers
        )

    def _join_plain(self) -> bytes:
        return b"".join([self._head, self._separator.join([event.body for event in self._events]), self._tail])

    def _join_gzip(self) -> bytes:
        return join_gzip(self._pieces)
