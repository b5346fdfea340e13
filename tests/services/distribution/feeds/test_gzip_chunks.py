from __future__ import annotations

import gzip
import zlib

from hypothesis import given
from hypothesis import strategies as st

from services.distribution.feeds.gzip_chunks import (
    MEAN_CHUNK,
    compress,
    compress_chunk,
    compute_etag,
    create_rendered_event,
    ends_chunk,
    ends_group,
    join_chunks,
    join_gzip,
)


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=12))
def test_packed_pieces_join_to_one_gzip_member(pieces: list[bytes]) -> None:
    *first, last = pieces
    joined = join_gzip([*(compress(piece) for piece in first), compress(last, last=True)])

    unpacked = zlib.decompressobj(wbits=31)
    assert unpacked.decompress(joined) == b"".join(pieces)
    assert (unpacked.eof, unpacked.unused_data) == (True, b"")
    assert gzip.decompress(joined) == b"".join(pieces)


def test_a_large_feed_joins_with_the_right_checksum() -> None:
    pieces = [bytes([number]) * 70_001 for number in range(200)]
    halves = [join_chunks([compress(piece) for piece in each]) for each in (pieces[:77], pieces[77:])]
    joined = join_gzip([*halves, compress(b"", last=True)])

    assert gzip.decompress(joined) == b"".join(pieces)


def test_a_joiner_stands_between_each_two_pieces() -> None:
    pieces = [compress(b"a"), compress(b"b"), compress(b"c", last=True)]

    assert (
        gzip.decompress(join_gzip([join_chunks(pieces[:2], compress(b", ")), compress(b", "), pieces[2]])) == b"a, b, c"
    )


def test_chunks_hold_a_few_dozen_events() -> None:
    ends = sum(ends_chunk(f"01980000-0000-7000-8000-{number:012}") for number in range(100_000))

    assert 0.9 < 100_000 / ends / MEAN_CHUNK < 1.1


def test_what_ends_a_group_ends_a_chunk() -> None:
    ids = [f"event-{number}" for number in range(20_000)]

    assert any(ends_group(each) for each in ids)
    assert [each for each in ids if ends_group(each) and not ends_chunk(each)] == []


def test_the_tag_follows_the_head_the_blocks_and_their_order() -> None:
    one, two, three = (
        create_rendered_event(b"one", 1),
        create_rendered_event(b"two", 2),
        create_rendered_event(b"three", 3),
    )
    group = join_chunks([compress_chunk([one, two], b""), compress_chunk([three], b"")])

    tag = compute_etag(b"head", [group])

    assert tag == compute_etag(
        b"head", [join_chunks([compress_chunk([one, two], b"joiner"), compress_chunk([three], b"")])]
    )
    assert tag != compute_etag(b"head", [join_chunks([compress_chunk([three], b""), compress_chunk([one, two], b"")])])
    assert tag != compute_etag(b"head", [join_chunks([compress_chunk([two, one], b""), compress_chunk([three], b"")])])
    assert tag != compute_etag(b"head", [join_chunks([compress_chunk([one, two], b"")])])
    assert tag != compute_etag(b"head", [group, group])
    assert tag != compute_etag(b"HEAD", [group])
