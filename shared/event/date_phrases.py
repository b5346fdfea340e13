"""Date phrases and the date block of an event, in any language we know. Pure.

``date_phrase`` is for lists ("14–16 sierpnia 2027"), ``long_date_phrase`` for an event's page, with the days of the
week. All raise UnknownLanguage.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_interval, format_skeleton

from shared.event.days import MIDNIGHT, get_last_day
from shared.event.model import SPANS, Certainty, Dates
from shared.i18n.date_patterns import get_date_patterns
from shared.i18n.languages import get_locale
from shared.i18n.text import gettext_noop, load_phrases
from shared.messages import PublicStatus

CERTAINTIES: Final[Mapping[Certainty, str]] = {
    "exact": "",
    "provisional": gettext_noop("provisional date"),
    "month": gettext_noop("day to be confirmed"),
    "season": gettext_noop("dates to be confirmed"),
}
# A text, and the machine-readable day or instant that it names, or "".
Piece = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Stamp:
    """The date block for ``parts/stamp.html``; ``until`` is the last day if it is in another month ("2 sie")."""

    state: Literal["exact", "provisional", "month", "season", "cancelled"]
    weekday: str
    day: str
    month: str
    until: str


def date_phrase(dates: Dates, language: str) -> str:
    # A provisional date reads the same: :func:`certainty_phrase` says it where it belongs.
    return "".join(text for text, _instant in date_pieces(dates, language))


def date_pieces(dates: Dates, language: str) -> list[Piece]:
    """:func:`date_phrase` in pieces, so that a page can mark up each day as ``<time>``."""
    words = get_locale(language)
    if dates.certainty in SPANS:
        return [(f"{_span(dates, language, words)}, {certainty_phrase(dates.certainty, language)}", "")]
    if "T" in dates.start:
        return _timed(dates, language, words)
    first, last = _days(dates)
    if first == last:
        return [(_with_weekday(first, language, words), dates.start)]
    return _pieces_of_range(_range(first, last, language, words), dates)


def long_date_phrase(dates: Dates, language: str) -> str:
    """With the weekday of both ends: "sobota 14 – poniedziałek 16 sierpnia 2027"."""
    first, last = _days(dates)
    if dates.certainty in SPANS or "T" in dates.start or first == last:
        return date_phrase(dates, language)
    words = get_locale(language)
    if not get_date_patterns(language).day:
        return f"{_with_weekday(first, language, words)} – {_with_weekday(last, language, words)}"
    return f"{_shortened(first, last, language, words, weekday=True)} – {_with_weekday(last, language, words)}"


def certainty_phrase(certainty: Certainty, language: str) -> str:
    """What is uncertain about a date; "" if nothing is."""
    phrase = CERTAINTIES[certainty]
    return load_phrases(language).gettext(phrase) if phrase else ""


def day_phrase(day: date, language: str) -> str:
    """Such as "21 listopada 2026"."""
    return _full(day, language, get_locale(language))


def instant_phrase(instant: str, language: str, zone: ZoneInfo) -> str:
    """An instant (RFC 3339, UTC) in the region's time: "21 listopada 2026, 15:05"."""
    words = get_locale(language)
    local = datetime.fromisoformat(instant).astimezone(zone)
    return f"{_full(local.date(), language, words)}, {local:%H:%M}"


def stamp(dates: Dates, language: str, status: PublicStatus, *, large: bool = False) -> Stamp:
    """``large`` is that of the event's own page, with the month in full."""
    words = get_locale(language)
    state = "cancelled" if status == "cancelled" else dates.certainty
    first, last = _days(dates)
    if dates.certainty in SPANS:
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
    # Equal times mean an unknown end.
    first, last = _days(dates)
    begins, ends = dates.start[11:16], dates.end[11:16]
    said = [(f"{_with_weekday(first, language, words)}, {begins}", dates.start)]
    if dates.start == dates.end:
        return said
    if ends == MIDNIGHT:
        ends = "24:00"  # the end of its last day, not the beginning of another
    if first == last:
        return [*said, ("–", ""), (ends, dates.end)]
    return [*said, (" – ", ""), (f"{_with_weekday(last, language, words)}, {ends}", dates.end)]


def _pieces_of_range(said: str, dates: Dates) -> list[Piece]:
    # A range that CLDR joins in another way stays whole.
    for dash in (" – ", "–", "～", "至"):
        if said.count(dash) == 1:
            first, last = said.split(dash)
            return [(first, dates.start), (dash, ""), (last, dates.end)]
    return [(said, "")]


def _range(first: date, last: date, language: str, words: Locale) -> str:
    if not get_date_patterns(language).day:
        return str(format_interval(first, last, "yMMMMd", locale=words))
    dash = "–" if _same_month(first, last) else " – "
    return f"{_shortened(first, last, language, words)}{dash}{_full(last, language, words)}"


def _shortened(first: date, last: date, language: str, words: Locale, *, weekday: bool = False) -> str:
    """The first day of a range, without the month and year that it shares with the last."""
    patterns = get_date_patterns(language)
    pattern = patterns.weekday_full if weekday else patterns.full
    if first.year == last.year:
        pattern = pattern.removesuffix(" y")
    if _same_month(first, last):
        pattern = pattern.removesuffix(" MMMM")
    return str(format_date(first, pattern, locale=words))


def _span(dates: Dates, language: str, words: Locale) -> str:
    """Such as "w sierpniu 2027", or "od czerwca do sierpnia 2027"."""
    first, last = _days(dates)
    patterns = get_date_patterns(language)
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
    return str(format_date(day, get_date_patterns(language).full or "long", locale=words))


def _with_weekday(day: date, language: str, words: Locale) -> str:
    return str(format_date(day, get_date_patterns(language).weekday_full or "full", locale=words))


def _day(day: date, language: str) -> str:
    """As the language counts days: "14", "14."."""
    return f"{day.day}." if get_date_patterns(language).day.endswith(".") else str(day.day)


def _weekday(day: date, language: str, words: Locale, *, large: bool) -> str:
    if large:
        return str(words.days["stand-alone"]["wide"][day.weekday()])
    ours: Sequence[str] = get_date_patterns(language).weekdays
    return ours[day.weekday()] if ours else str(words.days["format"]["abbreviated"][day.weekday()]).rstrip(".")


def _month(day: date, words: Locale, *, large: bool) -> str:
    width = "wide" if large else "abbreviated"
    return str(words.months["format"][width][day.month]).rstrip(".")


def _same_month(first: date, last: date) -> bool:
    return (first.year, first.month) == (last.year, last.month)


def _days(dates: Dates) -> tuple[date, date]:
    return date.fromisoformat(dates.start[:10]), date.fromisoformat(get_last_day(dates.start, dates.end))
