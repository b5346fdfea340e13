"""The parts of an umbrella event as its programme: by day, with hours."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from services.distribution.programme.indexed_event import IndexedEvent
from services.distribution.rows import EventRow
from services.distribution.state import State
from shared.event.date_phrases import format_dates, format_dates_in_full
from shared.event.model import Dates
from shared.i18n.text import _, translate

MAX_LINES: Final = 500
"""A part that repeats stands on each of its days."""


@dataclass(frozen=True, slots=True)
class PartLine:
    """``hours`` are the dates of what takes more than one day, empty for one whole day."""

    hours: str
    row: EventRow


@dataclass(frozen=True, slots=True)
class PartsDay:
    name: str
    lines: Sequence[PartLine]


class _Place(NamedTuple):
    start: str
    end: str
    event: IndexedEvent


def build_days(state: State, parts: Sequence[IndexedEvent], language: str) -> list[PartsDay]:
    """Parts of which only the month or season is known come last."""
    days: dict[str, list[PartLine]] = defaultdict(list)
    places = sorted((place for part in parts for place in _list_places(part)), key=lambda place: place[:2])
    for place in places[:MAX_LINES]:
        row = state.rows.get(place.event, language)
        if row:
            days[place.start[:10]].append(PartLine(_format_hours(place, language), row))
    open_rows = [row for each in parts if each.has_open_date and (row := state.rows.get(each, language))]
    open_lines = [PartLine("".join(text for text, _instant in row.when), row) for row in open_rows]
    found = [PartsDay(_name_day(day, language), lines) for day, lines in days.items()]
    return [*found, PartsDay(translate(_("Day not known yet"), language), open_lines)] if open_lines else found


def _list_places(part: IndexedEvent) -> Iterator[_Place]:
    if part.has_open_date:
        return
    for each in part.occurrences:
        yield _Place(each.start, each.end, part)
    if not part.occurrences:
        yield _Place(part.sort_key[0], part.sort_key[2], part)


def _name_day(day: str, language: str) -> str:
    return format_dates_in_full(Dates("exact", day, day), language)


def _format_hours(place: _Place, language: str) -> str:
    """A night is told by its hours: who comes at 22:00 knows on which day it is 02:00."""
    has_hours = ["T" in each for each in place[:2]]
    lasts = datetime.fromisoformat(place.end) - datetime.fromisoformat(place.start)
    if has_hours == [True, False] or lasts >= timedelta(days=1):
        return format_dates(Dates("exact", place.start, place.end), language)
    start, end = (each.partition("T")[2] for each in place[:2])
    return f"{start}–{end}" if end and end != start else start
