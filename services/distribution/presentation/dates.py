"""When an event is, as values for calendars."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from shared.event.end_hours import lacks_end_hour
from shared.event.model import Dates
from shared.event.recurrence import parse_moment, parse_rule


class EndsBeforeStart(Exception):
    """No calendar can show such an event."""


@dataclass(frozen=True, slots=True)
class DayRange:
    """Whole days, both inclusive."""

    first: date
    last: date

    @property
    def exclusive_end(self) -> date:
        """The exclusive end that iCalendar needs."""
        return self.last + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class TimeRange:
    """Local times with zone and fold; ``end`` is None if unknown."""

    start: datetime
    end: datetime | None

    @property
    def needs_utc(self) -> bool:
        """ICalendar cannot name the second occurrence of an ambiguous hour, and readers disagree about the first."""
        return any(is_ambiguous(time) for time in (self.start, self.end) if time)


@dataclass(frozen=True, slots=True)
class TimeToDay:
    """A local start with zone and fold, and a later last day: when it ends on that day is not known."""

    start: datetime
    last: date

    @property
    def days(self) -> DayRange:
        """All that calendars can be told without an invented end."""
        return DayRange(self.start.date(), self.last)


EventTime = DayRange | TimeRange | TimeToDay


def parse_time(dates: Dates, zone: ZoneInfo) -> EventTime:
    """Raises ValueError: a value is no date or time, or only the end is a time."""
    # Raises EndsBeforeStart: the end is before the start.
    if "T" not in dates.start:
        days = DayRange(date.fromisoformat(dates.start), date.fromisoformat(dates.end))
        if days.last < days.first:
            raise EndsBeforeStart(f"{dates.start} – {dates.end}")
        return days
    start = _parse_local(dates.start, dates.start_fold, zone)
    if "T" not in dates.end:
        return _parse_last_day(start, date.fromisoformat(dates.end))
    end = _parse_local(dates.end, dates.end_fold, zone)
    if end.astimezone(UTC) < start.astimezone(UTC):
        raise EndsBeforeStart(f"{dates.start} – {dates.end}")
    return TimeRange(start, end if end.astimezone(UTC) > start.astimezone(UTC) else None)


def _parse_last_day(start: datetime, last: date) -> EventTime:
    if last < start.date():
        raise EndsBeforeStart(f"{start} – {last}")
    return TimeToDay(start, last) if last > start.date() else TimeRange(start, None)


def write_rrule(dates: Dates, zone: ZoneInfo) -> str:
    """The rule as RFC 5545 wants it next to local hours: UNTIL in UTC; "" if there is none."""
    if dates.recurrence is None or dates.recurrence.rrule is None:
        return ""
    rule = parse_rule(dates.recurrence.rrule)
    parts = dict(rule.parts)
    if rule.until and "T" in parts["UNTIL"]:
        # The last time at which it may begin: UNTIL itself may be an hour that the clocks skip, which is no instant.
        last = datetime.combine(rule.until, parse_moment(dates.start).time())
        last -= timedelta(days=last > rule.until)
        in_utc = f"{last.replace(tzinfo=zone).astimezone(UTC):%Y%m%dT%H%M%SZ}"
        # Without an hour of the end calendars are told whole days.
        parts["UNTIL"] = f"{last:%Y%m%d}" if lacks_end_hour(dates.start, dates.end) else in_utc
    return ";".join(f"{name}={value}" for name, value in parts.items())


def is_ambiguous(time: datetime) -> bool:
    """Whether a local time occurs twice, when clocks go back."""
    return time.replace(fold=0).utcoffset() != time.replace(fold=1).utcoffset()


def _parse_local(text: str, fold: int | None, zone: ZoneInfo) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold or 0)
