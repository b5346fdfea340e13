"""Dates and local times of an event, and the rules between them across clock changes.

A date is ``2027-08-14``, a time ``2027-08-14T18:00``. Equal times mean that the end is not known; a time and a later
date mean that the hour at which it ends is not known.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from services.ingest.submission.field_errors import invalid
from shared.i18n.text import gettext_noop

Fold = Literal[0, 1]
Moment = date | datetime
YEARS = range(2000, 2100)
"""A year outside of these is more likely a typing error."""

_NOT_A_DATE = gettext_noop("Give a date (2027-08-14) or a time (2027-08-14T18:00) that exists.")
_BEFORE_START = gettext_noop("The end is before the start. Give %(earliest)s or later.")
_YEARS = gettext_noop("Give a year from %(first)s to %(last)s.")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T([01][0-9]|2[0-3]):[0-5][0-9])?")
"""Stricter than ``fromisoformat``, whose newer versions read 24:00."""


@lru_cache(maxsize=4096)
def read_moment(text: str) -> Moment:
    """Raises PydanticCustomError: ``not_a_date`` or ``out_of_range``."""
    if not _MOMENT.fullmatch(text):
        raise invalid("not_a_date", _NOT_A_DATE)
    try:
        found: Moment = datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
    except ValueError:
        raise invalid("not_a_date", _NOT_A_DATE) from None
    if found.year not in YEARS:
        raise invalid("out_of_range", _YEARS, first=YEARS[0], last=YEARS[-1])
    return found


def is_doubled(time: datetime, zone: ZoneInfo) -> bool:
    """Whether a local time occurs twice, in the night when clocks go back."""
    offset, other = _get_offsets(time, zone)
    return offset > other


def find_gap(time: datetime, zone: ZoneInfo) -> tuple[datetime, datetime] | None:
    """Return the times before and after the gap of a local time that is skipped when clocks go forward."""
    before, after = _get_offsets(time, zone)
    if before >= after:
        return None
    return time - (after - before), time + (after - before)


def check_time(time: datetime, fold: Fold | None, zone: ZoneInfo) -> None:
    """Raises PydanticCustomError: ``skipped_hour`` with the times before and after, or ``doubled_hour``."""
    gap = find_gap(time, zone)
    if gap:
        text = gettext_noop("There is no %(time)s on %(day)s, because the clocks change. Give %(before)s or %(after)s.")
        raise invalid("skipped_hour", text, **_format_time(time), before=f"{gap[0]:%H:%M}", after=f"{gap[1]:%H:%M}")
    if fold is None and is_doubled(time, zone):
        text = gettext_noop(
            "%(time)s comes twice on %(day)s, because the clocks change. Choose the first (fold 0) or "
            "the second (fold 1)."
        )
        raise invalid("doubled_hour", text, **_format_time(time))


def check_order(start: Moment, end: Moment, zone: ZoneInfo, *, folds: tuple[Fold | None, Fold | None]) -> None:
    """Raises PydanticCustomError: ``mixed`` (a date, then a time) or ``before_start``."""
    if isinstance(end, datetime) and not isinstance(start, datetime):
        raise invalid("mixed", gettext_noop("Give the time of the start too, or no time of the end."))
    if isinstance(start, datetime) and not isinstance(end, datetime):
        if end < start.date():
            raise invalid("before_start", _BEFORE_START, earliest=start.date())
        return
    if resolve_instant(end, folds[1], zone) < resolve_instant(start, folds[0], zone):
        raise invalid("before_start", _BEFORE_START, earliest=_find_earliest_end(start, end, zone, folds=folds))


def _find_earliest_end(start: Moment, end: Moment, zone: ZoneInfo, *, folds: tuple[Fold | None, Fold | None]) -> date:
    """Return the first day of a valid end: the next one if its hour has passed by the start."""
    if not isinstance(start, datetime) or not isinstance(end, datetime):
        return start
    same_day = datetime.combine(start.date(), end.time())
    passed = resolve_instant(same_day, folds[1], zone) < resolve_instant(start, folds[0], zone)
    return start.date() + timedelta(days=passed)


@lru_cache(maxsize=4096)
def resolve_instant(moment: Moment, fold: Fold | None, zone: ZoneInfo) -> datetime:
    if not isinstance(moment, datetime):
        moment = datetime(moment.year, moment.month, moment.day)  # noqa: DTZ001 - local, its zone follows
    return moment.replace(tzinfo=zone, fold=fold or 0).astimezone(UTC)


@lru_cache(maxsize=4096)  # both ends of an event ask three times each
def _get_offsets(time: datetime, zone: ZoneInfo) -> tuple[timedelta, timedelta]:
    first = time.replace(tzinfo=zone, fold=0).utcoffset()
    second = time.replace(tzinfo=zone, fold=1).utcoffset()
    return first or timedelta(), second or timedelta()


def _format_time(time: datetime) -> dict[str, str | date]:
    return {"time": f"{time:%H:%M}", "day": time.date()}
