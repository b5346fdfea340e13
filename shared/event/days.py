"""The days that an event touches, and whether its dates still hold what was announced. Pure."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from shared.event.model import SPANS, Dates

MIDNIGHT: Final = "00:00"


def get_local_day(instant: str, zone: ZoneInfo) -> date:
    """``instant`` is RFC 3339."""
    return datetime.fromisoformat(instant).astimezone(zone).date()


def get_last_day(start: str, end: str) -> str:
    """The last day an event touches, ``2027-08-14``; one that ends at midnight does not touch the next day."""
    day, _, time = end.partition("T")
    if time == MIDNIGHT and end > start:
        return (date.fromisoformat(day) - timedelta(days=1)).isoformat()
    return day


def breaks_announcement(announced: Dates, now: Dates) -> bool:
    """Whether an announced day or hour no longer holds: then the event has moved."""
    # Start day and hour must be the announced ones, every announced day still covered, and the last day not end
    # earlier. More days, a newly known hour or end, and a surer date break nothing. Of a month or season only the span
    # was announced.
    if announced.certainty in SPANS:
        return now.start[:10] < announced.start or _get_last_day(now) > announced.end
    if (
        now.certainty in SPANS
        or now.start[:10] != announced.start[:10]
        or _get_last_day(now) < _get_last_day(announced)
    ):
        return True
    return "T" in announced.start and (_get_start(now) != _get_start(announced) or _breaks_end(announced, now))


def confirms_dates(before: Dates, after: Dates) -> bool:
    """Whether provisional dates become exact and nothing else of them changes."""
    return before.certainty == "provisional" and replace(before, certainty="exact") == after


def _breaks_end(announced: Dates, now: Dates) -> bool:
    if _get_end(announced) in {_get_start(announced), _get_end(now)}:  # it was not known, or holds
        return False
    same_hour = now.end[10:] == announced.end[10:]
    return not (same_hour and now.end > announced.end)


def _get_last_day(dates: Dates) -> str:
    return get_last_day(dates.start, dates.end)


def _get_start(dates: Dates) -> tuple[str, int]:
    return dates.start, dates.start_fold or 0


def _get_end(dates: Dates) -> tuple[str, int]:
    return dates.end, dates.end_fold or 0
