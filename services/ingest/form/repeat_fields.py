"""Fields of the form for repeats, to and from a ``recurrence``: a rule, further dates, changes of single dates.

A change belongs to a day and not to a position: it stays where it is typed while the rule or the hour changes. What
these fields cannot say, such as a rule with BYSETPOS, is carried as the value of one of them (decision 0033).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any, Final

import msgspec

from shared.date_input import UnreadableInput, read_day, read_day_list, read_hour, write_day
from shared.event.end_hours import count_days, lacks_end_hour
from shared.event.model import Dates, Recurrence, RecurrenceException, parse_part, serialize_part
from shared.event.recurrence import (
    MAX_EXCEPTIONS,
    MAX_OCCURRENCES,
    WEEKDAYS,
    InvalidRecurrence,
    Rule,
    list_occurrences,
    parse_rule,
    shift_recurrence,
)
from shared.i18n.languages import LANGUAGES

NAMES: Final = frozenset({"recurrence", "repeats", "repeats.days", "repeats.until", "repeats.count", "repeats.further"})
"""The fields that are always there; those of a change are named after its day (:func:`is_change_field`)."""
KINDS: Final = (
    "once",
    "daily",
    "weekly",
    "fortnightly",
    "monthly_weekday",
    "monthly_last",
    "monthly_date",
    "dates",
    "kept",
)
BY_WEEKDAY: Final = frozenset({"weekly", "fortnightly"})
BY_RULE: Final = frozenset(KINDS) - {"once", "dates", "kept"}
CHANGES: Final = ("left_out", "cancelled", "moved")
MAX_CHANGES: Final = 2 * MAX_EXCEPTIONS
"""Days with a change that a form or a draft may hold: cancelled or moved ones, and those left out."""
FIFTH: Final = 5
_CHANGE_FIELD: Final = re.compile(
    rf"repeats\.([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})\.(what|date|start|end|note\.(?:{'|'.join(LANGUAGES)}))"
)


Fields = Mapping[str, Sequence[str]]


def is_change_field(name: str) -> bool:
    return _CHANGE_FIELD.fullmatch(name) is not None


def split_change_field(name: str) -> tuple[str, str] | None:
    """Return the day and the part of a field such as ``repeats.2027-07-10.note.pl``; None for any other."""
    found = _CHANGE_FIELD.fullmatch(name)
    return (found[1], found[2]) if found else None


def list_days(fields: Fields) -> list[str]:
    """List the days that have fields of a change, in order; one more than is taken at most."""
    return sorted({found[0] for name in fields if (found := split_change_field(name))})[: MAX_CHANGES + 1]


def list_changes(fields: Fields) -> dict[str, str]:
    """Map the days on which something is changed to what."""
    chosen = {day: get_value(fields, f"repeats.{day}.what") for day in list_days(fields)}
    return {day: what for day, what in chosen.items() if what}


def get_kind(fields: Fields) -> str:
    """A form of an earlier release carries repeats without a kind."""
    return get_value(fields, "repeats") or ("kept" if get_value(fields, "recurrence") else "once")


def parse_repeats(fields: Fields, start: str, end: str) -> dict[str, Any]:
    """Return ``recurrence``, if there is one; what is unreadable has an error (``repeat_errors.py``)."""
    kind = get_kind(fields)
    if kind == "once":
        return {}
    if kind == "kept":
        return _parse_kept(get_value(fields, "recurrence"), start)
    hour = start.partition("T")[2]
    changes = list_changes(fields)
    left_out = [_join(day, hour) for day, what in changes.items() if what == "left_out"]
    exceptions = [_parse_change(fields, day, start, end) for day, what in changes.items() if what != "left_out"]
    found = {
        "rrule": _write_rule(fields, kind, start) if kind in BY_RULE else "",
        "rdates": [_join(day, hour) for day in _read_further(fields) if day != start[:10]],
        "exdates": left_out,
        "exceptions": exceptions,
    }
    return {"recurrence": {name: value for name, value in found.items() if value}}


def write_repeats(dates: Dates) -> dict[str, list[str]]:
    """Write what the form's fields can say; else carry it as it is, with the start that it belongs to."""
    if dates.recurrence is None:
        return {}
    with suppress(InvalidRecurrence, msgspec.ValidationError, ValueError):
        written = _write_fields(dates, dates.recurrence)
        read = parse_part(parse_repeats(written, dates.start, dates.end)["recurrence"], Recurrence)
        if _means_the_same(dates, read):
            return written
    carried = msgspec.json.encode([dates.start, serialize_part(dates.recurrence)]).decode()
    return {"repeats": ["kept"], "recurrence": [carried]}


def omit_unused(fields: Fields) -> dict[str, Sequence[str]]:
    """Omit the fields that the chosen kind leaves unread."""
    kind = get_kind(fields)
    unused: set[str] = set() if kind == "kept" else {"recurrence"}
    if kind not in BY_RULE:
        unused |= {"repeats.days", "repeats.until", "repeats.count"}
    if kind not in BY_WEEKDAY:
        unused |= {"repeats.days"}
    if kind in {"once", "kept"}:
        unused |= {"repeats.further", *(name for name in fields if is_change_field(name))}
    if kind == "once":
        unused |= {"repeats"}
    return {name: values for name, values in fields.items() if name not in unused}


def get_value(fields: Fields, name: str) -> str:
    values = fields.get(name, ())
    return values[-1].strip() if values else ""


def _parse_kept(carried: str, start: str) -> dict[str, Any]:
    """Return the repeats that the form carries, moved as the start was moved; what is unreadable stays as it came."""
    if not carried:
        return {}
    try:
        before, recurrence = msgspec.json.decode(carried, type=tuple[str, dict[str, Any]])
        moved = serialize_part(shift_recurrence(parse_part(recurrence, Recurrence), before, start))
    except (msgspec.MsgspecError, InvalidRecurrence, RecursionError):
        return {"recurrence": carried}
    return {"recurrence": moved}


def _write_rule(fields: Fields, kind: str, start: str) -> str:
    parts = {
        "daily": ["FREQ=DAILY"],
        "weekly": ["FREQ=WEEKLY"],
        "fortnightly": ["FREQ=WEEKLY", "INTERVAL=2"],
    }.get(kind, ["FREQ=MONTHLY"])
    count, until = get_value(fields, "repeats.count"), _read_or_nothing(get_value(fields, "repeats.until"))
    if count:
        parts.append(f"COUNT={count}")
    if until:
        hour = start.partition("T")[2].replace(":", "")
        parts.append(f"UNTIL={until.replace('-', '')}" + (f"T{hour}00" if hour else ""))
    if days := _list_rule_days(fields, kind, start):
        parts.append(f"BYDAY={','.join(days)}")
    return ";".join(parts)


def _list_rule_days(fields: Fields, kind: str, start: str) -> list[str]:
    if kind in BY_WEEKDAY:
        ticked = fields.get("repeats.days", ())
        return [day for day in WEEKDAYS if day in ticked]
    if kind not in {"monthly_weekday", "monthly_last"}:
        return []
    try:
        first = date.fromisoformat(start[:10])
    except ValueError:  # which has an error of its own
        return []
    return [_name_day_of_month(first, last=kind == "monthly_last")]


def _name_day_of_month(first: date, *, last: bool) -> str:
    """Such as ``2SA``: a fifth is the last, for most months have none."""
    number = (first.day - 1) // 7 + 1
    return f"{-1 if last or number == FIFTH else number}{WEEKDAYS[first.weekday()]}"


def _read_further(fields: Fields) -> list[str]:
    try:
        return read_day_list(get_value(fields, "repeats.further"), most=MAX_OCCURRENCES)
    except UnreadableInput:
        return []


def _parse_change(fields: Fields, day: str, start: str, end: str) -> dict[str, Any]:
    what, hour = get_value(fields, f"repeats.{day}.what"), start.partition("T")[2]
    note = {code: text for code in LANGUAGES if (text := get_value(fields, f"repeats.{day}.note.{code}"))}
    change = {"date": _join(day, hour), "status": what, **({"note": note} if note else {})}
    if what != "moved":
        return change
    begin = _join(
        _read_or_nothing(get_value(fields, f"repeats.{day}.date")) or day,
        _read_or_nothing(get_value(fields, f"repeats.{day}.start"), read_hour) or hour,
    )
    last = _read_or_nothing(get_value(fields, f"repeats.{day}.end"), read_hour)
    return change | {"start": begin, "end": _find_end(begin, last, start, end)}


def _find_end(begin: str, hour: str, start: str, end: str) -> str:
    """The end at that hour, past midnight if it has to be; without one as long after the start as that of the event."""
    try:
        begins = datetime.fromisoformat(begin)
        if lacks_end_hour(start, end) and not hour:
            return (begins.date() + count_days(start, end)).isoformat()
        if not hour:
            found = begins + (datetime.fromisoformat(end) - datetime.fromisoformat(start))
        else:
            found = datetime.fromisoformat(f"{begin[:10]}T{hour}")
            found += timedelta(days=found < begins)
    except (ValueError, TypeError, OverflowError):  # of days that have errors of their own
        return begin
    return found.isoformat(timespec="minutes") if "T" in begin else found.date().isoformat()


def _write_fields(dates: Dates, recurrence: Recurrence) -> dict[str, list[str]]:
    rule = parse_rule(recurrence.rrule) if recurrence.rrule else None
    written = _write_rule_fields(rule, dates) if rule else {"repeats": "dates"}
    fields = {name: [value] for name, value in written.items() if value}
    if rule and "BYDAY" in rule.parts and written["repeats"] in BY_WEEKDAY:
        fields["repeats.days"] = [day for day in WEEKDAYS if day in rule.parts["BYDAY"].split(",")]
    if recurrence.rdates:
        fields["repeats.further"] = ["\n".join(write_day(each[:10]) for each in recurrence.rdates)]
    for moment in recurrence.exdates:
        fields[f"repeats.{moment[:10]}.what"] = ["left_out"]
    for each in recurrence.exceptions:
        fields |= {f"repeats.{each.date[:10]}.{name}": [value] for name, value in _write_change(each)}
    return fields


def _write_rule_fields(rule: Rule, dates: Dates) -> dict[str, str]:
    """Raises ValueError for a rule that the form has no answer for."""
    kind = _find_kind(rule, date.fromisoformat(dates.start[:10]))
    until = ""
    if rule.until:
        start = datetime.fromisoformat(dates.start)
        # An end before the hour of the start leaves its day out.
        until = write_day((rule.until - timedelta(days=rule.until.time() < start.time())).date().isoformat())
    return {"repeats": kind, "repeats.until": until, "repeats.count": str(rule.count or "")}


def _find_kind(rule: Rule, first: date) -> str:
    parts = rule.parts.keys() - {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST"}
    days = rule.parts.get("BYDAY", "")
    match rule.frequency, rule.interval, sorted(parts):
        case "DAILY", 1, []:
            return "daily"
        case "WEEKLY", 1 | 2, [] | ["BYDAY"]:
            return "weekly" if rule.interval == 1 else "fortnightly"
        case "MONTHLY", 1, [] | ["BYMONTHDAY"]:
            return "monthly_date"
        case "MONTHLY", 1, ["BYDAY"] if days == _name_day_of_month(first, last=True):
            return "monthly_last"
        case "MONTHLY", 1, ["BYDAY"] if days.removeprefix("+") == _name_day_of_month(first, last=False):
            return "monthly_weekday"
    raise ValueError(rule.frequency)


def _write_change(exception: RecurrenceException) -> Iterator[tuple[str, str]]:
    yield "what", exception.status
    yield from ((f"note.{code}", text) for code, text in exception.note.items())
    if exception.start and exception.end:
        yield "date", write_day(exception.start[:10])
        if "T" in exception.start:
            yield "start", exception.start[11:]
        if "T" in exception.end and exception.end != exception.start:
            yield "end", exception.end[11:]


def _means_the_same(dates: Dates, read: Recurrence) -> bool:
    again, written = msgspec.structs.replace(dates, recurrence=read), dates.recurrence
    return (
        list_occurrences(again) == list_occurrences(dates)
        and bool(written)
        and sorted(read.exdates) == sorted(written.exdates if written else ())
        and len(read.exceptions) == len(written.exceptions if written else ())
    )


def _read_or_nothing(value: str, read: Callable[[str], str] = read_day) -> str:
    try:
        return read(value)
    except UnreadableInput:
        return ""


def _join(day: str, hour: str) -> str:
    return f"{day}T{hour}" if hour else day
