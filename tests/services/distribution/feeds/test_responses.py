from __future__ import annotations

from copy import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.distribution.feeds.responses import Representation
from shared.web.http.last_modified import LastModified, date_version, settle_version
from shared.web.http.negotiation import accepts_gzip, match_etag

VERSION = settle_version(date_version(1_793_613_599.5), 1_793_613_610)
"""Made before 2026-11-02T10:00:00Z, and settled."""
REPRESENTATION = Representation(lambda: b"body", length=4, etag="abc", coding=None, version=VERSION, headers=[])


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
    assert match_etag(sent, b'"abc"') is same


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
    """RFC 9110, section 13.2.2."""
    assert REPRESENTATION.is_unchanged(if_none_match, if_modified_since) is unchanged


def test_a_version_that_is_not_settled_is_sent_with_a_date_that_does_not_hold_it() -> None:
    fresh = copy(REPRESENTATION)
    fresh.set_date(date_version(1_793_613_599.5))
    date = dict(fresh.start["headers"])[b"last-modified"]

    assert date == b"Mon, 02 Nov 2026 09:59:58 GMT"
    assert (fresh.is_unchanged(None, date), fresh.is_unchanged(fresh.etag, date)) == (False, True)


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
        (b"gzip;q=1_0", False),
        (b"gzip;q=1e0", False),
        (b"gzip;q=.5", False),
        (b"gzip;q=nan", False),
    ],
)
def test_gzip_is_sent_to_those_who_prefer_it(sent: bytes, *, taken: bool) -> None:
    assert accepts_gzip(sent) is taken


def test_a_304_repeats_what_a_cache_needs_and_nothing_of_the_body() -> None:
    zipped = Representation(
        lambda: b"body", length=4, etag="abc", coding="gzip", version=VERSION, headers=[(b"content-type", b"x/y")]
    )

    assert [name for name, _ in zipped.unchanged["headers"]] == [
        b"etag",
        b"cache-control",
        b"vary",
        b"last-modified",
        b"access-control-allow-origin",
        b"access-control-expose-headers",
    ]
    assert dict(zipped.start["headers"]) == dict(zipped.unchanged["headers"]) | {
        b"content-type": b"x/y",
        b"content-length": b"4",
        b"content-encoding": b"gzip",
    }
    assert zipped.etag == b'"abc-gz"'


def test_a_new_date_leaves_tag_and_body_alone() -> None:
    dated = copy(REPRESENTATION)
    dated.set_date(LastModified(1_793_613_605, 1_793_613_605))

    assert dict(dated.start["headers"])[b"last-modified"] == b"Mon, 02 Nov 2026 10:00:05 GMT"
    assert (dated.etag, dated.join_body()) == (REPRESENTATION.etag, REPRESENTATION.join_body())
    assert dict(REPRESENTATION.start["headers"])[b"last-modified"] == b"Mon, 02 Nov 2026 10:00:00 GMT"


@given(st.binary(max_size=70) | st.from_regex(rb"[A-Z][a-z]{2}, [0-9]{2} Nov [0-9]{1,30} [0-9:]{8} [-+A-Z0-9]{3,9}"))
def test_no_date_of_a_request_is_too_much(date: bytes) -> None:
    assert REPRESENTATION.is_unchanged(None, date) in {True, False}


def test_what_a_client_sends_at_length_is_not_remembered() -> None:
    assert accepts_gzip(b"gzip" + b" " * 100)
    assert not accepts_gzip(b"gzip" + b" " * 10_000)
