"""Gzip chunks: some dozens of rendered events, compressed separately and joined to one gzip member. Pure.

A chunk ends after each event whose id hashes to it (:func:`ends_chunk`). Boundaries therefore depend on the content of
a feed and not on its history: every replica produces the same bytes, and a change costs one chunk.
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


class RenderedEvent(NamedTuple):
    """An event in one format and language; ``changed_at`` is in microseconds since 1970."""

    body: bytes
    digest: bytes
    changed_at: int


class Chunk(NamedTuple):
    """A compressed piece of a feed that can be joined with others in any order."""

    # ``crc`` and ``shift`` describe the uncompressed piece (``shift`` is x^(8·length) modulo CRC-32's polynomial),
    # ``digest`` is over the digests of its events, ``changed_at`` their last change.

    deflated: bytes
    length: int
    crc: int
    shift: int
    digest: bytes
    changed_at: int


def create_rendered_event(body: bytes, changed: int) -> RenderedEvent:
    return RenderedEvent(body, _digest(body), changed)


def ends_chunk(event_id: str) -> bool:
    return zlib.crc32(event_id.encode()) % MEAN_CHUNK == 0


def ends_group(event_id: str) -> bool:
    """Whether a group of chunks ends after this event; a chunk then ends too."""
    return zlib.crc32(event_id.encode()) % (MEAN_CHUNK * CHUNKS_IN_GROUP) == 0


def compress_chunk(events: Sequence[RenderedEvent], separator: bytes) -> Chunk:
    digest = _digest(b"".join([block.digest for block in events]))
    packed = compress(separator.join([block.body for block in events]))
    return packed._replace(digest=digest, changed_at=max((block.changed_at for block in events), default=0))


def compress(piece: bytes, *, last: bool = False) -> Chunk:
    """Compress a piece; it ends on a byte boundary, so that another may follow unless it is the ``last``."""
    compressor = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    deflated = compressor.compress(piece) + compressor.flush(zlib.Z_FINISH if last else zlib.Z_FULL_FLUSH)
    return Chunk(deflated, len(piece), zlib.crc32(piece), _compute_shift(len(piece)), b"", 0)


compress_constant = lru_cache(maxsize=64)(compress)
"""For separators and tails, which are the same in every feed of a format."""


def join_chunks(pieces: Sequence[Chunk], separator: Chunk | None = None) -> Chunk:
    between = interleave(pieces, separator)
    crc = 0
    for piece in between:
        crc = _multiply(crc, piece.shift) ^ piece.crc
    length = sum(piece.length for piece in between)
    return Chunk(
        deflated=b"".join([piece.deflated for piece in between]),
        length=length,
        crc=crc,
        shift=_compute_shift(length),
        digest=_digest(b"".join([piece.digest for piece in pieces])),
        changed_at=max((piece.changed_at for piece in pieces), default=0),
    )


def interleave(pieces: Sequence[Chunk], separator: Chunk | None) -> Sequence[Chunk]:
    return pieces if separator is None else [each for piece in pieces for each in (separator, piece)][1:]


def join_gzip(pieces: Iterable[Chunk]) -> bytes:
    """Join pieces to one gzip member; only the last must have been compressed as such."""
    deflated, crc, length = [_GZIP_HEADER], 0, 0
    for piece in pieces:
        deflated.append(piece.deflated)
        crc = _multiply(crc, piece.shift) ^ piece.crc
        length += piece.length
    return b"".join([*deflated, _GZIP_TRAILER.pack(crc, length & 0xFFFFFFFF)])


def compute_gzip_length(pieces: Iterable[Chunk]) -> int:
    return len(_GZIP_HEADER) + sum(len(piece.deflated) for piece in pieces) + _GZIP_TRAILER.size


def compute_etag(head: bytes, groups: Iterable[Chunk]) -> str:
    """Compute a feed's strong ETag, without quotes, from its head and the digests of its groups."""
    # A group's digest is over those of its chunks, a chunk's over those of its events: a change costs only the digests
    # on its way up.
    return _digest(head + b"".join([group.digest for group in groups])).hex()


def _digest(value: bytes) -> bytes:
    return blake2b(value, digest_size=DIGEST_BYTES).digest()


def _compute_shift(length: int) -> int:
    """Compute x^(8·length) modulo the polynomial: the factor of a CRC when that many bytes follow."""
    result = _ONE
    for exponent in range(length.bit_length()):
        if length >> exponent & 1:
            result = _multiply(_compute_power(exponent), result)
    return result


@cache
def _compute_power(exponent: int) -> int:
    """Compute x^(8·2^exponent) modulo the polynomial."""
    return _X8 if exponent == 0 else _multiply(_compute_power(exponent - 1), _compute_power(exponent - 1))


def _multiply(a: int, b: int) -> int:
    """Multiply two polynomials over GF(2) modulo CRC-32's, in its bit order (zlib's ``crc32_combine``)."""
    # Four bits of ``a`` a step; ``b`` should be the factor that recurs.
    multiples = _tabulate_multiples(b)
    product = 0
    for _ in range(8):
        product = product >> 4 ^ _X4_MULTIPLES[product & 15] ^ multiples[a & 15]
        a >>= 4
    return product


@lru_cache(maxsize=8192)
def _tabulate_multiples(b: int) -> tuple[int, ...]:
    """The products of ``b`` and each four bits; the highest bit is x^0."""
    bx = _multiply_by_x(b)
    bx2 = _multiply_by_x(bx)
    bx3 = _multiply_by_x(bx2)
    low = (0, bx3, bx2, bx2 ^ bx3)
    half = (*low, *(bx ^ each for each in low))
    return (*half, *(b ^ each for each in half))


def _multiply_by_x(b: int) -> int:
    return b >> 1 ^ (_POLYNOMIAL if b & 1 else 0)


def _multiply_by_x4(b: int) -> int:
    return _multiply_by_x(_multiply_by_x(_multiply_by_x(_multiply_by_x(b))))


_X4_MULTIPLES: Final = tuple(_multiply_by_x4(low) for low in range(16))
"""What is added when the lowest four bits are shifted out."""
