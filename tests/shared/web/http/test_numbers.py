"""Whole numbers in requests."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.web.http.numbers import DIGITS, parse_number


@given(st.integers(min_value=0, max_value=10**DIGITS - 1))
def test_a_number_is_read_as_it_is_written(number: int) -> None:
    assert parse_number(str(number)) == number


@pytest.mark.parametrize(
    "text", ["", "1_0", "+5", "-5", " 5", "5\n", "１２", "٣", "²", "1e5", "0x1", "5.", "1" * 19, "9" * 4_301]
)
def test_what_is_no_number_of_ours_is_none(text: str) -> None:
    assert parse_number(text) is None
