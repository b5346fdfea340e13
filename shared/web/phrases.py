"""When an event is, in words and as a date block, in any language we know. Pure.

``date_phrase`` is the line of a list ("14–16 sierpnia 2027"), ``long_date_phrase`` that of an event's own page, with
the days of the week; ``date_pieces`` gives the former in pieces, so that a page can mark each day up as ``<time>``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Literal
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_interval, format_skeleton

from shared.languages import locale
from shared.messages import Certainty, Dates, PublicStatus
from shared.web.date_words import WORDS

Piece = tuple[str, str]
"""A text, and the machine-readable day or instant that it names, or nothing."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """The date block of an event, as ``parts/stamp.html`` takes it; what there is not is empty.

    ``until`` is the last day where it is in another month: "31 lip" / "2 sie".
    """

    state: Literal["exact", "provisional", "month", "season", "cancelled"]
    weekday: str
    day: str
    month: str
    until: str


def date_phrase(dates: Dates, language: str) -> str:
    """Say when an event is, in a line.

    A single day has its day of the week, a range has not; a month or season says what is open. That a date is
    provisional is not said: :func:`certainty_phrase` does, where it belongs.

    Raises:
        LanguageUnknown: if we do not know the language.

    """
    return "".join(text for text, _instant in date_pieces(dates, language))


def date_pieces(dates: Dates, language: str) -> list[Piece]:
    """Give :func:`date_phrase` in pieces, each day or hour with what machines call it.

    Raises:
        LanguageUnknown: if we do not know the language.

    """
    words = locale(language)
    if dates.certainty in {"month", "season"}:
        return [(f"{_span(dates, language, words)}, {certainty_phrase(dates.certainty, language)}", "")]
    if "T" in dates.start:
        return _timed(dates, language, words)
    first, last = _days(dates)
    if first == last:
        return [(_with_weekday(first, language, words), dates.start)]
    return _pieces_of_range(_range(first, last, language, words), dates)


def long_date_phrase(dates: Dates, language: str) -> str:
    """Say when an event is, with the day of the week of both ends: "sobota 14 – poniedziałek 16 sierpnia 2027".

    Raises:
        LanguageUnknown: if we do not know the language.

    """
    first, last = _days(dates)
    if dates.certainty in {"month", "season"} or "T" in dates.start or first == last:
        return date_phrase(dates, language)
    words = locale(language)
    if not WORDS[language].day:
        return f"{_with_weekday(first, language, words)} – {_with_weekday(last, language, words)}"
    return f"{_shortened(first, last, language, words, weekday=True)} – {_with_weekday(last, language, words)}"


def certainty_phrase(certainty: Certainty, language: str) -> str:
    """Say what is not sure of a date; nothing if it is.

    Raises:
        LanguageUnknown: if we do not know the language.

    """
    locale(language)
    words = WORDS[language]
    return {"exact": "", "provisional": words.provisional, "month": words.day_open, "season": words.dates_open}[
        certainty
    ]


def day_phrase(day: date, language: str) -> str:
    """Say a day: "21 listopada 2026".

    Raises:
        LanguageUnknown: if we do not know the language.

    """
    return _full(day, language, locale(language))


def instant_phrase(instant: str, language: str, zone: ZoneInfo) -> str:
    """Say an instant (RFC 3339, UTC) in the region's time: "21 listopada 2026, 15:05".

    Raises:
        LanguageUnknown: if we do not know the language.

    """
    words = locale(language)
    local = datetime.fromisoformat(instant).astimezone(zone)
    return f"{_full(local.date(), language, words)}, {local:%H:%M}"


def stamp(dates: Dates, language: str, status: PublicStatus, *, large: bool = False) -> Stamp:
    """Draw the date block of an event; ``large`` is that of its own page, with the month in full.

    Raises:
        LanguageUnknown: if we do not know the language.

    """
    words = locale(language)
    state = "cancelled" if status == "cancelled" else dates.certainty
    first, last = _days(dates)
    if dates.certainty in {"month", "season"}:
        months = [_month(each, words, large=False) for each in (first, last)]
        return Stamp(state, "", "", months[0] if _same_month(first, last) else " – ".join(months), "")
    weekdays = [_weekday(each, language, words, large=large and first == last) for each in (first, last)]
    weekday = weekdays[0] if first == last else "–".join(weekdays)
    month = _month(first, words, large=large)
    if first == last:
        return Stamp(state, weekday, str(first.day), month, "")
    if _same_month(first, last):
        return Stamp(state, weekday, f"{_day(first, language)}–{_day(last, language)}", month, "")
    until = f"{_day(last, language)} {_month(last, words, large=False)}"
    return Stamp(state, weekday, _day(first, language), _month(first, words, large=False), until)


def _timed(dates: Dates, language: str, words: Locale) -> list[Piece]:
    """Say a start and an end with hours; where they are equal the end is not known, and not said."""
    first, last = _days(dates)
    begins, ends = _hour(dates.start), _hour(dates.end)
    said = [(f"{_with_weekday(first, language, words)}, {begins:%H:%M}", dates.start)]
    if dates.start == dates.end:
        return said
    if first == last:
        return [*said, ("–", ""), (f"{ends:%H:%M}", dates.end)]
    return [*said, (" – ", ""), (f"{_with_weekday(last, language, words)}, {ends:%H:%M}", dates.end)]


def _pieces_of_range(said: str, dates: Dates) -> list[Piece]:
    """Part a range at its dash; one that CLDR joins in another way stays whole."""
    for dash in (" – ", "–", "～", "至"):
        if said.count(dash) == 1:
            first, last = said.split(dash)
            return [(first, dates.start), (dash, ""), (last, dates.end)]
    return [(said, "")]


def _range(first: date, last: date, language: str, words: Locale) -> str:
    if not WORDS[language].day:
        return str(format_interval(first, last, "yMMMMd", locale=words))
    dash = "–" if _same_month(first, last) else " – "
    return f"{_shortened(first, last, language, words)}{dash}{_full(last, language, words)}"


def _shortened(first: date, last: date, language: str, words: Locale, *, weekday: bool = False) -> str:
    """Say the first day of a range, without what it shares with the last: month, year."""
    patterns = WORDS[language]
    pattern = patterns.weekday_full if weekday else patterns.full
    if first.year == last.year:
        pattern = pattern.removesuffix(" y")
    if _same_month(first, last):
        pattern = pattern.removesuffix(" MMMM")
    return str(format_date(first, pattern, locale=words))


def _span(dates: Dates, language: str, words: Locale) -> str:
    """Say a month ("w sierpniu 2027") or several ("od czerwca do sierpnia 2027")."""
    first, last = _days(dates)
    patterns = WORDS[language]
    if not patterns.span:
        return str(_month_and_year(first, words) if _same_month(first, last) else _months_and_years(first, last, words))
    if _same_month(first, last):
        return f"{patterns.in_months[first.month - 1]} {first.year}"
    begins = format_date(first, "MMMM" if first.year == last.year else "MMMM y", locale=words)
    return patterns.span.format(first=begins, last=format_date(last, "MMMM y", locale=words))


def _month_and_year(day: date, words: Locale) -> str:
    return str(format_skeleton("yMMMM", day, locale=words))


def _months_and_years(first: date, last: date, words: Locale) -> str:
    return str(format_interval(first, last, "yMMMM", locale=words))


def _full(day: date, language: str, words: Locale) -> str:
    return str(format_date(day, WORDS[language].full or "long", locale=words))


def _with_weekday(day: date, language: str, words: Locale) -> str:
    return str(format_date(day, WORDS[language].weekday_full or "full", locale=words))


def _day(day: date, language: str) -> str:
    """Write a day of a range as the language counts days: "14", "14."."""
    return f"{day.day}." if WORDS[language].day.endswith(".") else str(day.day)


def _weekday(day: date, language: str, words: Locale, *, large: bool) -> str:
    if large:
        return str(words.days["stand-alone"]["wide"][day.weekday()])
    ours: Sequence[str] = WORDS[language].weekdays
    return ours[day.weekday()] if ours else str(words.days["format"]["abbreviated"][day.weekday()]).rstrip(".")


def _month(day: date, words: Locale, *, large: bool) -> str:
    width = "wide" if large else "abbreviated"
    return str(words.months["format"][width][day.month]).rstrip(".")


def _same_month(first: date, last: date) -> bool:
    return (first.year, first.month) == (last.year, last.month)


def _days(dates: Dates) -> tuple[date, date]:
    return date.fromisoformat(dates.start[:10]), date.fromisoformat(dates.end[:10])


def _hour(moment: str) -> time:
    return datetime.fromisoformat(moment).time()
