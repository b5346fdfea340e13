"""Opening hours of what runs for days or weeks: rows of days of the week and hours. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from types import MappingProxyType
from typing import Any, Final

from shared.event.model import Dates, OpeningHours
from shared.i18n.text import gettext_noop

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MAX_ROWS: Final = 14
END_OF_DAY: Final = "24:00"
_HOUR = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")

_NOT_AN_HOUR = gettext_noop("We do not understand this time. Give it with its minutes, for example 18:00.")
_NO_DAYS = gettext_noop("Say on which days it is open.")
_UNKNOWN_DAY = gettext_noop("There is no such day. Possible: %(days)s.")
_TWICE = gettext_noop("A day is named twice in this row. Leave it once.")
_CLOSES_FIRST = gettext_noop("It closes before it opens. Give a later time, at most 24:00.")
_OVERLAP = gettext_noop("On a day it is open at these hours already. Join the rows, or change the hours.")
_HAS_HOURS = gettext_noop("Opening hours go with days alone. Remove the times of start and end, or the opening hours.")
_REPEATS = gettext_noop("What repeats has no opening hours. Remove them, or the repeats.")


class InvalidOpeningHours(ValueError):
    """``path`` is within the rows, such as ``2.closes``; ``text`` is a msgid, filled with ``values``."""

    def __init__(self, path: str, code: str, text: str, **values: Any) -> None:  # noqa: ANN401 - a text is filled with anything
        super().__init__(f"{path}: {code}")
        self.path = path
        self.code = code
        self.text = text
        self.values = MappingProxyType(values)


def check_opening_hours(dates: Dates) -> None:
    """Raises InvalidOpeningHours."""
    if not dates.opening_hours:
        return
    if "T" in dates.start or "T" in dates.end:
        raise InvalidOpeningHours("", "has_hours", _HAS_HOURS)
    if dates.recurrence:
        raise InvalidOpeningHours("", "repeats", _REPEATS)
    open_hours: dict[str, list[tuple[str, str]]] = {}
    for number, row in enumerate(dates.opening_hours):
        _check_row(row, str(number))
        for day in row.days:
            if any(row.opens < closes and opens < row.closes for opens, closes in open_hours.get(day, ())):
                raise InvalidOpeningHours(f"{number}.opens", "overlap", _OVERLAP)
            open_hours.setdefault(day, []).append((row.opens, row.closes))


def _check_row(row: OpeningHours, path: str) -> None:
    if not row.days:
        raise InvalidOpeningHours(f"{path}.days", "required", _NO_DAYS)
    if not set(row.days).issubset(DAYS):
        raise InvalidOpeningHours(f"{path}.days", "unknown_value", _UNKNOWN_DAY, days=", ".join(DAYS))
    if len(set(row.days)) < len(row.days):
        raise InvalidOpeningHours(f"{path}.days", "repeated", _TWICE)
    for name, hour in (("opens", row.opens), ("closes", row.closes)):
        if not (_HOUR.fullmatch(hour) or (name == "closes" and hour == END_OF_DAY)):
            raise InvalidOpeningHours(f"{path}.{name}", "not_an_hour", _NOT_AN_HOUR)
    if row.closes <= row.opens:
        raise InvalidOpeningHours(f"{path}.closes", "before_start", _CLOSES_FIRST)


def sort_days(days: Sequence[str]) -> list[str]:
    """In the order of a week; what is no day goes last."""
    return sorted(days, key=lambda day: DAYS.index(day) if day in DAYS else len(DAYS))
