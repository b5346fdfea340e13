"""Parser of typed days and hours: strict, so that what is ambiguous or incomplete is asked about.

The inputs are plain text, because a browser sends nothing for a date input that is half filled in (decision 0016).
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from typing import Any, Final

from shared.i18n.languages import get_locale
from shared.i18n.text import Text, gettext_noop

MAX_LENGTH: Final = 40
"""Characters; longer input is not parsed."""
MAX_SPAN: Final = 1_000
"""Days of a span in a list; more are too many for each list."""
LANGUAGES: Final = ("pl", "en", "de")
"""Languages of typed month names."""
ROMAN: Final = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")

_BETWEEN = r"(?:\s*[.,/-]\s*|\s+)"
_WORD = r"([^\W\d_]+)\.?"
_ISO = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_NUMBERS = re.compile(rf"([0-9]{{1,2}}){_BETWEEN}([0-9]{{1,2}}){_BETWEEN}([0-9]{{4}})(?:\s*r\.?)?")
_TOGETHER = re.compile(r"([0-9]{2})([0-9]{2})([0-9]{4})")
_DAY_FIRST = re.compile(rf"([0-9]{{1,2}})(?:\.|(?:st|nd|rd|th)\b)?\s*{_WORD},?\s*([0-9]{{4}})(?:\s*r\.?)?")
_MONTH_FIRST = re.compile(rf"{_WORD}\s*([0-9]{{1,2}})(?:st|nd|rd|th)?,?\s+([0-9]{{4}})")
_NO_YEAR = re.compile(rf"[0-9]{{1,2}}{_BETWEEN}[0-9]{{1,2}}[.,/-]?|[0-9]{{1,2}}\.?\s*{_WORD}")
_SHORT_YEAR = re.compile(rf"[0-9]{{1,2}}{_BETWEEN}[0-9]{{1,2}}{_BETWEEN}[0-9]{{1,3}}(?:\s*r\.?)?")
_DASH = re.compile(r"\s*[-\u2010-\u2015]\s*")
_DAY_ALONE = re.compile(r"([0-9]{1,2})\.?")
_DAY_AND_MONTH = re.compile(rf"([0-9]{{1,2}}){_BETWEEN}([0-9]{{1,2}})\.?")
_DAY_AND_NAME = re.compile(rf"([0-9]{{1,2}})\.?\s*{_WORD}")
_SEPARATOR = re.compile(r"[,;\n\r]+|\s(?:i|oraz|and|und)\s")
_YEAR_ALONE = re.compile(r"[0-9]{4}")
_HOUR = re.compile(r"([0-9]{1,2})(?:\s*[:.,]\s*|\s+)([0-9]{2})(?::00)?|([0-9]{2})([0-9]{2})")
_NO_MINUTES = re.compile(r"([0-9]{1,2})\s*[:.,]?\s*[0-9]?")
_TWELVE = re.compile(r"([0-9]{1,2})(?:[:.]([0-9]{2}))?\s*([ap])\.?\s*m\.?", re.IGNORECASE)

_NOT_A_DAY = gettext_noop("We do not understand this date. Give the day, month and year, for example 14.8.2027.")
_ONE_DAY = gettext_noop("Give one day only, for example 14.8.2027.")
_ADD_YEAR = gettext_noop("Add the year in four digits, for example 14.8.2027.")
_NO_SUCH_DAY = gettext_noop("There is no such day: %(month)s.%(year)s has %(days)s days.")
_NO_SUCH_MONTH = gettext_noop("There is no month %(month)s. Give the day before the month, for example 14.8.2027.")
_IN_A_LIST = gettext_noop("“%(typed)s”: %(what)s")
_TOO_MANY_DAYS = gettext_noop("These are too many days: %(limit)s at most.")
_NOT_AN_HOUR = gettext_noop("We do not understand this time. Give it with its minutes, for example 18:00.")
_ADD_MINUTES = gettext_noop("Add the minutes, for example %(example)s.")
_NO_SUCH_HOUR = gettext_noop("There is no time %(hour)s. Give a time from 00:00 to 23:59.")
_MIDNIGHT = gettext_noop("There is no time 24:00. Midnight at the end of a day is 00:00 of the next day.")
_TWENTY_FOUR = gettext_noop("Give the time on the 24-hour clock: %(example)s.")


class UnreadableInput(Exception):
    """``text`` says what to type instead."""

    def __init__(self, code: str, text: str, **values: Any) -> None:  # noqa: ANN401 - a text is filled with anything
        super().__init__(code)
        self.code = code
        self.text = text
        self.values = values


def read_day(value: str) -> str:
    """Return a day as ``2027-08-14``, or the empty text; raise UnreadableInput, also without a year."""
    if not value:
        return ""
    found = _split_day(value) if len(value) <= MAX_LENGTH else None
    if found:
        return _check_day(*found)
    if _NO_YEAR.fullmatch(value[: MAX_LENGTH + 1]) or _SHORT_YEAR.fullmatch(value[: MAX_LENGTH + 1]):
        raise UnreadableInput("no_year", _ADD_YEAR)
    if read_days(value):
        raise UnreadableInput("two_days", _ONE_DAY)
    raise UnreadableInput("not_a_day", _NOT_A_DAY)


def read_days(value: str) -> tuple[str, str] | None:
    """Return the ends of a span such as ``14-16.08.2027``, or None; raise UnreadableInput if one is no day."""
    if len(value) > 2 * MAX_LENGTH or _split_day(value):
        return None
    for dash in _DASH.finditer(value):
        last = _split_day(value[dash.end() :])
        first = _split_first_day(value[: dash.start()], last) if last else None
        if first and last:
            days = _check_day(*first), _check_day(*last)
            return days if days[0] < days[1] else None
    return None


def read_day_list(value: str, *, most: int) -> list[str]:
    """Read days that are typed one to a line or between commas: "14, 21 i 28.8.2027"; raises UnreadableInput.

    A day without its month or year has those of the next one; a span such as ``14-16.08.2027`` is each of its days.
    """
    if len(value) > most * MAX_LENGTH:
        raise UnreadableInput("too_many", _TOO_MANY_DAYS, limit=most)
    pieces = [piece for each in _SEPARATOR.split(value) if (piece := each.strip())]
    found: set[str] = set()
    following: tuple[int, int, int] | None = None
    while pieces:
        piece = pieces.pop()
        if _YEAR_ALONE.fullmatch(piece) and pieces:  # "August 14, 2027" has a comma of its own
            piece = f"{pieces.pop()}, {piece}"
        days = _read_piece(piece, following)
        found.update(days)
        if len(found) > most:
            raise UnreadableInput("too_many", _TOO_MANY_DAYS, limit=most)
        year, month, day = days[0].split("-")
        following = int(year), int(month), int(day)
    return sorted(found)


def _read_piece(piece: str, following: tuple[int, int, int] | None) -> list[str]:
    day = _split_first_day(piece, following) if following and len(piece) <= MAX_LENGTH else None
    try:
        if day:
            return [_check_day(*day)]
        if ends := read_days(piece):
            return _list_between(*ends)
        return [read_day(piece)]
    except UnreadableInput as wrong:
        text, values = wrong.text, wrong.values
        raise UnreadableInput(wrong.code, _IN_A_LIST, typed=piece[:MAX_LENGTH], what=Text(text, values)) from None


def _list_between(first: str, last: str) -> list[str]:
    begins, ends = date.fromisoformat(first), date.fromisoformat(last)
    days = min((ends - begins).days, MAX_SPAN)
    return [(begins + timedelta(days=number)).isoformat() for number in range(days + 1)]


def read_hour(value: str) -> str:
    """Return an hour as ``18:00``, or the empty text; raise UnreadableInput, also for a 12-hour clock."""
    if not value:
        return ""
    written = value[: MAX_LENGTH + 1]
    if found := _HOUR.fullmatch(written):
        return _check_hour(int(found[1] or found[3]), int(found[2] or found[4]))
    if found := _TWELVE.fullmatch(written):
        raise _reject_twelve_hours(int(found[1]), int(found[2] or 0), afternoon=found[3] in "pP")
    if found := _NO_MINUTES.fullmatch(written):
        hour = _check_hour(int(found[1]), 0)
        raise UnreadableInput("no_minutes", _ADD_MINUTES, example=hour)
    raise UnreadableInput("not_an_hour", _NOT_AN_HOUR)


def write_day(day: str) -> str:
    """Write ``2027-08-14`` as ``14.08.2027``."""
    year, month, number = day.split("-")
    return f"{number}.{month}.{year}"


def _split_day(value: str) -> tuple[int, int, int] | None:
    """Return year, month and day."""
    if found := _ISO.fullmatch(value):
        return int(found[1]), int(found[2]), int(found[3])
    if found := _NUMBERS.fullmatch(value) or _TOGETHER.fullmatch(value):
        return int(found[3]), int(found[2]), int(found[1])
    if (found := _DAY_FIRST.fullmatch(value)) and (month := _get_month_numbers().get(found[2].casefold())):
        return int(found[3]), month, int(found[1])
    if (found := _MONTH_FIRST.fullmatch(value)) and (month := _get_month_numbers().get(found[1].casefold())):
        return int(found[3]), month, int(found[2])
    return None


def _split_first_day(value: str, last: tuple[int, int, int]) -> tuple[int, int, int] | None:
    """Return year, month and day; what it lacks is that of the last day."""
    year, month, _ = last
    if found := _DAY_ALONE.fullmatch(value):
        return year, month, int(found[1])
    if found := _DAY_AND_MONTH.fullmatch(value):
        return year, int(found[2]), int(found[1])
    if (found := _DAY_AND_NAME.fullmatch(value)) and (named := _get_month_numbers().get(found[2].casefold())):
        return year, named, int(found[1])
    return _split_day(value)


def _check_day(year: int, month: int, day: int) -> str:
    if month not in range(1, 13):
        raise UnreadableInput("no_such_day", _NO_SUCH_MONTH, month=month)
    if not year:
        raise UnreadableInput("no_year", _ADD_YEAR)
    days = monthrange(year, month)[1]
    if day not in range(1, days + 1):
        raise UnreadableInput("no_such_day", _NO_SUCH_DAY, month=f"{month:02}", year=f"{year:04}", days=days)
    return f"{year:04}-{month:02}-{day:02}"


def _check_hour(hour: int, minute: int) -> str:
    if (hour, minute) == (24, 0):
        raise UnreadableInput("no_such_hour", _MIDNIGHT)
    if hour not in range(24) or minute not in range(60):
        raise UnreadableInput("no_such_hour", _NO_SUCH_HOUR, hour=f"{hour}:{minute:02}")
    return f"{hour:02}:{minute:02}"


def _reject_twelve_hours(hour: int, minute: int, *, afternoon: bool) -> UnreadableInput:
    if hour not in range(1, 13) or minute not in range(60):
        return UnreadableInput("not_an_hour", _NOT_AN_HOUR)
    meant = hour % 12 + (12 if afternoon else 0)
    return UnreadableInput("not_an_hour", _TWENTY_FOUR, example=f"{meant:02}:{minute:02}")


@cache
def _get_month_numbers() -> Mapping[str, int]:
    """Map month names to numbers: full, short, in both Polish cases, and Roman numerals."""
    named = {word: number for number, word in enumerate(ROMAN, start=1)}
    for language in LANGUAGES:
        for form in get_locale(language).months.values():
            for width in ("wide", "abbreviated"):
                named |= {name.casefold().rstrip("."): number for number, name in form[width].items()}
    return named
