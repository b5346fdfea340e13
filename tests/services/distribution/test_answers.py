from __future__ import annotations

import pytest

from services.distribution.answers import Representation, matches, takes_gzip

CHANGED = 1_793_613_600_456_789  # 2026-11-02T10:00:00.456789Z
REPRESENTATION = Representation(lambda: b"body", length=4, etag="abc", coding=None, changed=CHANGED, headers=[])


@pytest.mark.parametrize(
    ("sent", "same"),
    [
        (b'"abc"', True),
        (b'W/"abc"', True),
        (b'"x", "abc"', True),
        (b'"x",W/"abc" , "y"', True),
        (b"*", True),
        (b" * ", True),
        (b'"abcd"', False),
        (b'"abc-gz"', False),
        (b"abc", False),
        (b'"x,abc"', False),
        (b'"x" "abc"', False),
        (b"", False),
        (b'"abc', False),
        (b"W/abc", False),
    ],
)
def test_if_none_match_is_compared_weakly_with_each_tag_of_the_list(sent: bytes, *, same: bool) -> None:
    assert matches(sent, b'"abc"') is same


@pytest.mark.parametrize(
    ("if_none_match", "if_modified_since", "unchanged"),
    [
        (None, None, False),
        (b'"abc"', None, True),
        (b'"abc"', b"Mon, 01 Jan 2001 00:00:00 GMT", True),
        (b'"x"', b"Fri, 01 Jan 2100 00:00:00 GMT", False),
        (None, b"Mon, 02 Nov 2026 10:00:00 GMT", True),
        (None, b"Mon, 02 Nov 2026 10:00:01 GMT", True),
        (None, b"Mon, 02 Nov 2026 09:59:59 GMT", False),
        (None, b"Monday, 02-Nov-26 10:00:00 GMT", True),
        (None, b"Mon Nov  2 10:00:00 2026", True),
        (None, b"yesterday", False),
        (None, b"", False),
        (None, b"\xff", False),
        (None, b"Mon, 99 Nov 2026 10:00:00 GMT", False),
    ],
)
def test_the_tag_wins_over_the_date_and_a_date_that_is_none_counts_nothing(
    if_none_match: bytes | None, if_modified_since: bytes | None, *, unchanged: bool
) -> None:
    """Check 6 of standards.md section 6; RFC 9110 section 13.2.2."""
    assert REPRESENTATION.is_unchanged(if_none_match, if_modified_since) is unchanged


def test_without_any_change_ever_there_is_no_date_to_compare() -> None:
    empty = Representation(lambda: b"", length=0, etag="abc", coding=None, changed=0, headers=[])

    assert b"last-modified" not in dict(empty.start["headers"])
    assert empty.is_unchanged(None, b"Fri, 01 Jan 2100 00:00:00 GMT") is False


@pytest.mark.parametrize(
    ("sent", "taken"),
    [
        (b"gzip", True),
        (b"GZIP", True),
        (b"gzip, deflate, br", True),
        (b"br;q=1.0, gzip;q=0.8, *;q=0.1", True),
        (b"*", True),
        (b"x-gzip", True),
        (b"gzip;q=0", False),
        (b"gzip;q=0.000", False),
        (b"*;q=0", False),
        (b"gzip;q=0, *", False),
        (b"identity", False),
        (b"gzip;q=0.2, identity;q=0.8", False),
        (b"br", False),
        (b"", False),
        (b"gzip;q=x", False),
        (b"gzip;q=2", False),
        (b"gzip ; q=0.5", True),
    ],
)
def test_gzip_is_sent_to_those_who_prefer_it(sent: bytes, *, taken: bool) -> None:
    assert takes_gzip(sent) is taken


def test_a_304_repeats_what_a_cache_needs_and_nothing_of_the_body() -> None:
    zipped = Representation(
        lambda: b"body", length=4, etag="abc", coding="gzip", changed=CHANGED, headers=[(b"content-type", b"x/y")]
    )

    assert [name for name, _ in zipped.unchanged["headers"]] == [b"etag", b"cache-control", b"vary", b"last-modified"]
    assert dict(zipped.start["headers"]) == dict(zipped.unchanged["headers"]) | {
        b"content-type": b"x/y",
        b"content-length": b"4",
        b"content-encoding": b"gzip",
    }
    assert zipped.etag == b'"abc-gz"'


def test_a_new_stamp_leaves_tag_and_body_alone() -> None:
    stamped = REPRESENTATION.stamped(CHANGED + 5_000_000)

    assert dict(stamped.start["headers"])[b"last-modified"] == b"Mon, 02 Nov 2026 10:00:05 GMT"
    assert (stamped.etag, stamped.joined()) == (REPRESENTATION.etag, REPRESENTATION.joined())
    assert dict(REPRESENTATION.start["headers"])[b"last-modified"] == b"Mon, 02 Nov 2026 10:00:00 GMT"
