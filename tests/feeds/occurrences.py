"""What a reader made of an event: the same shape from every reader, so that they can be compared."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple


class Occurrence(NamedTuple):
    """When an event is, as a reader has it: instants in UTC (``…Z``), or days with the exclusive end of iCalendar.

    ``end`` is equal to ``start`` where the event has no end.
    """

    uid: str
    start: str
    end: str


def in_words(moment: datetime | date) -> str:
    """Write an instant in UTC, or a day."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}" if isinstance(moment, datetime) else moment.isoformat()
