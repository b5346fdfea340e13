"""Repeats: an event's recurrence read within bounds, and expanded into its occurrences. Pure.

All times are local and stand as in :class:`~shared.event.model.Dates`. An occurrence begins and ends at the hours of
the first one, also across a clock change, as in calendar programs.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from itertools import islice
from types import MappingProxyType
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

import msgspec
from dateutil.rrule import rrulestr
from msgspec.structs import replace

from shared.event.end_hours import count_days, lacks_end_hour
from shared.event.model import Dates, Recurrence, RecurrenceException, Texts
from shared.i18n.text import gettext_noop

MAX_OCCURRENCES: Final = 400
MAX_EXCEPTIONS: Final = 100
MAX_SPAN: Final = timedelta(days=731)
"""Two years, from the first start to the last."""
FIRST: Final = datetime(2000, 1, 1)  # noqa: DTZ001 - local
LAST: Final = datetime(2099, 12, 31, 23, 59)  # noqa: DTZ001 - local
"""No event is earlier or later."""
MAX_RULE: Final = 300
"""Characters of a rule."""
WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")

Frequency = Literal["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]
OccurrenceStatus = Literal["planned", "cancelled", "moved"]
Times = tuple[str, str]
"""Start and end of an occurrence."""

_DAY = "|".join(WEEKDAYS)
_PARTS: Final[Mapping[str, str]] = {
    "FREQ": "DAILY|WEEKLY|MONTHLY|YEARLY",
    "INTERVAL": "[1-9][0-9]{0,2}",
    "COUNT": "[1-9][0-9]{0,9}",
    "UNTIL": "[0-9]{8}(T[0-9]{6}Z?)?",
    "BYMONTH": "([1-9]|1[0-2])(,([1-9]|1[0-2]))*",
    "BYMONTHDAY": "[+-]?([1-9]|[12][0-9]|3[01])(,[+-]?([1-9]|[12][0-9]|3[01]))*",
    "BYDAY": f"([+-]?[1-5])?({_DAY})(,([+-]?[1-5])?({_DAY}))*",
    "BYSETPOS": "[+-]?([1-9]|[12][0-9]|3[01])(,[+-]?([1-9]|[12][0-9]|3[01])){0,9}",
    "WKST": _DAY,
}
"""The parts of a rule in the order in which they are stored, and what each may be."""

_NOT_A_RULE = gettext_noop(
    "This is no rule. Give one such as FREQ=WEEKLY;COUNT=10 (RFC 5545), up to %(limit)s characters."
)
_PART = gettext_noop(
    "A rule cannot have this part: %(part)s. Possible: %(parts)s, each once, with values as in RFC 5545."
)
_FREQ = gettext_noop("Give FREQ as DAILY, WEEKLY, MONTHLY or YEARLY.")
_TOGETHER = gettext_noop("%(part)s has no meaning with FREQ=%(freq)s here. Remove it or give another FREQ.")
_NO_END = gettext_noop("The rule must end. Add either COUNT or UNTIL to it.")
_NOT_A_DATE = gettext_noop("Give a date (2027-08-14) or a time (2027-08-14T18:00) that exists.")
TOO_MANY = gettext_noop("That makes more than %(limit)s occurrences. Let the repeats end earlier.")


class InvalidRecurrence(ValueError):
    """``path`` is within the recurrence, such as ``exceptions.2.date``; ``text`` is a msgid, filled with ``values``."""

    def __init__(self, path: str, code: str, text: str, **values: Any) -> None:  # noqa: ANN401 - a text is filled with anything
        super().__init__(f"{path}: {code}")
        self.path = path
        self.code = code
        self.text = text
        self.values = MappingProxyType(values)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule taken apart; ``until`` is local and ``parts`` has every part as written."""

    frequency: Frequency
    interval: int
    count: int | None
    until: datetime | None
    parts: Mapping[str, str]


class Occurrence(msgspec.Struct, frozen=True):
    """``date`` is the planned start, by which exceptions and calendars name it."""

    date: str
    start: str
    end: str
    status: OccurrenceStatus = "planned"
    note: Texts = {}


def list_occurrences(dates: Dates) -> list[Occurrence]:
    """List all occurrences in order, cancelled ones too; without a recurrence the only one.

    Raises InvalidRecurrence if the rule or a date cannot be read; what is beyond the limits is left out.
    """
    recurrence = dates.recurrence
    if recurrence is None:
        return [Occurrence(dates.start, dates.start, dates.end)]
    exceptions = {each.date: each for each in recurrence.exceptions}
    planned = list_planned(dates)
    return sorted(
        (_apply(times, exceptions.get(times[0])) for times in planned), key=lambda each: (each.start, each.end)
    )


def list_planned(dates: Dates) -> Sequence[Times]:
    """List start and end of every occurrence as if there were no exceptions; raises like :func:`list_occurrences`."""
    recurrence = dates.recurrence
    if recurrence is None:
        return ((dates.start, dates.end),)
    return _expand(dates.start, dates.end, recurrence.rrule, tuple(recurrence.rdates), tuple(recurrence.exdates))


def parse_rule(text: str) -> Rule:
    """Raises InvalidRecurrence."""
    parts = _split_rule(text)
    frequency = _check_frequency(parts)
    if ("COUNT" in parts) == ("UNTIL" in parts):
        raise InvalidRecurrence("rrule", "no_end", _NO_END)
    count = int(parts["COUNT"]) if "COUNT" in parts else None
    if count and count > MAX_OCCURRENCES:
        raise InvalidRecurrence("rrule", "too_many", TOO_MANY, limit=MAX_OCCURRENCES)
    until = _parse_until(parts["UNTIL"]) if "UNTIL" in parts else None
    return Rule(frequency, int(parts.get("INTERVAL", 1)), count, until, MappingProxyType(parts))


def write_rule(text: str, zone: ZoneInfo) -> str:
    """Write a rule as it is stored: parts in order, UNTIL in local time; raises InvalidRecurrence."""
    rule = parse_rule(text)
    parts = dict(rule.parts)
    if parts.get("UNTIL", "").endswith("Z") and rule.until:
        parts["UNTIL"] = f"{rule.until.replace(tzinfo=UTC).astimezone(zone):%Y%m%dT%H%M%S}"
    return ";".join(f"{name}={value}" for name, value in parts.items())


def shift_recurrence(recurrence: Recurrence, before: str, after: str) -> Recurrence:
    """Move everything as the start moves from ``before`` to ``after``; raises InvalidRecurrence. Check it anew.

    If the start loses its hour, all lose theirs and move by whole days.
    """
    by = parse_moment(after) - parse_moment(before)

    def read(moment: str) -> datetime:
        found = parse_moment(moment)
        return found if "T" in after else datetime.combine(found, time())

    def move(moment: str) -> str:
        return _write(read(moment) + (parse_moment(after) - read(before)), after)

    def move_end(begins: str, end: str) -> str:
        if not lacks_end_hour(begins, end) or "T" not in after:
            return move(end)
        return _write(parse_moment(end) + count_days(before, after), end)

    rrule = recurrence.rrule
    if rrule and (until := parse_rule(rrule).until):
        form = "%Y%m%dT%H%M%S" if "T" in after else "%Y%m%d"
        # An end before the hour of the start leaves its day out.
        rrule = re.sub("(?<=UNTIL=)[^;]*", (until + by).strftime(form), rrule)
    exceptions = [
        replace(
            each,
            date=move(each.date),
            start=each.start and move(each.start),
            end=each.end and move_end(each.start or "", each.end),
        )
        for each in recurrence.exceptions
    ]
    rdates, exdates = ([move(each) for each in listed] for listed in (recurrence.rdates, recurrence.exdates))
    return replace(recurrence, rrule=rrule, rdates=rdates, exdates=exdates, exceptions=exceptions)


def _split_rule(text: str) -> dict[str, str]:
    upper = text[: MAX_RULE + 1].upper().removeprefix("RRULE:")
    pairs = [part.partition("=")[::2] for part in upper.split(";") if part]
    if not pairs or len(text) > MAX_RULE:
        raise InvalidRecurrence("rrule", "not_a_rule", _NOT_A_RULE, limit=MAX_RULE)
    times = Counter(name for name, _value in pairs)
    for name, value in pairs:
        if name == "FREQ" and not re.fullmatch(_PARTS["FREQ"], value):
            raise InvalidRecurrence("rrule", "unknown_value", _FREQ)
        if name not in _PARTS or times[name] > 1 or not re.fullmatch(_PARTS[name], value):
            part = f"{name}={value}"[:40]
            raise InvalidRecurrence("rrule", "unknown_part", _PART, part=part, parts=", ".join(_PARTS))
    found = dict(pairs)
    return {name: found[name] for name in _PARTS if name in found}


def _check_frequency(parts: Mapping[str, str]) -> Frequency:
    frequency: Any = parts.get("FREQ")
    if frequency is None:
        raise InvalidRecurrence("rrule", "unknown_value", _FREQ)
    alone = {"BYDAY", "BYMONTHDAY"}.isdisjoint(parts)
    senseless = {
        "BYMONTHDAY": frequency in {"DAILY", "WEEKLY"},
        "BYSETPOS": frequency in {"DAILY", "WEEKLY"} or alone,
        "BYDAY": frequency in {"DAILY", "WEEKLY"} and re.search("[0-9]", parts.get("BYDAY", "")),
    }
    for part in parts:
        if senseless.get(part):
            raise InvalidRecurrence("rrule", "senseless_part", _TOGETHER, part=f"{part}={parts[part]}", freq=frequency)
    return frequency  # type: ignore[no-any-return]  # as its pattern says


def _parse_until(text: str) -> datetime:
    """An end beyond all events, such as 99991231T235959Z, is the last or first moment of one."""
    try:
        found = datetime.strptime(text.removesuffix("Z"), "%Y%m%dT%H%M%S" if "T" in text else "%Y%m%d")  # noqa: DTZ007 - local
    except ValueError:
        raise InvalidRecurrence("rrule", "not_a_date", _NOT_A_DATE) from None
    return min(max(found, FIRST), LAST)


@lru_cache(maxsize=256)  # each format, language and page asks again
def _expand(
    start: str, end: str, rrule: str | None, rdates: tuple[str, ...], exdates: tuple[str, ...]
) -> tuple[Times, ...]:
    first = parse_moment(start)
    length = count_days(start, end) if lacks_end_hour(start, end) else parse_moment(end) - first
    starts = {*(parse_moment(each) for each in rdates), *(list_rule_starts(start, rrule) if rrule else ())}
    starts = (starts - {parse_moment(each, "exdates") for each in exdates}) | {first}
    kept = islice((each for each in sorted(starts) if each - first <= MAX_SPAN), MAX_OCCURRENCES)
    return tuple((_write(each, start), _write(each + length, end)) for each in kept)


def list_rule_starts(start: str, text: str) -> Iterator[datetime]:
    """List the starts within the span, at most one more than the limit; a rule without any ends soon."""
    rule, first = parse_rule(text), parse_moment(start)
    shift = _find_twin(first.year)
    begins = first.replace(year=first.year + shift)
    by = first - begins
    days = ";".join(f"{name}={value}" for name, value in rule.parts.items() if name not in {"COUNT", "UNTIL"})
    last = min(rule.until or LAST, first + MAX_SPAN, LAST)
    found = rrulestr(days, dtstart=begins).replace(until=last - by)
    return (each + by for each in islice(found, min(rule.count or MAX_OCCURRENCES + 1, MAX_OCCURRENCES + 1)))


def _find_twin(year: int) -> int:
    """Find how far ahead the last years before 9999 with the calendar of this year and the next ones are.

    Of a rule that matches no day dateutil notices it in the year 9999: from 2027 that takes seconds. Calendars of 2000
    to 2099 repeat after 28 years, and that of 2000 is also the one of 9972.
    """
    return 9_969 + (year - 2_000 + 3) % 28 - year


def _apply(planned: Times, exception: RecurrenceException | None) -> Occurrence:
    start, end = planned
    if exception is None:
        return Occurrence(start, start, end)
    if exception.status == "cancelled":
        return Occurrence(start, start, end, "cancelled", exception.note)
    begins = exception.start or start
    return Occurrence(start, begins, exception.end or begins, "moved", exception.note)


def parse_moment(moment: str, path: str = "rdates") -> datetime:
    """A day is its midnight. What names a time zone or lies beyond the years of events is refused."""
    try:
        found = datetime.fromisoformat(moment)
        if found.tzinfo is None and FIRST <= found <= LAST:
            return found
    except ValueError:
        pass
    raise InvalidRecurrence(path, "not_a_date", _NOT_A_DATE)


def _write(moment: datetime, like: str) -> str:
    return moment.isoformat(timespec="minutes") if "T" in like else moment.date().isoformat()
