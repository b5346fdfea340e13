"""When an event is: two dates, or two local times of the region, on both sides of the clock changes.

A date is ``2027-08-14``, a time ``2027-08-14T18:00``. Equal times mean that the end is not known.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from services.ingest.domain.faults import refuse
from shared.web.locale import gettext_noop

Fold = Literal[0, 1]
Moment = date | datetime
YEARS = range(2000, 2100)
"""Outside of these a slip of the finger is likelier than an event."""

_NOT_A_DATE = gettext_noop("Podaj istniejącą datę (2027-08-14) albo godzinę (2027-08-14T18:00).")
_BEFORE_START = gettext_noop("Koniec jest przed początkiem. Podaj %(earliest)s lub później.")
_YEARS = gettext_noop("Podaj rok od %(first)s do %(last)s.")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2})?")


@lru_cache(maxsize=4096)
def read_moment(text: str) -> Moment:
    """Read a date or a local time, exactly as it is written in section 5.

    Raises:
        PydanticCustomError: ``not_a_date`` or ``out_of_range``.

    """
    if not _MOMENT.fullmatch(text):
        raise refuse("not_a_date", _NOT_A_DATE)
    try:
        found: Moment = datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
    except ValueError:
        raise refuse("not_a_date", _NOT_A_DATE) from None
    if found.year not in YEARS:
        raise refuse("out_of_range", _YEARS, first=YEARS[0], last=YEARS[-1])
    return found


def is_doubled(time: datetime, zone: ZoneInfo) -> bool:
    """Tell whether a local time comes twice, in the night when clocks go back."""
    offset, other = _offsets(time, zone)
    return offset > other


def skipped(time: datetime, zone: ZoneInfo) -> tuple[datetime, datetime] | None:
    """Give the times before and after the gap if a local time does not exist in the night when clocks go forward."""
    before, after = _offsets(time, zone)
    if before >= after:
        return None
    return time - (after - before), time + (after - before)


def check_time(time: datetime, fold: Fold | None, zone: ZoneInfo) -> None:
    """Refuse a time that does not exist, and one that comes twice without saying which is meant.

    Raises:
        PydanticCustomError: ``skipped_hour`` with the two times beside it, or ``doubled_hour``.

    """
    beside = skipped(time, zone)
    if beside:
        text = gettext_noop(
            "Godziny %(time)s nie ma dnia %(day)s, bo zmienia się czas. Podaj %(before)s albo %(after)s."
        )
        raise refuse("skipped_hour", text, **_said(time), before=f"{beside[0]:%H:%M}", after=f"{beside[1]:%H:%M}")
    if fold is None and is_doubled(time, zone):
        text = gettext_noop(
            "Godzina %(time)s jest dnia %(day)s dwa razy, bo zmienia się czas. "
            "Wybierz pierwszą (fold 0) albo drugą (fold 1)."
        )
        raise refuse("doubled_hour", text, **_said(time))


def check_order(start: Moment, end: Moment, zone: ZoneInfo, *, folds: tuple[Fold | None, Fold | None]) -> None:
    """Refuse a date beside a time, and an end before the start.

    Raises:
        PydanticCustomError: ``mixed`` or ``before_start``.

    """
    if isinstance(start, datetime) != isinstance(end, datetime):
        raise refuse("mixed", gettext_noop("Podaj godzinę przy obu dniach albo przy żadnym."))
    if instant(end, folds[1], zone) < instant(start, folds[0], zone):
        raise refuse("before_start", _BEFORE_START, earliest=start)


@lru_cache(maxsize=4096)
def instant(moment: Moment, fold: Fold | None, zone: ZoneInfo) -> datetime:
    """Give the instant at which a local time, or a day, begins, in UTC."""
    if not isinstance(moment, datetime):
        moment = datetime(moment.year, moment.month, moment.day)  # noqa: DTZ001 - local, its zone follows
    return moment.replace(tzinfo=zone, fold=fold or 0).astimezone(UTC)


@lru_cache(maxsize=4096)  # both ends of an event ask three times each
def _offsets(time: datetime, zone: ZoneInfo) -> tuple[timedelta, timedelta]:
    first = time.replace(tzinfo=zone, fold=0).utcoffset()
    second = time.replace(tzinfo=zone, fold=1).utcoffset()
    return first or timedelta(), second or timedelta()


def _said(time: datetime) -> dict[str, str | date]:
    return {"time": f"{time:%H:%M}", "day": time.date()}
