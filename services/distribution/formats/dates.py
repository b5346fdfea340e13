"""When an event is, as values that calendars take."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from shared.messages import Dates


class EndsBeforeStart(Exception):
    """An event ends before it starts; such a one cannot be shown in any calendar."""


@dataclass(frozen=True, slots=True)
class AllDay:
    """Whole days, both inclusive."""

    first: date
    last: date

    @property
    def after(self) -> date:
        """The day after the last one: the exclusive end that iCalendar wants."""
        return self.last + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Timed:
    """Local times with their zone and fold; ``end`` is None if it is not known."""

    start: datetime
    end: datetime | None

    @property
    def needs_utc(self) -> bool:
        """Whether a time lies in the hour that comes twice.

        iCalendar has no word for the second one, and readers disagree about the first (ical.js takes it for the
        second); in UTC all of them agree.
        """
        return any(is_doubled(time) for time in (self.start, self.end) if time)


When = AllDay | Timed


def when(dates: Dates, zone: ZoneInfo) -> When:
    """Read the dates of an event.

    Raises:
        ValueError: if one is no date or time, or one is a date and the other a time.
        EndsBeforeStart: if the end is before the start.

    """
    if "T" not in dates.start:
        days = AllDay(date.fromisoformat(dates.start), date.fromisoformat(dates.end))
        if days.last < days.first:
            raise EndsBeforeStart(f"{dates.start} – {dates.end}")
        return days
    if "T" not in dates.end:
        raise ValueError(f"{dates.start} is a time and {dates.end} is a date")
    start, end = _local(dates.start, dates.start_fold, zone), _local(dates.end, dates.end_fold, zone)
    if end.astimezone(UTC) < start.astimezone(UTC):
        raise EndsBeforeStart(f"{dates.start} – {dates.end}")
    return Timed(start, end if end.astimezone(UTC) > start.astimezone(UTC) else None)


def is_doubled(time: datetime) -> bool:
    """Tell whether a local time comes twice, in the night when clocks go back."""
    return time.replace(fold=0).utcoffset() != time.replace(fold=1).utcoffset()


def zone_word(found: When) -> str:
    """Name the time in which an hour that comes twice is meant, "CET" or "CEST"; empty for every other hour."""
    return (found.start.tzname() or "") if isinstance(found, Timed) and is_doubled(found.start) else ""


def _local(text: str, fold: int | None, zone: ZoneInfo) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold or 0)
