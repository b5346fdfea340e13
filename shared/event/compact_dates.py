"""Dates in the least room, for tables of staff: "16–18 VII 2027". For the eye; readers get ``format_dates``. Pure."""

from __future__ import annotations

from datetime import date
from typing import Final

from babel.dates import format_date

from shared.event.days import get_span
from shared.event.model import SPANS, Dates
from shared.i18n.languages import get_locale

ROMAN_MONTHS: Final = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
WITH_ROMAN_MONTHS: Final = frozenset({"pl"})


def format_compact_dates(dates: Dates, language: str, *, with_year: bool = True) -> str:
    """Without hours; a month or season is its months. The year stands where the days are in two of them."""
    first, last = map(date.fromisoformat, get_span(dates))
    named = [_name_month(each, language) for each in (first, last)]
    if dates.certainty in SPANS:
        begins, ends = named
        same = (first.year, first.month) == (last.year, last.month)
    else:
        begins, ends = (f"{each.day} {name}" for each, name in zip((first, last), named, strict=True))
        same = first == last
    year = f" {last.year}" if with_year or first.year != last.year else ""
    if same:
        return begins + year
    if first.year != last.year:
        return f"{begins} {first.year} – {ends}{year}"
    if dates.certainty not in SPANS and first.month == last.month:
        return f"{first.day}–{ends}{year}"
    return f"{begins}–{ends}{year}" if dates.certainty in SPANS else f"{begins} – {ends}{year}"


def _name_month(day: date, language: str) -> str:
    if language in WITH_ROMAN_MONTHS:
        return ROMAN_MONTHS[day.month - 1]
    return str(format_date(day, "LLL", locale=get_locale(language))).rstrip(".")
