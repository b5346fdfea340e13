from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.decimals import write_decimal, write_degrees


@given(st.floats(-180, 180))
def test_a_number_has_no_exponent_and_reads_back_the_same(number: float) -> None:
    written = write_decimal(number)

    assert re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", written)
    assert float(written) == number


@pytest.mark.parametrize(
    ("degrees", "written"),
    [(1e-05, "0.00001"), (-2e-05, "-0.00002"), (-1e-09, "0.0"), (-0.0, "0.0"), (53.43, "53.43"), (14, "14.0")],
)
def test_degrees_are_written_in_fixed_notation(degrees: float, written: str) -> None:
    assert write_degrees(degrees) == written
