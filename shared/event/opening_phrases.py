"""Opening hours in words of every language of feeds: "Tue–Sun 10:00–18:00". Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from shared.event.model import OpeningHours
from shared.event.opening_hours import DAYS, sort_days
from shared.i18n.date_patterns import get_date_patterns
from shared.i18n.languages import get_locale
from shared.i18n.text import gettext_noop, load_phrases

OPEN_DAILY: Final = gettext_noop("daily")
IN_A_ROW: Final = 3
"""So many days are a range ("Tue–Thu")."""


def list_opening_hours(rows: Sequence[OpeningHours], language: str) -> list[str]:
    """One line for the same days, in the order of a week: "Tue–Sun 10:00–13:00, 14:00–18:00"."""
    hours: dict[tuple[int, ...], list[str]] = {}
    for row in sorted(rows, key=lambda each: each.opens):
        days = tuple(DAYS.index(day) for day in sort_days(row.days) if day in DAYS)  # a later release may know others
        hours.setdefault(days, []).append(f"{row.opens}–{row.closes}")
    return [f"{_name_days(days, language)} {', '.join(hours[days])}" for days in sorted(hours) if days]


def _name_days(days: tuple[int, ...], language: str) -> str:
    if len(days) == len(DAYS):
        return load_phrases(language).gettext(OPEN_DAILY)
    runs: list[list[int]] = []
    for day in days:
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ", ".join(_name_run(run, language) for run in runs)


def _name_run(run: list[int], language: str) -> str:
    names = [_name_day(day, language) for day in run]
    return f"{names[0]}–{names[-1]}" if len(names) >= IN_A_ROW else ", ".join(names)


def _name_day(day: int, language: str) -> str:
    ours: Sequence[str] = get_date_patterns(language).weekdays
    return ours[day] if ours else str(get_locale(language).days["format"]["abbreviated"][day]).rstrip(".")
