"""Form of a call: what was typed, and the terms made of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from starlette.datastructures import FormData

from services.calendar.call.model import CallSetting, CallTerms, CallTermsInvalid, YearCall, check_terms
from shared.date_input import UnreadableInput, read_day, write_day
from shared.field_error import FieldError
from shared.i18n.text import Text, _
from shared.web.forms import read_field
from shared.web.http.numbers import parse_number

DAYS: Final[Mapping[str, Text]] = {
    "opens_on": _("Give the day on which the call opens."),
    "deadline_on": _("Give the last day on which new events are taken."),
    "freeze_on": _("Give the last day before the programme closes."),
}
"""The days by their inputs, with what to say where one is missing."""
ANSWER_DAYS: Final = 14
LOCKED: Final = ("category", "dates")
FAR: Final = date.max


@dataclass(frozen=True, slots=True)
class CallForm:
    """Values as typed, by input; ``seen`` is the number that was shown."""

    values: Mapping[str, str] = field(default_factory=dict)
    locked_fields: Sequence[str] = ()
    seen: int = 0

    @property
    def criteria(self) -> dict[str, str]:
        named = ((name.partition("criteria.")[2], text) for name, text in self.values.items())
        return {language: text for language, text in named if language}

    def read_year(self) -> int:
        """Raises CallTermsInvalid."""
        year = parse_number(self.values.get("year", "").strip(), digits=4)
        if year is None:
            raise CallTermsInvalid([FieldError("year", _("Give a year of four digits."), "unreadable")])
        return year

    def read_terms(self, year: int, setting: CallSetting, *, before: CallTerms | None = None) -> CallTerms:
        """Raises CallTermsInvalid with all that is wrong, also with what can be read."""
        days: dict[str, date] = {}
        errors: list[FieldError] = []
        for name, missing in DAYS.items():
            day = _read_day(self.values.get(name, "").strip(), name, missing)
            if isinstance(day, FieldError):
                errors.append(day)
            else:
                days[name] = day
        answer_days = parse_number(self.values.get("answer_days", "").strip(), digits=4)
        terms = CallTerms(
            opens_on=days.get("opens_on", FAR),
            deadline_on=days.get("deadline_on", FAR),
            freeze_on=days.get("freeze_on", FAR),
            answer_days=answer_days or 0,
            criteria=self.criteria,
            locked_fields=tuple(self.locked_fields),
        )
        if errors:
            raise CallTermsInvalid([*errors, *_list_other_errors(terms, year, setting, before, set(days))])
        return terms


def make_call_form(call: YearCall) -> CallForm:
    """Fill in a call's present terms."""
    terms = call.terms
    days = {name: write_day(getattr(terms, name).isoformat()) for name in DAYS}
    texts = {f"criteria.{language}": text for language, text in terms.criteria.items()}
    return CallForm({**days, "answer_days": str(terms.answer_days), **texts}, terms.locked_fields, call.number)


def make_new_call_form(year: int) -> CallForm:
    return CallForm({"year": str(year), "answer_days": str(ANSWER_DAYS)}, LOCKED)


def read_call_form(form: FormData, languages: Sequence[str]) -> CallForm:
    names = ("year", *DAYS, "answer_days", *(f"criteria.{language}" for language in languages))
    locked = [each for each in form.getlist("locked_fields") if isinstance(each, str)]
    seen = parse_number(read_field(form, "number")) or 0
    return CallForm({name: read_field(form, name) for name in names}, locked, seen)


def _read_day(typed: str, name: str, missing: Text) -> date | FieldError:
    try:
        day = read_day(typed)
    except UnreadableInput as error:
        return FieldError(name, Text(error.text, error.values), error.code)
    return date.fromisoformat(day) if day else FieldError(name, missing, "required")


def _list_other_errors(
    terms: CallTerms, year: int, setting: CallSetting, before: CallTerms | None, read: set[str]
) -> list[FieldError]:
    """List what is wrong with what could be read: the days that could not are not compared."""
    try:
        check_terms(terms, year, setting, before=before)
    except CallTermsInvalid as error:
        comparable = {"before_opening": {"opens_on"}, "before_deadline": {"deadline_on"}}
        return [
            each
            for each in error.errors
            if each.field not in DAYS or ({each.field} | comparable.get(each.code, set())) <= read
        ]
    return []
