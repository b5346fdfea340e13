"""Date fields of the form, to and from an event's ``dates``: day and hour, a month, or a season."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any, Final

from services.ingest.form import repeat_fields
from services.ingest.form.repeat_errors import find_repeat_errors
from services.ingest.form.repeat_fields import parse_repeats
from services.ingest.submission.dates import YEARS
from services.ingest.submission.field_errors import make_field_error
from shared.date_input import UnreadableInput, read_day, read_days, read_hour, write_day
from shared.event.model import SPANS, Dates
from shared.field_error import FieldError
from shared.i18n.text import gettext_noop

SEASONS: Final[Mapping[str, tuple[int, int]]] = MappingProxyType(
    {"spring": (3, 5), "summer": (6, 8), "holidays": (7, 8), "autumn": (9, 11), "winter": (12, 2)}
)
"""First and last month of each season that the form offers; winter ends in the next year."""
NAMES: Final = frozenset(
    {"certainty", "month", "season"}
    | repeat_fields.NAMES
    | {f"{name}_{part}" for name in ("start", "end") for part in ("date", "time", "fold")}
)
_READERS: Final[Mapping[str, Callable[[str], str]]] = MappingProxyType(
    {"start_date": read_day, "start_time": read_hour, "end_date": read_day, "end_time": read_hour}
)

_ADD_START = gettext_noop("Give the start time as well, or remove the end time.")
_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")
_SEASON = re.compile(r"([0-9]{4})-([a-z]+)")


def parse_dates(fields: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    certainty = _get_value(fields, "certainty")
    folds: dict[str, Any] = {}
    if certainty in SPANS:
        start, end = get_limits(_get_value(fields, certainty))
    else:
        start, end = _read_days(fields)
        folds = {f"{name}_fold": fold for name in ("start", "end") if (fold := _read_fold(fields, name)) is not None}
    sent = {"certainty": certainty, "start": start, "end": end}
    return {name: value for name, value in sent.items() if value} | folds | parse_repeats(fields, start, end)


def write_dates(dates: Dates) -> dict[str, str]:
    certainty: str = dates.certainty
    if certainty in SPANS:
        return {"certainty": certainty, certainty: find_choice(certainty, dates.start, dates.end)}
    written = {"certainty": certainty}
    for name, moment, fold in (("start", dates.start, dates.start_fold), ("end", dates.end, dates.end_fold)):
        day, _, written[f"{name}_time"] = moment.partition("T")
        written[f"{name}_date"] = write_day(day)
        if fold is not None:
            written[f"{name}_fold"] = str(fold)
    if "T" in dates.start and dates.start == dates.end and dates.start_fold == dates.end_fold:
        written["end_time"] = ""
    return {name: value for name, value in written.items() if value}


def get_limits(chosen: str) -> tuple[str, str]:
    """Return first and last day of ``2027-08``, ``2027-summer`` or ``2027-06-24/2027-08-31``; else the text twice."""
    if "/" in chosen:
        start, _, end = chosen.partition("/")
        return start, end
    if found := _MONTH.fullmatch(chosen):
        month = int(found[1]), int(found[2])
        return _get_span(month, month)
    if (found := _SEASON.fullmatch(chosen)) and found[2] in SEASONS:
        year, (first, last) = int(found[1]), SEASONS[found[2]]
        return _get_span((year, first), (year + (last < first), last))
    return chosen, chosen


def find_choice(certainty: str, start: str, end: str) -> str:
    """Return the choice with these limits, else the limits as a choice."""
    first = date.fromisoformat(start)
    names = [f"{first:%Y-%m}"] if certainty == "month" else [f"{first.year:04}-{name}" for name in SEASONS]
    return next((name for name in names if get_limits(name) == (start, end)), f"{start}/{end}")


def find_month(fields: Mapping[str, Sequence[str]]) -> str:
    """Return the month of the first day as a choice; empty if the day is unreadable."""
    found = _MONTH.match(_read_or_keep(_get_value(_divide_span(fields), "start_date"), read_day))
    return found[0] if found else ""


def omit_unused(fields: Mapping[str, Sequence[str]]) -> dict[str, Sequence[str]]:
    """Omit the date fields that the chosen certainty leaves unread."""
    certainty = _get_value(fields, "certainty")
    unused = {*SPANS, *_READERS, "start_fold", "end_fold"} if certainty in SPANS else {*SPANS}
    return repeat_fields.omit_unused(
        {name: values for name, values in fields.items() if name not in unused - {certainty}}
    )


def find_errors(fields: Mapping[str, Sequence[str]]) -> list[FieldError]:
    """Return the errors by the form's field names; a missing hour belongs to its empty field."""
    if _get_value(fields, "certainty") in SPANS:
        return []
    fields = _divide_span(fields)
    found = [error for name, read in _READERS.items() if (error := _find_error(fields, name, read))]
    return [*(found or _find_missing_time(fields)), *find_repeat_errors(fields, _read_days(fields)[0])]


def find_next_morning(fields: Mapping[str, Sequence[str]]) -> date | None:
    """Return the day after the start if the event seems to end past midnight: on its first day, but earlier."""
    if _get_value(fields, "certainty") in SPANS or find_errors(fields):
        return None
    start, end = _read_days(fields)
    if "T" not in start or end >= start or end[:10] != start[:10]:
        return None
    day = date.fromisoformat(start[:10])
    return day + timedelta(days=1) if day.year in YEARS else None


def is_same_moment(name: str, one: str, other: str) -> bool:
    return one == other or (
        name in _READERS and _read_or_keep(one, _READERS[name]) == _read_or_keep(other, _READERS[name])
    )


def _find_error(fields: Mapping[str, Sequence[str]], name: str, read: Callable[[str], str]) -> FieldError | None:
    try:
        read(_get_value(fields, name))
    except UnreadableInput as wrong:
        return make_field_error(name, wrong.code, wrong.text, wrong.values)
    return None


def _find_missing_time(fields: Mapping[str, Sequence[str]]) -> list[FieldError]:
    start, end = _read_days(fields)
    if not start or "T" in start or "T" not in end:  # the hour at which it ends need not be known
        return []
    return [make_field_error("start_time", "mixed", _ADD_START)]


def _read_days(fields: Mapping[str, Sequence[str]]) -> tuple[str, str]:
    """Return start and end; what is unreadable stays as typed and has an error (:func:`find_errors`)."""
    fields = _divide_span(fields)
    found = {name: _read_or_keep(_get_value(fields, name), read) for name, read in _READERS.items()}
    start_day, end_day = found["start_date"], found["end_date"] or found["start_date"]
    start = _join_moment(start_day, found["start_time"])
    if end_day == start_day and not found["end_time"]:
        return start, start
    return start, _join_moment(end_day, found["end_time"])


def _divide_span(fields: Mapping[str, Sequence[str]]) -> Mapping[str, Sequence[str]]:
    """Put the ends of a span, typed as the first day, into both fields, unless the last day is another one."""
    try:
        days = read_days(_get_value(fields, "start_date"))
    except UnreadableInput:
        return fields
    if days is None or _read_or_keep(_get_value(fields, "end_date"), read_day) not in {"", days[1]}:
        return fields
    return {**fields, "start_date": [days[0]], "end_date": [days[1]]}


def _join_moment(day: str, hour: str) -> str:
    return f"{day}T{hour}" if day and hour else day


def _read_or_keep(value: str, read: Callable[[str], str]) -> str:
    try:
        return read(value)
    except UnreadableInput:
        return value


def _read_fold(fields: Mapping[str, Sequence[str]], name: str) -> int | None:
    """Return the fold of a doubled hour; an unknown end has that of the start."""
    value = _get_value(fields, f"{name}_fold")
    if name == "end" and not _get_value(fields, "end_time"):
        value = _get_value(fields, "start_fold")
    return int(value) if value in {"0", "1"} else None


def _get_span(first: tuple[int, int], last: tuple[int, int]) -> tuple[str, str]:
    return f"{first[0]:04}-{first[1]:02}-01", f"{last[0]:04}-{last[1]:02}-{monthrange(*last)[1]:02}"


def _get_value(fields: Mapping[str, Sequence[str]], name: str) -> str:
    values = fields.get(name, ())
    return values[-1].strip() if values else ""
