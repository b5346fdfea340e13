"""The days that an event touches, and whether its dates still hold what was announced. Pure."""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo
from typing import Final

from msgspec.structs import replace

from shared.event.end_hours import lacks_end_hour
from shared.event.model import SPANS, Dates
from shared.event.recurrence import Times, list_occurrences, list_planned

MIDNIGHT: Final = "00:00"


def get_local_day(instant: str, zone: tzinfo) -> date:
    """``instant`` is RFC 3339."""
    return datetime.fromisoformat(instant).astimezone(zone).date()


def get_last_day(start: str, end: str) -> str:
    """The last day an event touches, ``2027-08-14``; one that ends at midnight does not touch the next day."""
    day, _, time = end.partition("T")
    if time == MIDNIGHT and end > start:
        return (date.fromisoformat(day) - timedelta(days=1)).isoformat()
    return day


def get_span(dates: Dates) -> tuple[str, str]:
    """The first and the last day that any occurrence touches."""
    days = list_days(dates)
    return min(first for first, _last in days), max(last for _first, last in days)


def list_days(dates: Dates) -> list[tuple[str, str]]:
    """The first and the last day of each occurrence that takes place; of all if none does."""
    if dates.recurrence is None:
        return [(dates.start[:10], _get_last_day(dates))]
    found = list_occurrences(dates)
    held = [each for each in found if each.status != "cancelled"]
    return [(each.start[:10], get_last_day(each.start, each.end)) for each in held or found]


def breaks_announcement(announced: Dates, now: Dates) -> bool:
    """Whether an announced day or hour no longer holds: then the event has moved.

    Of repeats every planned occurrence was announced. An exception breaks nothing: its own words tell of it.
    """
    if announced.recurrence is None and now.recurrence is None:
        return _breaks_single(announced, now)
    key_length = 0 if announced.certainty in SPANS else len("2027-08-14")
    planned: dict[str, list[Dates]] = {}
    for times in list_planned(now):
        planned.setdefault(times[0][:key_length], []).append(_make_single(now, times))
    return any(
        all(_breaks_single(_make_single(announced, times), each) for each in planned.get(times[0][:key_length], ()))
        for times in list_planned(announced)
    )


def confirms_dates(before: Dates, after: Dates) -> bool:
    """Whether provisional dates become exact and nothing else of them changes."""
    return before.certainty == "provisional" and replace(before, certainty="exact") == after


def _make_single(dates: Dates, times: Times) -> Dates:
    if dates.recurrence is None:
        return dates
    return replace(dates, start=times[0], end=times[1], recurrence=None)


def _breaks_single(announced: Dates, now: Dates) -> bool:
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


def _breaks_end(announced: Dates, now: Dates) -> bool:
    if _get_end(announced) in {_get_start(announced), _get_end(now)}:  # it was not known, or holds
        return False
    if lacks_end_hour(announced.start, announced.end):  # its day was known, and is covered
        return False
    same_hour = now.end[10:] == announced.end[10:]
    return not (same_hour and now.end > announced.end)


def _get_last_day(dates: Dates) -> str:
    return get_last_day(dates.start, dates.end)


def _get_start(dates: Dates) -> tuple[str, int]:
    return dates.start, dates.start_fold or 0


def _get_end(dates: Dates) -> tuple[str, int]:
    return dates.end, dates.end_fold or 0
