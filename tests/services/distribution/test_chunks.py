from __future__ import annotations

import gzip
import zlib

from hypothesis import given
from hypothesis import strategies as st

from services.distribution.chunks import (
    MEAN_CHUNK,
    ends_chunk,
    ends_group,
    entity_tag,
    gzip_of,
    join,
    make_block,
    pack,
    pack_bytes,
)


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=12))
def test_packed_pieces_join_to_one_gzip_member(pieces: list[bytes]) -> None:
    *first, last = pieces
    joined = gzip_of([*(pack_bytes(piece) for piece in first), pack_bytes(last, last=True)])

    unpacked = zlib.decompressobj(wbits=31)
    assert unpacked.decompress(joined) == b"".join(pieces)
    assert (unpacked.eof, unpacked.unused_data) == (True, b"")
    assert gzip.decompress(joined) == b"".join(pieces)


def test_a_large_feed_joins_with_the_right_checksum() -> None:
    pieces = [bytes([number]) * 70_001 for number in range(200)]
    halves = [join([pack_bytes(piece) for piece in each]) for each in (pieces[:77], pieces[77:])]
    joined = gzip_of([*halves, pack_bytes(b"", last=True)])

    assert gzip.decompress(joined) == b"".join(pieces)


def test_a_joiner_stands_between_each_two_pieces() -> None:
    pieces = [pack_bytes(b"a"), pack_bytes(b"b"), pack_bytes(b"c", last=True)]

    assert gzip.decompress(gzip_of([join(pieces[:2], pack_bytes(b", ")), pack_bytes(b", "), pieces[2]])) == b"a, b, c"


def test_chunks_hold_a_few_dozen_events() -> None:
    ends = sum(ends_chunk(f"01980000-0000-7000-8000-{number:012}") for number in range(100_000))

    assert 0.9 < 100_000 / ends / MEAN_CHUNK < 1.1


def test_what_ends_a_group_ends_a_chunk() -> None:
    ids = [f"event-{number}" for number in range(20_000)]

    assert any(ends_group(each) for each in ids)
    assert [each for each in ids if ends_group(each) and not ends_chunk(each)] == []


def test_the_tag_follows_the_head_the_blocks_and_their_order() -> None:
    one, two, three = make_block(b"one", 1), make_block(b"two", 2), make_block(b"three", 3)
    group = join([pack([one, two], b""), pack([three], b"")])

    tag = entity_tag(b"head", [group])

    assert tag == entity_tag(b"head", [join([pack([one, two], b"joiner"), pack([three], b"")])])
    assert tag != entity_tag(b"head", [join([pack([three], b""), pack([one, two], b"")])])
    assert tag != entity_tag(b"head", [join([pack([two, one], b""), pack([three], b"")])])
    assert tag != entity_tag(b"head", [join([pack([one, two], b"")])])
    assert tag != entity_tag(b"head", [group, group])
    assert tag != entity_tag(b"HEAD", [group])
