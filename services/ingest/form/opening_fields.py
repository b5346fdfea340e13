"""Opening hours in the form: rows of days and two hours, to and from those of an event."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from shared.date_input import UnreadableInput, read_hour
from shared.event.model import OpeningHours
from shared.event.opening_hours import MAX_ROWS

PREFIX: Final = "opening."
PARTS: Final = ("days", "opens", "closes")
NAMES: Final = frozenset(f"{PREFIX}{row}.{part}" for row in range(MAX_ROWS) for part in PARTS)
EMPTY_ROWS: Final = 2
"""Offered below those that are filled in."""
_ERROR = re.compile(r"dates\.opening_hours\.([0-9]+)\.(days|opens|closes)(\..*)?")


@dataclass(frozen=True, slots=True)
class OpeningRow:
    """A row to render; ``name`` is the beginning of the names of its inputs, ``number`` counts from 1."""

    name: str
    number: int
    days: Sequence[str]
    opens: str
    closes: str


def parse_opening_hours(fields: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Return the rows in which something stands; an hour that cannot be read stays as typed."""
    rows = [_parse_row(fields, number) for number in _list_filled(fields)]
    return {"opening_hours": rows} if rows else {}


def write_opening_hours(rows: Sequence[OpeningHours]) -> dict[str, list[str]]:
    return {
        f"{PREFIX}{number}.{part}": values
        for number, row in enumerate(rows)
        for part, values in zip(PARTS, (list(row.days), [row.opens], [row.closes]), strict=True)
    }


def list_rows(fields: Mapping[str, Sequence[str]]) -> list[OpeningRow]:
    """The filled rows, and some empty ones."""
    count = min(max(_list_filled(fields), default=-1) + 1 + EMPTY_ROWS, MAX_ROWS)
    return [
        OpeningRow(
            f"{PREFIX}{number}",
            number + 1,
            fields.get(f"{PREFIX}{number}.days", ()),
            _get_value(fields, number, "opens"),
            _get_value(fields, number, "closes"),
        )
        for number in range(count)
    ]


def find_opening_input(field: str, fields: Mapping[str, Sequence[str]]) -> str:
    """Return the input of an error's field: rows are counted without empty ones."""
    found, filled = _ERROR.fullmatch(field), _list_filled(fields)
    if found is None or int(found[1]) >= len(filled):
        return f"{PREFIX}{filled[0] if filled else 0}.days"
    return f"{PREFIX}{filled[int(found[1])]}.{found[2]}"


def _list_filled(fields: Mapping[str, Sequence[str]]) -> list[int]:
    return [
        number
        for number in range(MAX_ROWS)
        if any(value.strip() for part in PARTS for value in fields.get(f"{PREFIX}{number}.{part}", ()))
    ]


def _parse_row(fields: Mapping[str, Sequence[str]], number: int) -> dict[str, Any]:
    days = [day for day in fields.get(f"{PREFIX}{number}.days", ()) if day]
    hours = {part: _read_or_keep(_get_value(fields, number, part)) for part in PARTS[1:]}
    return {"days": days, **hours}


def _read_or_keep(value: str) -> str:
    try:
        return read_hour(value)
    except UnreadableInput:
        return value


def _get_value(fields: Mapping[str, Sequence[str]], number: int, part: str) -> str:
    values = fields.get(f"{PREFIX}{number}.{part}", ())
    return values[-1].strip() if values else ""
