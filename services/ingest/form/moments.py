"""The dates of the form: day and hour apart, a month, or a season, and ``dates`` of section 5 made of them."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Any, Final

SEASONS: Final[Mapping[str, tuple[int, int]]] = MappingProxyType(
    {"spring": (3, 5), "summer": (6, 8), "holidays": (7, 8), "autumn": (9, 11), "winter": (12, 2)}
)
"""First and last month of each season that the form offers; winter ends in the next year."""
SPANS: Final = frozenset({"month", "season"})

_DAY_IN_WORDS = re.compile(r"([0-9]{1,2})[.\-/ ]([0-9]{1,2})[.\-/ ]([0-9]{4})")
_HOUR = re.compile(r"([0-9]{1,2})[:.]([0-9]{2})(:00)?")
_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")
_SEASON = re.compile(r"([0-9]{4})-([a-z]+)")


def dates_of(fields: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Make ``dates`` of what was typed; which fields count is said by the certainty that was chosen."""
    certainty = _typed(fields, "certainty")
    folds: dict[str, Any] = {}
    if certainty in SPANS:
        start, end = limits(_typed(fields, certainty))
    else:
        start, end = _days(fields)
        folds = {f"{name}_fold": fold for name in ("start", "end") if (fold := _fold(fields, name)) is not None}
    sent = {"certainty": certainty, "start": start, "end": end}
    return {name: value for name, value in sent.items() if value} | folds


def fields_of_dates(dates: Mapping[str, Any]) -> dict[str, str]:
    """Write ``dates`` into the form."""
    certainty: str = dates["certainty"]
    if certainty in SPANS:
        return {"certainty": certainty, certainty: choice(certainty, dates["start"], dates["end"])}
    written = {"certainty": certainty}
    for name in ("start", "end"):
        written[f"{name}_date"], _, written[f"{name}_time"] = dates[name].partition("T")
        if f"{name}_fold" in dates:
            written[f"{name}_fold"] = str(dates[f"{name}_fold"])
    if "T" in dates["start"] and dates["start"] == dates["end"] and dates.get("start_fold") == dates.get("end_fold"):
        written["end_time"] = ""
    return {name: value for name, value in written.items() if value}


def limits(chosen: str) -> tuple[str, str]:
    """Give the first and last day of ``2027-08``, ``2027-summer``, ``2027-06-24/2027-08-31``; else what was chosen."""
    if "/" in chosen:
        start, _, end = chosen.partition("/")
        return start, end
    if found := _MONTH.fullmatch(chosen):
        month = int(found[1]), int(found[2])
        return _months(month, month)
    if (found := _SEASON.fullmatch(chosen)) and found[2] in SEASONS:
        year, (first, last) = int(found[1]), SEASONS[found[2]]
        return _months((year, first), (year + (last < first), last))
    return chosen, chosen


def choice(certainty: str, start: str, end: str) -> str:
    """Find the choice that means these limits; limits that none means are a choice of their own."""
    first = date.fromisoformat(start)
    names = [f"{first:%Y-%m}"] if certainty == "month" else [f"{first.year:04}-{name}" for name in SEASONS]
    return next((name for name in names if limits(name) == (start, end)), f"{start}/{end}")


def _days(fields: Mapping[str, Sequence[str]]) -> tuple[str, str]:
    start_day, start_hour = _day(_typed(fields, "start_date")), _hour(_typed(fields, "start_time"))
    end_day, end_hour = _day(_typed(fields, "end_date")) or start_day, _hour(_typed(fields, "end_time"))
    start = _moment(start_day, start_hour)
    if end_day == start_day and not end_hour:
        return start, start
    return start, _moment(end_day, end_hour)


def _moment(day: str, hour: str) -> str:
    return f"{day}T{hour}" if hour else day


def _day(typed: str) -> str:
    """Read a day; a browser without a calendar sends what people type: 14.8.2027."""
    found = _DAY_IN_WORDS.fullmatch(typed)
    return f"{found[3]}-{int(found[2]):02}-{int(found[1]):02}" if found else typed


def _hour(typed: str) -> str:
    found = _HOUR.fullmatch(typed)
    return f"{int(found[1]):02}:{found[2]}" if found else typed


def _fold(fields: Mapping[str, Sequence[str]], name: str) -> int | None:
    """Read which of a doubled hour is meant; an end that is not known is the start."""
    typed = _typed(fields, f"{name}_fold")
    if name == "end" and not _typed(fields, "end_time"):
        typed = _typed(fields, "start_fold")
    return int(typed) if typed in {"0", "1"} else None


def _months(first: tuple[int, int], last: tuple[int, int]) -> tuple[str, str]:
    return f"{first[0]:04}-{first[1]:02}-01", f"{last[0]:04}-{last[1]:02}-{monthrange(*last)[1]:02}"


def _typed(fields: Mapping[str, Sequence[str]], name: str) -> str:
    values = fields.get(name, ())
    return values[-1].strip() if values else ""
