"""Date phrases and the date block of an event, in any language we know. Pure.

``format_dates`` is for lists ("14–16 sierpnia 2027"), ``format_dates_in_full`` for an event's page, with the days of
the week. All raise UnknownLanguage.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Final, Literal, NamedTuple
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_interval, format_skeleton

from shared.event.days import MIDNIGHT, get_last_day, get_span, list_days
from shared.event.end_hours import lacks_end_hour
from shared.event.model import SPANS, Certainty, Dates, Recurrence
from shared.event.recurrence import MAX_OCCURRENCES, Occurrence, list_occurrences, list_planned
from shared.event.rule_phrases import format_rule
from shared.i18n.date_patterns import get_date_patterns
from shared.i18n.languages import choose_text, get_locale
from shared.i18n.text import gettext_noop, load_phrases
from shared.messages import PublicStatus

CERTAINTIES: Final[Mapping[Certainty, str]] = {
    "exact": "",
    "provisional": gettext_noop("provisional date"),
    "month": gettext_noop("day to be confirmed"),
    "season": gettext_noop("dates to be confirmed"),
}
FOLDS: Final = (gettext_noop("summer time"), gettext_noop("winter time"))
"""The two of a doubled autumn hour. Dates name one (``start_fold``, ``end_fold``) only where a time comes twice."""
EXCEPTIONS: Final = {"cancelled": gettext_noop("Cancelled"), "moved": gettext_noop("Moved")}
LEFT_OUT: Final = gettext_noop("Does not take place")
COLON: Final = gettext_noop(": ")
MAX_DAYS: Final = 60
"""Of repeats readers get so many days in a row of words."""
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


def format_dates(dates: Dates, language: str) -> str:
    # A provisional date reads the same: :func:`format_certainty` says it where it belongs.
    return "".join(text for text, _instant in format_date_pieces(dates, language))


def format_date_pieces(dates: Dates, language: str) -> list[Piece]:
    """:func:`format_dates` in pieces, so that a page can mark up each day as ``<time>``."""
    words = get_locale(language)
    if dates.recurrence:
        return _format_repeats(dates, language)
    if dates.certainty in SPANS:
        return [(f"{_format_span(dates, language, words)}, {format_certainty(dates.certainty, language)}", "")]
    if "T" in dates.start:
        return _format_timed(dates, language, words)
    first, last = _parse_days(dates)
    if first == last:
        return [(_format_with_weekday(first, language, words), dates.start)]
    return _split_range(_format_range(first, last, language, words), dates)


def format_dates_in_full(dates: Dates, language: str) -> str:
    """With the weekday of both ends: "sobota 14 – poniedziałek 16 sierpnia 2027"."""
    first, last = _parse_days(dates)
    if dates.certainty in SPANS or "T" in dates.start or first == last or dates.recurrence:
        return format_dates(dates, language)
    words = get_locale(language)
    if not get_date_patterns(language).day:
        return f"{_format_with_weekday(first, language, words)} – {_format_with_weekday(last, language, words)}"
    begins = _format_first_day(first, last, language, words, weekday=True)
    return f"{begins} – {_format_with_weekday(last, language, words)}"


def format_occurrence_days(dates: Dates, language: str, *, most: int = MAX_DAYS) -> str:
    """The occurrences that take place: their days, "3, 10, 17 lipca 2027", or each whole if that does not say it."""
    if not _is_alike(dates) or _is_long(dates):
        held = [each for each in list_occurrences(dates) if each.status != "cancelled"]
        said = [format_dates(Dates(dates.certainty, each.start, each.end), language) for each in held[:most]]
        return "; ".join(said + ["…"] * (len(held) > most))
    days = sorted({date.fromisoformat(first) for first, _last in list_days(dates)})
    words, shortens = get_locale(language), bool(get_date_patterns(language).day)
    shown = days[:most]
    said = [
        _format_first_day(day, following, language, words) if shortens else _format_full(day, language, words)
        for day, following in pairwise(shown)
    ]
    return ", ".join([*said, _format_full(shown[-1], language, words)] + ["…"] * (len(days) > most))


class ExceptionLine(NamedTuple):
    """``note`` and its language are empty if nobody wrote one."""

    said: str
    note: str = ""
    note_language: str = ""


def list_exceptions(dates: Dates, language: str) -> list[ExceptionLine]:
    """As :func:`format_exceptions`, with each note apart, for it may be in another language."""
    found = [ExceptionLine(each) for each in _format_left_out(dates, language)]
    for each in list_occurrences(dates):
        if each.status != "planned":
            note = choose_text(each.note, language) or ("", "")
            found.append(ExceptionLine(_format_change(each, dates, language), *note))
    return found


def format_exceptions(dates: Dates, language: str, *, every_note: bool = False) -> list[str]:
    """What is left out, then what is not as planned, in order; with ``every_note`` the notes in all their languages."""
    exceptions = [
        format_exception(each, dates, language, every_note=every_note)
        for each in list_occurrences(dates)
        if each.status != "planned"
    ]
    return [*_format_left_out(dates, language), *exceptions]


def _format_left_out(dates: Dates, language: str) -> list[str]:
    """One line, such as "Nie odbywa się: 14, 21 sierpnia 2027"; none if nothing is left out."""
    left_out = sorted(dates.recurrence.exdates) if dates.recurrence else []
    if not left_out:
        return []
    days = Dates(dates.certainty, left_out[0], left_out[0], recurrence=Recurrence(rdates=left_out[1:]))
    gettext = load_phrases(language).gettext
    return [gettext(LEFT_OUT) + gettext(COLON) + format_occurrence_days(days, language, most=MAX_OCCURRENCES)]


def format_exception(occurrence: Occurrence, dates: Dates, language: str, *, every_note: bool = False) -> str:
    """Such as "Odwołane: sobota 7 sierpnia 2027 (upał)"."""
    said = _format_change(occurrence, dates, language)
    if every_note:
        notes = [text if code == language else f"{code}: {text}" for code, text in occurrence.note.items()]
        return f"{said} ({'; '.join(notes)})" if notes else said
    note = choose_text(occurrence.note, language)
    return f"{said} ({note[0]})" if note else said


def _format_change(occurrence: Occurrence, dates: Dates, language: str) -> str:
    gettext = load_phrases(language).gettext
    planned = date.fromisoformat(occurrence.date[:10])
    said = gettext(EXCEPTIONS[occurrence.status]) + gettext(COLON)
    said += _format_with_weekday(planned, language, get_locale(language))
    if not _is_alike(dates):
        said += f", {occurrence.date[11:]}"
    if occurrence.status == "moved":
        said += f" → {format_dates(Dates(dates.certainty, occurrence.start, occurrence.end), language)}"
    return said


def _is_alike(dates: Dates) -> bool:
    """Whether a day says which occurrence is meant, and the first one the hours of all."""
    starts = [start for start, _end in list_planned(dates)]
    return len({start[10:] for start in starts}) == 1 == max(Counter(start[:10] for start in starts).values())


def _is_long(dates: Dates) -> bool:
    """Whether an occurrence is longer than a day."""
    if lacks_end_hour(dates.start, dates.end):
        return True
    length = datetime.fromisoformat(dates.end) - datetime.fromisoformat(dates.start)
    return length > timedelta(days=1 if "T" in dates.start else 0)


def format_certainty(certainty: Certainty, language: str) -> str:
    """What is uncertain about a date; "" if nothing is."""
    phrase = CERTAINTIES[certainty]
    return load_phrases(language).gettext(phrase) if phrase else ""


def format_day(day: date, language: str) -> str:
    """Such as "21 listopada 2026"."""
    return _format_full(day, language, get_locale(language))


def format_month_name(month: int, language: str) -> str:
    """For a heading: "Sierpień"."""
    name = str(get_locale(language).months["stand-alone"]["wide"][month])
    return name[:1].upper() + name[1:]


def format_local_time(instant: str, language: str, zone: ZoneInfo) -> str:
    """An instant (RFC 3339, UTC) in the region's time: "21 listopada 2026, 15:05"."""
    words = get_locale(language)
    local = datetime.fromisoformat(instant).astimezone(zone)
    return f"{_format_full(local.date(), language, words)}, {local:%H:%M}"


def make_stamp(dates: Dates, language: str, status: PublicStatus, *, large: bool = False) -> Stamp:
    """``large`` is that of the event's own page, with the month in full."""
    words = get_locale(language)
    state = "cancelled" if status == "cancelled" else dates.certainty
    first, last = _parse_days(dates)
    if dates.certainty in SPANS:
        months = [_format_month(each, words, large=False) for each in (first, last)]
        return Stamp(state, "", "", months[0] if _is_same_month(first, last) else " – ".join(months), "")
    weekdays = [_format_weekday(each, language, words, large=large and first == last) for each in (first, last)]
    of_week = {date.fromisoformat(day).weekday() for each in list_days(dates) for day in each}
    weekday = weekdays[0] if first == last or (dates.recurrence and len(of_week) == 1) else "–".join(weekdays)
    month = _format_month(first, words, large=large)
    if first == last:
        return Stamp(state, weekday, str(first.day), month, "")
    begins, ends = (_format_day_number(each, language) for each in (first, last))
    if _is_same_month(first, last):
        return Stamp(state, weekday, f"{begins}–{ends}", month, "")
    until = f"{ends} {_format_month(last, words, large=False)}"
    return Stamp(state, weekday, begins, _format_month(first, words, large=False), until)


def _format_repeats(dates: Dates, language: str) -> list[Piece]:
    """Such as "w każdą sobotę, 3 lipca – 28 sierpnia 2027, 18:00–20:00"; exceptions are :func:`format_exceptions`."""
    planned = list_planned(dates)
    start, end = planned[0][0][:10], get_last_day(*planned[-1])
    hours = ""
    if "T" in dates.start and _is_alike(dates):
        begins, ends = dates.start[11:], dates.end[11:]
        lasts = dates.end > dates.start and not _is_long(dates)
        hours = f", {begins}–{'24:00' if ends == MIDNIGHT else ends}" if lasts else f", {begins}"
    whole = Dates(dates.certainty, start, end)
    return [(f"{format_rule(dates, language)}, ", ""), *format_date_pieces(whole, language), (hours, "")]


def _format_timed(dates: Dates, language: str, words: Locale) -> list[Piece]:
    # Equal times mean an unknown end.
    first, last = _parse_days(dates)
    begins, ends = dates.start[11:16], dates.end[11:16]
    said = [(f"{_format_with_weekday(first, language, words)}, {begins}", dates.start)]
    said += _name_fold(dates.start_fold, language)
    if (dates.start, dates.start_fold or 0) == (dates.end, dates.end_fold or 0) or dates.end == dates.start[:10]:
        return said
    if lacks_end_hour(dates.start, dates.end):
        return [*said, (" – ", ""), (_format_with_weekday(last, language, words), dates.end)]
    if ends == MIDNIGHT:
        ends = "24:00"  # the end of its last day, not the beginning of another
    after = _name_fold(dates.end_fold, language)
    if first == last:
        return [*said, ("–", ""), (ends, dates.end), *after]
    return [*said, (" – ", ""), (f"{_format_with_weekday(last, language, words)}, {ends}", dates.end), *after]


def _name_fold(fold: Literal[0, 1] | None, language: str) -> list[Piece]:
    return [] if fold is None else [(f" ({load_phrases(language).gettext(FOLDS[fold])})", "")]


def _split_range(said: str, dates: Dates) -> list[Piece]:
    # A range that CLDR joins in another way stays whole.
    for dash in (" – ", "–", "～", "至"):
        if said.count(dash) == 1:
            first, last = said.split(dash)
            return [(first, dates.start), (dash, ""), (last, dates.end)]
    return [(said, "")]


def _format_range(first: date, last: date, language: str, words: Locale) -> str:
    if not get_date_patterns(language).day:
        return str(format_interval(first, last, "yMMMMd", locale=words))
    dash = "–" if _is_same_month(first, last) else " – "
    return f"{_format_first_day(first, last, language, words)}{dash}{_format_full(last, language, words)}"


def _format_first_day(first: date, last: date, language: str, words: Locale, *, weekday: bool = False) -> str:
    """The first day of a range, without the month and year that it shares with the last."""
    patterns = get_date_patterns(language)
    pattern = patterns.weekday_full if weekday else patterns.full
    if first.year == last.year:
        pattern = pattern.removesuffix(" y")
    if _is_same_month(first, last):
        pattern = pattern.removesuffix(" MMMM")
    return str(format_date(first, pattern, locale=words))


def _format_span(dates: Dates, language: str, words: Locale) -> str:
    """Such as "w sierpniu 2027", or "od czerwca do sierpnia 2027"."""
    first, last = _parse_days(dates)
    patterns = get_date_patterns(language)
    if not patterns.span and _is_same_month(first, last):
        return str(format_skeleton("yMMMM", first, locale=words))
    if not patterns.span:
        return str(format_interval(first, last, "yMMMM", locale=words))
    if _is_same_month(first, last):
        return f"{patterns.in_months[first.month - 1]} {first.year}"
    begins = format_date(first, "MMMM" if first.year == last.year else "MMMM y", locale=words)
    return patterns.span.format(first=begins, last=format_date(last, "MMMM y", locale=words))


def _format_full(day: date, language: str, words: Locale) -> str:
    return str(format_date(day, get_date_patterns(language).full or "long", locale=words))


def _format_with_weekday(day: date, language: str, words: Locale) -> str:
    return str(format_date(day, get_date_patterns(language).weekday_full or "full", locale=words))


def _format_day_number(day: date, language: str) -> str:
    """As the language counts days: "14", "14."."""
    return f"{day.day}." if get_date_patterns(language).day.endswith(".") else str(day.day)


def _format_weekday(day: date, language: str, words: Locale, *, large: bool) -> str:
    if large:
        return str(words.days["stand-alone"]["wide"][day.weekday()])
    ours: Sequence[str] = get_date_patterns(language).weekdays
    return ours[day.weekday()] if ours else str(words.days["format"]["abbreviated"][day.weekday()]).rstrip(".")


def _format_month(day: date, words: Locale, *, large: bool) -> str:
    width = "wide" if large else "abbreviated"
    return str(words.months["format"][width][day.month]).rstrip(".")


def _is_same_month(first: date, last: date) -> bool:
    return (first.year, first.month) == (last.year, last.month)


def _parse_days(dates: Dates) -> tuple[date, date]:
    first, last = get_span(dates)
    return date.fromisoformat(first), date.fromisoformat(last)
