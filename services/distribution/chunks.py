"""How a feed is packed: in chunks of a few dozen blocks, deflated apart and joined to one gzip member. Pure.

A chunk ends after every event whose id hashes so (:func:`ends_chunk`). Where the chunks are cut therefore depends on
what a feed holds and not on how it came to hold it, so that every replica has the same bytes; and a change costs one
chunk, not the whole feed.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from hashlib import blake2b
from typing import Final, NamedTuple

MEAN_CHUNK: Final = 32
"""Blocks between two cuts, on average. A changed event is in one twice as long, because long ones hold more. Larger
ones pack better (64: 10 % smaller feeds) and cost more with each change."""

CHUNKS_IN_GROUP: Final = 12
"""Chunks between two of the cuts that also end a group. Groups are joined once and kept, so that no step of a change
goes through all chunks."""

LEVEL: Final = 5
"""Of deflating: 6 takes 40 % longer for each change and makes feeds 2 % smaller."""

DIGEST_BYTES: Final = 16
_GZIP_HEADER: Final = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"  # deflate, no name, no time, unknown system
_GZIP_TRAILER: Final = struct.Struct("<II")  # CRC-32 and length of what was packed
_POLYNOMIAL: Final = 0xEDB88320
_ONE: Final = 0x80000000  # x^0, in the bit order of CRC-32
_X8: Final = 0x00800000  # x^8


class Block(NamedTuple):
    """One event as a format writes it, the digest of that, and its last change in microseconds since 1970."""

    body: bytes
    digest: bytes
    changed: int


class Packed(NamedTuple):
    """A piece of a feed, deflated: to be joined with others in any order.

    ``crc`` and ``shift`` are those of the piece before deflating (``shift`` is x^(8·length) modulo CRC-32's
    polynomial), ``digest`` is over those of its blocks, ``changed`` the last change among them.
    """

    deflated: bytes
    length: int
    crc: int
    shift: int
    digest: bytes
    changed: int


def make_block(body: bytes, changed: int) -> Block:
    """Put a rendered event together with its digest."""
    return Block(body, _digest(body), changed)


def ends_chunk(event_id: str) -> bool:
    """Tell whether a chunk ends after this event."""
    return zlib.crc32(event_id.encode()) % MEAN_CHUNK == 0


def ends_group(event_id: str) -> bool:
    """Tell whether a group of chunks ends after this event; such a one ends a chunk too."""
    return zlib.crc32(event_id.encode()) % (MEAN_CHUNK * CHUNKS_IN_GROUP) == 0


def pack(blocks: Sequence[Block], joiner: bytes) -> Packed:
    """Deflate the blocks of one chunk."""
    digest = _digest(b"".join([block.digest for block in blocks]))
    packed = pack_bytes(joiner.join([block.body for block in blocks]))
    return packed._replace(digest=digest, changed=max((block.changed for block in blocks), default=0))


def pack_bytes(piece: bytes, *, last: bool = False) -> Packed:
    """Deflate a piece of a feed; it ends on a byte, so that another may follow unless it is the last."""
    compressor = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    deflated = compressor.compress(piece) + compressor.flush(zlib.Z_FINISH if last else zlib.Z_FULL_FLUSH)
    return Packed(deflated, len(piece), zlib.crc32(piece), _shift(len(piece)), b"", 0)


def join(pieces: Sequence[Packed], joiner: Packed | None = None) -> Packed:
    """Join packed pieces to a larger one, with a packed joiner between each two."""
    between = pieces if joiner is None else [each for piece in pieces for each in (joiner, piece)][1:]
    crc = 0
    for piece in between:
        crc = _multiply(crc, piece.shift) ^ piece.crc
    length = sum(piece.length for piece in between)
    return Packed(
        deflated=b"".join([piece.deflated for piece in between]),
        length=length,
        crc=crc,
        shift=_shift(length),
        digest=_digest(b"".join([piece.digest for piece in pieces])),
        changed=max((piece.changed for piece in pieces), default=0),
    )


def gzip_of(pieces: Iterable[Packed]) -> bytes:
    """Join packed pieces, of which the last was packed so, to one gzip member."""
    deflated, crc, length = [_GZIP_HEADER], 0, 0
    for piece in pieces:
        deflated.append(piece.deflated)
        crc = _multiply(crc, piece.shift) ^ piece.crc
        length += piece.length
    return b"".join([*deflated, _GZIP_TRAILER.pack(crc, length & 0xFFFFFFFF)])


def gzip_length(pieces: Iterable[Packed]) -> int:
    """Tell how long :func:`gzip_of` will be."""
    return len(_GZIP_HEADER) + sum(len(piece.deflated) for piece in pieces) + _GZIP_TRAILER.size


def entity_tag(head: bytes, groups: Iterable[Packed]) -> str:
    """Give the strong ETag of a feed, without quotes: over its head and the digests of its groups, in order.

    A group's digest is over those of its chunks, a chunk's over those of its blocks: a change costs the digests on its
    way up, not those of all events.
    """
    return _digest(head + b"".join([group.digest for group in groups])).hex()


def _digest(value: bytes) -> bytes:
    return blake2b(value, digest_size=DIGEST_BYTES).digest()


def _shift(length: int) -> int:
    """Give x^(8·length) modulo the polynomial: what a CRC is multiplied by when that many bytes follow."""
    result = _ONE
    for exponent in range(length.bit_length()):
        if length >> exponent & 1:
            result = _multiply(_power(exponent), result)
    return result


@cache
def _power(exponent: int) -> int:
    """Give x^(8·2^exponent) modulo the polynomial."""
    return _X8 if exponent == 0 else _multiply(_power(exponent - 1), _power(exponent - 1))


def _multiply(a: int, b: int) -> int:
    """Multiply two polynomials over GF(2) modulo CRC-32's, in its bit order (as zlib's ``crc32_combine`` does).

    Four bits of ``a`` a step; of the two, ``b`` should be the one that comes again.
    """
    multiples = _multiples(b)
    product = 0
    for _ in range(8):
        product = product >> 4 ^ _BY_X4[product & 15] ^ multiples[a & 15]
        a >>= 4
    return product


@lru_cache(maxsize=8192)
def _multiples(b: int) -> tuple[int, ...]:
    """Give the products of ``b`` and each four bits; the highest of them is x^0."""
    bx = _by_x(b)
    bx2 = _by_x(bx)
    bx3 = _by_x(bx2)
    low = (0, bx3, bx2, bx2 ^ bx3)
    half = (*low, *(bx ^ each for each in low))
    return (*half, *(b ^ each for each in half))


def _by_x(b: int) -> int:
    return b >> 1 ^ (_POLYNOMIAL if b & 1 else 0)


def _by_x4(b: int) -> int:
    return _by_x(_by_x(_by_x(_by_x(b))))


_BY_X4: Final = tuple(_by_x4(low) for low in range(16))
"""What is added when the lowest four bits are shifted out."""
