"""The feed index: the rendered events of a feed in order, and their chunks. Pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Generator, Iterator, Sequence
from itertools import pairwise

from services.distribution.feeds.gzip_chunks import (
    Chunk,
    RenderedEvent,
    compress_chunk,
    compress_constant,
    ends_chunk,
    ends_group,
    join_chunks,
)

Key = tuple[str | int, ...]
"""Where an event or a notice stands in a feed: its place in the order of the programme, or in that of news.

Both end with the event's id.
"""


class Boundaries:
    """Where an index is divided, and the finished chunks, by the key that ends them; the last one's key is None."""

    __slots__ = ("chunks", "ends")

    def __init__(self, before: Boundaries | None = None) -> None:
        self.ends: list[Key] = list(before.ends) if before else []
        self.chunks: dict[Key | None, Chunk] = dict(before.chunks) if before else {}

    def add(self, key: Key) -> None:
        insort(self.ends, key)

    def remove(self, key: Key) -> None:
        del self.ends[bisect_left(self.ends, key)]
        self.chunks.pop(key, None)

    def discard_chunk(self, key: Key) -> None:
        position = bisect_left(self.ends, key)
        self.chunks.pop(self.ends[position] if position < len(self.ends) else None, None)

    def iterate_spans(self, keys: Sequence[Key], low: int, high: int) -> Iterator[tuple[Key | None, int, int]]:
        """Iterate over the chunks between two positions: the key that ends each, its start and its end."""
        # Both positions must be boundaries; empty chunks are skipped.
        if low == high:
            return
        first = bisect_left(self.ends, keys[low])
        last = bisect_left(self.ends, keys[high - 1])
        ends: list[Key | None] = [*self.ends[first : last + 1]]
        if last == len(self.ends):
            ends.append(None)
        places = [low, *(high if end is None else bisect_right(keys, end, low, high) for end in ends)]
        yield from ((end, *span) for end, span in zip(ends, pairwise(places), strict=True) if span[0] < span[1])


class FeedIndex:
    """Immutable once compressed; the next version starts as a copy."""

    __slots__ = ("chunks", "document_groups", "events", "groups", "keys")

    def __init__(self, before: FeedIndex | None = None) -> None:
        self.keys: list[Key] = list(before.keys) if before else []
        self.events: list[RenderedEvent] = list(before.events) if before else []
        self.chunks: Boundaries = Boundaries(before.chunks if before else None)
        self.groups: Boundaries = Boundaries(before.groups if before else None)
        self.document_groups: list[Chunk] = []

    def add(self, key: Key, rendered: RenderedEvent) -> None:
        self._discard_chunks(key)
        position = bisect_left(self.keys, key)
        self.keys.insert(position, key)
        self.events.insert(position, rendered)
        for boundaries in self._list_boundaries_at(key):
            boundaries.add(key)

    def remove(self, key: Key) -> None:
        position = bisect_left(self.keys, key)
        del self.keys[position], self.events[position]
        for boundaries in self._list_boundaries_at(key):
            boundaries.remove(key)
        self._discard_chunks(key)

    def compress(self, separator: bytes) -> Iterator[None]:
        """Compress the chunks that changed and join their groups; yields after each chunk."""
        joint = compress_constant(separator) if separator else None
        self.document_groups = []
        for end, low, high in self.groups.iterate_spans(self.keys, 0, len(self.keys)):
            if end not in self.groups.chunks:
                chunks = yield from self._compress_chunks(low, high, separator)
                self.groups.chunks[end] = join_chunks(chunks, joint)
            self.document_groups.append(self.groups.chunks[end])

    @property
    def changed_at(self) -> int:
        """The last change among its events, in microseconds since 1970; 0 if it is empty."""
        return max((group.changed_at for group in self.document_groups), default=0)

    @property
    def size(self) -> int:
        return 2 * sum(len(group.deflated) for group in self.document_groups)

    def _compress_chunks(self, low: int, high: int, separator: bytes) -> Generator[None, None, list[Chunk]]:
        chunks: list[Chunk] = []
        for end, begins, ends in self.chunks.iterate_spans(self.keys, low, high):
            if end not in self.chunks.chunks:
                self.chunks.chunks[end] = compress_chunk(self.events[begins:ends], separator)
                yield
            chunks.append(self.chunks.chunks[end])
        return chunks

    def _list_boundaries_at(self, key: Key) -> list[Boundaries]:
        event_id = str(key[-1])
        return [
            boundaries for boundaries, ends in ((self.chunks, ends_chunk), (self.groups, ends_group)) if ends(event_id)
        ]

    def _discard_chunks(self, key: Key) -> None:
        self.chunks.discard_chunk(key)
        self.groups.discard_chunk(key)
