"""Decimal numbers in fixed notation, as iCalendar writes them: never with an exponent. Pure."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

# Of a degree: 0.1 m.
PLACES: Final = 6


def write_decimal(number: float) -> str:
    """With the digits that tell it from its neighbours: ``0.00001``, ``53.43``."""
    return f"{Decimal(repr(float(number) + 0.0)):f}"  # -0.0 + 0.0 is 0.0


def write_degrees(degrees: float) -> str:
    return write_decimal(round(degrees, PLACES))
