"""The events of a feed at one moment, in order and packed; and the bytes that follow from them. Pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Generator, Iterator, Sequence
from functools import lru_cache, partial
from itertools import pairwise

from services.distribution.chunks import (
    Block,
    Packed,
    ends_chunk,
    ends_group,
    entity_tag,
    gzip_length,
    gzip_of,
    join,
    pack,
    pack_bytes,
)
from services.distribution.programme import Order

Key = tuple[int, Order]
"""Where an event stands in a feed: its order, or its last change (negated: the newest first) and then its order."""


class Cuts:
    """Where a feed is cut into pieces, and the pieces that are finished, each by the key that ends it.

    The last piece is open; it goes by None.
    """

    __slots__ = ("ends", "pieces")

    def __init__(self, before: Cuts | None = None) -> None:
        self.ends: list[Key] = list(before.ends) if before else []
        self.pieces: dict[Key | None, Packed] = dict(before.pieces) if before else {}

    def add(self, key: Key) -> None:
        """Cut after a key."""
        insort(self.ends, key)

    def remove(self, key: Key) -> None:
        """Cut no longer after a key."""
        del self.ends[bisect_left(self.ends, key)]
        self.pieces.pop(key, None)

    def loosen(self, key: Key) -> None:
        """Forget the finished piece in which a key stands."""
        position = bisect_left(self.ends, key)
        self.pieces.pop(self.ends[position] if position < len(self.ends) else None, None)

    def within(self, keys: Sequence[Key], low: int, high: int) -> Iterator[tuple[Key | None, int, int]]:
        """Give each piece between two positions of the keys: what ends it, and where it begins and ends.

        Both positions are the ends of pieces; empty pieces are left out.
        """
        if low == high:
            return
        first = bisect_left(self.ends, keys[low])
        last = bisect_left(self.ends, keys[high - 1])
        ends: list[Key | None] = [*self.ends[first : last + 1]]
        if last == len(self.ends):
            ends.append(None)
        places = [low, *(high if end is None else bisect_right(keys, end, low, high) for end in ends)]
        yield from ((end, *span) for end, span in zip(ends, pairwise(places), strict=True) if span[0] < span[1])


class Content:
    """Never changed once it is finished; the next one begins as a copy. ``whole`` is there when it is finished."""

    __slots__ = ("blocks", "chunks", "groups", "keys", "whole")

    def __init__(self, before: Content | None = None) -> None:
        self.keys: list[Key] = list(before.keys) if before else []
        self.blocks: list[Block] = list(before.blocks) if before else []
        self.chunks: Cuts = Cuts(before.chunks if before else None)
        self.groups: Cuts = Cuts(before.groups if before else None)
        self.whole: list[Packed] = []

    def put(self, key: Key, block: Block) -> None:
        """Add an event."""
        self._loosen(key)
        position = bisect_left(self.keys, key)
        self.keys.insert(position, key)
        self.blocks.insert(position, block)
        for cuts in self._cut_after(key):
            cuts.add(key)

    def remove(self, key: Key) -> None:
        """Take an event out that is in it."""
        position = bisect_left(self.keys, key)
        del self.keys[position], self.blocks[position]
        for cuts in self._cut_after(key):
            cuts.remove(key)
        self._loosen(key)

    def pack(self, joiner: bytes) -> Iterator[None]:
        """Deflate the chunks that changed and join their groups, and so finish it; yields after each chunk."""
        packed = _packed(joiner) if joiner else None
        self.whole = []
        for end, low, high in self.groups.within(self.keys, 0, len(self.keys)):
            if end not in self.groups.pieces:
                chunks = yield from self._pack_chunks(low, high, joiner)
                self.groups.pieces[end] = join(chunks, packed)
            self.whole.append(self.groups.pieces[end])

    @property
    def newest(self) -> int:
        """The last change among its events once it is packed, in microseconds since 1970; 0 if it is empty."""
        return max((group.changed for group in self.whole), default=0)

    @property
    def packed_bytes(self) -> int:
        """How many bytes its packed pieces take: chunks, and the groups joined from them."""
        return 2 * sum(len(group.deflated) for group in self.whole)

    def _pack_chunks(self, low: int, high: int, joiner: bytes) -> Generator[None, None, list[Packed]]:
        chunks: list[Packed] = []
        for end, begins, ends in self.chunks.within(self.keys, low, high):
            if end not in self.chunks.pieces:
                self.chunks.pieces[end] = pack(self.blocks[begins:ends], joiner)
                yield
            chunks.append(self.chunks.pieces[end])
        return chunks

    def _cut_after(self, key: Key) -> list[Cuts]:
        event_id = key[1][-1]
        return [cuts for cuts, ends in ((self.chunks, ends_chunk), (self.groups, ends_group)) if ends(event_id)]

    def _loosen(self, key: Key) -> None:
        self.chunks.loosen(key)
        self.groups.loosen(key)


class Print:
    """A finished feed: its head, its content and its tail, joined to bytes when they are asked for.

    ``etag``, ``length`` and ``gzip_length`` (in bytes) are known before.
    """

    def __init__(self, content: Content, *, head: bytes, joiner: bytes, tail: bytes) -> None:
        groups = content.whole
        self._blocks = content.blocks
        self._head = head
        self._joiner = joiner
        self._tail = tail
        self._pieces = [pack_bytes(head), *_between(groups, _packed(joiner) if joiner else None), _packed_last(tail)]
        self.etag = entity_tag(head, groups)
        self.length = sum(piece.length for piece in self._pieces)
        self.gzip_length = gzip_length(self._pieces)

    def plain(self) -> bytes:
        """Join it as it is."""
        return b"".join([self._head, self._joiner.join([block.body for block in self._blocks]), self._tail])

    def gzip(self) -> bytes:
        """Join it as one gzip member."""
        return gzip_of(self._pieces)


def _between(pieces: Sequence[Packed], joiner: Packed | None) -> Sequence[Packed]:
    """Put a joiner between each two pieces."""
    return pieces if joiner is None else [each for piece in pieces for each in (joiner, piece)][1:]


_packed = lru_cache(maxsize=64)(pack_bytes)
_packed_last = lru_cache(maxsize=64)(partial(pack_bytes, last=True))
