"""Dates moved into another year: days by weekday and ISO week, spans as they are, local times across clock changes."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from services.ingest.submission.dates import find_gap, is_doubled, resolve_instant
from shared.event.days import get_last_day
from shared.event.end_hours import lacks_end_hour
from shared.event.model import Dates, Recurrence
from shared.event.recurrence import InvalidRecurrence, shift_recurrence
from shared.event.recurrence_checks import check_recurrence

WEEK: Final = timedelta(weeks=1)
Fold = Literal[0, 1]


def get_days(dates: Dates) -> tuple[date, date]:
    """First and last day that an event touches."""
    return date.fromisoformat(dates.start[:10]), date.fromisoformat(get_last_day(dates.start, dates.end))


def shift_by_week(first: date, last: date, year: int) -> date:
    """The same weekday of the same ISO week: the first day in ``year`` of an event from ``first`` to ``last``.

    Weeks are counted from week 1 of the calendar year, so that 1 January in week 53 of the year before stays in front
    of week 1. What would begin outside the year, or end outside although it did not before, moves by one week.
    """
    if first.year == year:
        return first
    start = _get_week_one(year) + (first - _get_week_one(first.year))
    if start.year < year:
        start += WEEK
    latest = date(year, 12, 31) - (timedelta() if last.year > first.year else last - first)
    while start > latest and (start - WEEK).year == year:
        start -= WEEK
    return start


def move_to_year(day: date, year: int) -> date:
    """29 February may become the 28th."""
    return day.replace(year=year, day=min(day.day, monthrange(year, day.month)[1]))


def move_span(dates: Dates, year: int) -> Dates:
    """A month or season; the last day of a month stays one."""
    first, last = date.fromisoformat(dates.start), date.fromisoformat(dates.end)
    end = move_to_year(last, last.year + year - first.year)
    if (last + timedelta(days=1)).day == 1:
        end = end.replace(day=monthrange(end.year, end.month)[1])
    return replace(dates, start=move_to_year(first, year).isoformat(), end=end.isoformat())


def move_days(dates: Dates, first: date, zone: ZoneInfo) -> Dates:
    """The same event with the first day ``first``, of the same length and at the same hours; provisional.

    A time that the clocks skip in spring moves on as far as they do; of a doubled hour the one meant before is kept,
    else the first is taken. An end that would come before its start that way is not known.
    """
    by = first - date.fromisoformat(dates.start[:10])
    moved = _move_times(dates, by, zone)
    return replace(moved, recurrence=_move_repeats(dates, moved))


def _move_repeats(before: Dates, after: Dates) -> Recurrence | None:
    """The same rule and further dates; None where they do not fit the new first day. Exceptions do not return."""
    if before.recurrence is None:
        return None
    try:
        plain = replace(before.recurrence, exdates=[], exceptions=[])
        moved = shift_recurrence(plain, before.start, after.start)
        check_recurrence(replace(after, recurrence=moved))
    except InvalidRecurrence:
        return None
    return moved


def _move_times(dates: Dates, by: timedelta, zone: ZoneInfo) -> Dates:
    if "T" not in dates.start:
        start, end = (_move_day(each, by) for each in (dates.start, dates.end))
        return replace(dates, certainty="provisional", start=start, end=end, start_fold=None, end_fold=None)
    begins, start_fold = _move_time(dates.start, by, dates.start_fold, zone)
    if lacks_end_hour(dates.start, dates.end):
        return replace(
            dates,
            certainty="provisional",
            start=begins.isoformat(timespec="minutes"),
            end=_move_day(dates.end, by),
            start_fold=start_fold,
            end_fold=None,
        )
    ends, end_fold = _move_time(dates.end, by, dates.end_fold, zone)
    if resolve_instant(ends, end_fold, zone) < resolve_instant(begins, start_fold, zone):
        ends, end_fold = begins, start_fold
    return replace(
        dates,
        certainty="provisional",
        start=begins.isoformat(timespec="minutes"),
        end=ends.isoformat(timespec="minutes"),
        start_fold=start_fold,
        end_fold=end_fold,
    )


def _get_week_one(year: int) -> date:
    return date.fromisocalendar(year, 1, 1)


def _move_day(day: str, by: timedelta) -> str:
    return (date.fromisoformat(day) + by).isoformat()


def _move_time(time: str, by: timedelta, fold: Fold | None, zone: ZoneInfo) -> tuple[datetime, Fold | None]:
    moved = datetime.fromisoformat(time) + by
    gap = find_gap(moved, zone)
    if gap:
        return gap[1], None
    return moved, (fold or 0) if is_doubled(moved, zone) else None
