"""Whole numbers in requests: ASCII digits, with a bound.

``int()`` would accept ``1_0``, ``+5``, blanks and digits of every script, and raises at more than 4,300 digits.
"""

from __future__ import annotations

import re
from typing import Any, Final

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

DIGITS: Final = 18
"""As many as a number of the database can have."""
_NUMBER = re.compile(r"[0-9]+")


def parse_number(text: str, *, digits: int = DIGITS) -> int | None:
    """None if the text is no number."""
    return int(text) if len(text) <= digits and _NUMBER.fullmatch(text) else None


def _validate(value: Any) -> Any:  # noqa: ANN401 - a default is a number already
    if not isinstance(value, str):
        return value
    number = parse_number(value)
    if number is None:
        raise PydanticCustomError("int_parsing", "not a whole number")
    return number


WHOLE_NUMBER: Final = BeforeValidator(_validate)
"""For a number in an address: what pydantic takes for one besides, such as ``1_0`` or ``+5``, is none.

It stands behind the bounds, ``Annotated[int, Query(ge=1), WHOLE]``: before them, they are lost to OpenAPI.
"""
