"""View of the form's repeats: the dates that they come to, in words, and the changes of single ones."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

import msgspec
from babel.dates import get_day_names
from pydantic_core import PydanticCustomError

from services.ingest.form import repeat_fields
from services.ingest.form.date_fields import find_errors, parse_dates
from services.ingest.form.repeat_errors import explain_repeats
from services.ingest.form.repeat_fields import Fields, get_kind, get_value, list_changes, list_days, split_change_field
from services.ingest.submission.field_errors import AT, CODE_PREFIX, make_field_error, reword
from services.ingest.submission.repeats import clean_repeats
from shared.event.date_phrases import format_dates, format_exceptions
from shared.event.model import Dates, Recurrence, parse_part
from shared.event.recurrence import MAX_OCCURRENCES, WEEKDAYS, InvalidRecurrence, Times, list_planned
from shared.field_error import FieldError
from shared.i18n.languages import LANGUAGES, get_locale
from shared.i18n.text import Text, _, n_, translate

SHOWN_AT_ONCE: Final = 20
"""Dates; more are folded."""
SHOWN_EXCEPTIONS: Final = 10
KINDS: Final[Mapping[str, Text]] = {
    "once": _("Once"),
    "daily": _("Every day"),
    "weekly": _("Every week"),
    "fortnightly": _("Every second week"),
    "monthly_weekday": _("Every month on the same weekday, such as each second Saturday"),
    "monthly_last": _("Every month on the last such weekday, such as each last Friday"),
    "monthly_date": _("Every month on the same date, such as the 14th"),
    "dates": _("On dates of my choice"),
}
STATES: Final[Mapping[str, Text]] = {
    "left_out": _("left out"),
    "cancelled": _("cancelled"),
    "moved": _("moved"),
}
ANSWERS: Final[Mapping[str, Text]] = {
    "": _("It takes place as planned"),
    "left_out": _("There is no such date"),
    "cancelled": _("Cancelled; the page goes on showing it"),
    "moved": _("Moved to another day or time"),
}

Choices = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class RepeatDate:
    """``state`` is empty for a date as planned; ``said`` names it or says where it moved to."""

    day: str
    text: str
    state: str = ""
    said: str = ""


@dataclass(frozen=True, slots=True)
class DateChange:
    """A change of one day: its fields begin with ``name``; ``is_orphan`` if the event does not repeat on it."""

    day: str
    name: str
    heading: str
    answers: Choices
    is_orphan: bool


@dataclass(frozen=True, slots=True)
class RepeatDates:
    """The list of dates, which is rendered again while somebody types; ``problem`` says what it lacks."""

    words: str = ""
    problem: str = ""
    dates: Sequence[RepeatDate] = ()
    more: Sequence[RepeatDate] = ()
    more_words: str = ""
    can_change: bool = True

    @property
    def digest(self) -> str:
        """What a page shows is not sent to it once more."""
        return hashlib.sha256(repr((self.words, self.problem, self.dates, self.more)).encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class RepeatsView:
    """For ``repeats.html``; ``weekdays`` are code, short and full name."""

    kind: str
    kinds: Choices
    weekdays: Sequence[tuple[str, str, str]]
    ticked: Sequence[str]
    changes: Sequence[DateChange]
    languages: Choices
    listed: RepeatDates


def build_repeats(
    fields: Fields, lang: str, zone: ZoneInfo, *, languages: Sequence[str], opened: str = ""
) -> RepeatsView:
    """``languages`` are those of the notes; ``opened`` is a day whose change is asked for."""
    kind, words = get_kind(fields), get_locale(lang)
    kinds = [(code, translate(label, lang)) for code, label in KINDS.items()]
    if get_value(fields, "recurrence"):
        kinds.append(("kept", translate(_("As before: %(dates)s", dates=describe_repeats(fields, lang)), lang)))
    planned = _list_planned_days(fields)
    days = sorted({*list_days(fields), *([opened] if opened in planned else [])})
    short, full = (get_day_names(width, "stand-alone", words) for width in ("abbreviated", "wide"))
    return RepeatsView(
        kind=kind if kind in repeat_fields.KINDS else "once",
        kinds=kinds,
        weekdays=[(code, short[number], full[number]) for number, code in enumerate(WEEKDAYS)],
        ticked=fields.get("repeats.days", ()),
        changes=[_build_change(day, lang, planned, is_first=day == next(iter(planned), "")) for day in days],
        languages=[(code, LANGUAGES[code].own_name) for code in _add_noted(languages, fields)],
        listed=build_dates(fields, lang, zone),
    )


def build_dates(fields: Fields, lang: str, zone: ZoneInfo) -> RepeatDates:
    kind = get_kind(fields)
    if kind == "once":
        return RepeatDates()
    error = find_problem(fields, zone)
    changes, moves = list_changes(fields), _list_moves(fields)
    planned = _list_planned_days(fields)
    found = [_build_date(day, changes.get(day, ""), moves.get(day), lang) for day in planned]
    words = ""
    if found:
        plain = _parse(fields, changed=kind == "kept")
        count = translate(n_("%(num)s date", "%(num)s dates", sum(each.state != "left_out" for each in found)), lang)
        words = f"{format_dates(plain, lang)}: {count}" if plain else ""
    more = found[SHOWN_AT_ONCE:]
    return RepeatDates(
        words=words[:1].upper() + words[1:],
        problem=translate(error.message, lang) if error else "",
        dates=found[:SHOWN_AT_ONCE],
        more=more,
        more_words=translate(n_("%(num)s further date", "%(num)s further dates", len(more)), lang) if more else "",
        can_change=kind != "kept",
    )


def find_problem(fields: Fields, zone: ZoneInfo) -> FieldError | None:
    """The first thing that is wrong with the repeats as they are typed now; nothing while there is no first day."""
    sent = parse_dates(fields)
    if "start" not in sent:
        return None
    if errors := find_errors(fields):
        return errors[0]
    dates = {name: sent.get(name) for name in ("certainty", "start", "end")}
    try:
        clean_repeats(sent.get("recurrence", {}), dates, zone)
    except PydanticCustomError as error:
        values = dict(error.context or {})
        at = str(values.pop(AT, ""))
        found = make_field_error(
            f"dates.recurrence.{at}", error.type.removeprefix(CODE_PREFIX), error.message_template, values
        )
        return reword(found, words) if (words := explain_repeats(found)) else found
    except (msgspec.ValidationError, ValueError, TypeError):  # which sending the form names
        return None
    return None


def describe_repeats(fields: Fields, lang: str) -> str:
    """Say the repeats that the form carries; empty if there are none."""
    if not get_value(fields, "recurrence"):
        return ""
    dates = _parse({**fields, "repeats": ["kept"]}, changed=True)
    if dates is None:
        return translate(_("as before"), lang)
    exceptions = format_exceptions(dates, lang)
    more = ["…"] if len(exceptions) > SHOWN_EXCEPTIONS else []
    return "; ".join([format_dates(dates, lang), *exceptions[:SHOWN_EXCEPTIONS], *more])


def _add_noted(languages: Sequence[str], fields: Fields) -> list[str]:
    """Add the languages of notes that came by API."""
    parts = (found[1] for name in fields if (found := split_change_field(name)) and get_value(fields, name))
    noted = sorted({part.removeprefix("note.") for part in parts if part.startswith("note.")})
    return list(dict.fromkeys([*languages, *noted]))


def _parse(fields: Fields, *, changed: bool) -> Dates | None:
    """Read the dates as they are typed now; with the changes of single dates only if asked for."""
    try:
        dates = parse_part(parse_dates(fields), Dates)
        if dates.recurrence and not changed:
            kept = Recurrence(dates.recurrence.rrule, dates.recurrence.rdates)
            dates = msgspec.structs.replace(dates, recurrence=kept)
        list_planned(dates)
        format_dates(dates, "en")
    except (msgspec.ValidationError, InvalidRecurrence, ValueError, OverflowError):
        return None
    return dates if dates.recurrence else None


def _list_planned_days(fields: Fields) -> dict[str, Times]:
    """Map each day to its start and end, as if nothing were changed."""
    dates = _parse(fields, changed=False)
    return {start[:10]: (start, end) for start, end in list_planned(dates)[:MAX_OCCURRENCES]} if dates else {}


def _list_moves(fields: Fields) -> dict[str, Times]:
    recurrence = parse_dates(fields).get("recurrence", {})
    changes = recurrence.get("exceptions", []) if isinstance(recurrence, dict) else []
    return {each["date"][:10]: (each["start"], each["end"]) for each in changes if each.get("start")}


def _build_date(day: str, state: str, moved: Times | None, lang: str) -> RepeatDate:
    text = format_dates(Dates("exact", day, day), lang)
    if state not in STATES:
        return RepeatDate(day, text)
    said = translate(STATES[state], lang)
    if moved and state == "moved":
        with suppress(ValueError):
            said = translate(_("moved to %(when)s", when=format_dates(Dates("exact", *moved), lang)), lang)
    return RepeatDate(day, text, state, said)


def _build_change(day: str, lang: str, planned: Mapping[str, Times], *, is_first: bool) -> DateChange:
    answers = [(code, translate(label, lang)) for code, label in ANSWERS.items()]
    if is_first:  # start and end are the first occurrence
        answers = [each for each in answers if each[0] != "left_out"]
    is_orphan = bool(planned) and day not in planned
    if is_orphan:
        answers[0] = ("", translate(_("Remove this change"), lang))
    try:
        heading = format_dates(Dates("exact", day, day), lang)
    except ValueError:  # 30 February, which no page of ours asks for
        heading = day
    return DateChange(day, f"repeats.{day}", heading, answers, is_orphan)
