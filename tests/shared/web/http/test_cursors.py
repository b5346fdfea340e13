from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.json import Decoder

from shared.web.http.cursors import InvalidCursor, decode_cursor, decode_text_cursor, encode_cursor, encode_text_cursor

PLACE = Decoder(tuple[str, int])


@given(st.tuples(st.text(), st.integers(0, 2**53)))
def test_a_place_comes_back_as_it_was_written(place: tuple[str, int]) -> None:
    assert decode_cursor(encode_cursor(place), PLACE) == place


@given(st.text())
def test_a_text_comes_back_as_it_was_written(place: str) -> None:
    assert decode_text_cursor(encode_text_cursor(place)) == place


@given(st.text())
def test_a_cursor_stands_in_an_address_as_it_is(place: str) -> None:
    assert set(encode_text_cursor(place)) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@pytest.mark.parametrize("cursor", ["?", "ż", "A", "gA", encode_text_cursor("2027-08-14"), encode_cursor(["a"])])
def test_what_is_no_place_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidCursor):
        decode_cursor(cursor, PLACE)


@pytest.mark.parametrize("cursor", ["?", "ż", "A", "gA"])
def test_what_is_no_text_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidCursor):
        decode_text_cursor(cursor)
