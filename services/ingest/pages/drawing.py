"""What the template of the form is given: every field with its value, its error and its choices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from babel.dates import format_skeleton

from services.ingest import words
from services.ingest.answers import said
from services.ingest.domain import text
from services.ingest.domain.accessibility import ACCESSIBILITY
from services.ingest.domain.faults import Fault
from services.ingest.form.fields import BY_LANGUAGE, Fields, one
from services.ingest.form.moments import SEASONS, limits
from shared.languages import LANGUAGES, locale
from shared.messages import Dates
from shared.region import Region
from shared.web.locale import Text, _, n_, translate
from shared.web.phrases import date_phrase

YEARS_AHEAD = 3
LIMITS = {"title": text.TITLE, "summary": text.SUMMARY, "description": text.DESCRIPTION}
PARTS: Mapping[str, tuple[Text, tuple[str, ...]]] = {
    "texts": (_("Tytuł i opis"), ("title.", "summary.", "description.", "category")),
    "when": (_("Kiedy"), ("certainty", "start_", "end_", "month", "season")),
    "where": (_("Gdzie"), ("venue.",)),
    "guests": (_("Dla gości"), ("website", "tickets.", "accessibility", "also")),
    "contact": (_("Kontakt"), ("contact.", "external_id")),
}
"""The parts of the form, with what the names of their fields begin with."""

NAMED_BY_ITSELF = frozenset({"required", "before_start", "skipped_hour", "doubled_hour", "mixed", "differs"})
"""Codes whose text says by itself which field is meant."""

Choices = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A form to be shown: what is in it, what is wrong with it, for a reader of which language, in which region."""

    fields: Fields
    faults: Sequence[Fault]
    lang: str
    region: Region
    year: int


def context(form: Drawn) -> dict[str, Any]:
    """Give the template everything that depends on what was typed."""
    errors = {fault.field: _error(fault, form.lang) for fault in form.faults}
    return {
        "values": {name: values[-1] for name, values in form.fields.items() if values},
        "ticked": {name: [value for value in form.fields.get(name, ()) if value] for name in ("also", "accessibility")},
        "errors": errors,
        "summary": [{"id": field_id(name), "text": told} for name, told in errors.items()],
        "parts": [
            {"id": key, "title": title, "errors": _count(errors, begins)} for key, (title, begins) in PARTS.items()
        ],
        "languages": [_language(code, form, errors) for code in _main_languages(form)],
        "more_languages": [_language(code, form, errors) for code in LANGUAGES if code not in _main_languages(form)],
        "doubled": [fault.field for fault in form.faults if fault.code == "doubled_hour"],
        **_choices(form),
    }


def field_id(name: str) -> str:
    """Give the id of a field's control, as ``parts/field.html`` does."""
    return name.replace(".", "-")


def label(name: str) -> Text:
    """Give the label of a field, with its language where there are several of it."""
    found = words.FIELDS.get(name)
    if found is not None:
        return found
    known, _dot, code = name.rpartition(".")
    if known not in words.FIELDS:
        return Text(name)
    language = named(code) if code in LANGUAGES else code
    return _("%(what)s (%(language)s)", what=words.FIELDS[known], language=language)


def named(code: str) -> str:
    """Give a language's own name as it stands in a heading."""
    name = LANGUAGES[code].own_name
    return name[0].upper() + name[1:]


def _error(fault: Fault, lang: str) -> str:
    """Say a fault in words that can stand alone, in the summary as beside the field."""
    told = translate(said(fault), lang)
    return told if fault.code in NAMED_BY_ITSELF else f"{translate(label(fault.field), lang)}: {told}"


def _count(errors: Iterable[str], begins: tuple[str, ...]) -> int:
    return sum(name.startswith(begins) for name in errors)


def _main_languages(form: Drawn) -> tuple[str, ...]:
    return form.region.languages.feeds


def _language(code: str, form: Drawn, errors: Mapping[str, str]) -> dict[str, Any]:
    """Describe the texts in one language: how many there are, how many are wrong."""
    filled = sum(bool(one(form.fields, f"{name}.{code}")) for name in BY_LANGUAGE)
    count = n_("%(num)s z 3 pól", "%(num)s z 3 pól", filled)
    needed = _("wymagany, %(count)s", count=count) if code == "pl" else count
    return {
        "code": code,
        "name": named(code),
        "words": translate(needed, form.lang),
        "errors": sum(f"{name}.{code}" in errors for name in BY_LANGUAGE),
        "open": code == "pl" or filled > 0,
        "priced": bool(one(form.fields, f"tickets.price.{code}")) or f"tickets.price.{code}" in errors,
    }


def _choices(form: Drawn) -> dict[str, Any]:
    region, lang = form.region, form.lang
    return {
        "categories": [(slug, category.label(lang)) for slug, category in region.categories.items()],
        "counties": [(code, county.label(lang)) for code, county in region.counties.items()],
        "towns": sorted({county.seat for county in region.counties.values()}),
        "access": [(code, translate(Text(told), lang)) for code, told in ACCESSIBILITY.items()],
        "months": _with_chosen(_months(form), one(form.fields, "month"), lang),
        "seasons": _with_chosen(_seasons(form), one(form.fields, "season"), lang),
        "limits": LIMITS,
    }


def _years(form: Drawn) -> range:
    return range(form.year, form.year + YEARS_AHEAD)


def _months(form: Drawn) -> Choices:
    choices = (f"{year}-{month:02}" for year in _years(form) for month in range(1, 13))
    return [(each, _named(each, form.lang)) for each in choices]


def _seasons(form: Drawn) -> Choices:
    choices = ((year, name) for year in _years(form) for name in SEASONS)
    return [(f"{year}-{name}", words.season(name, year).in_language(form.lang)) for year, name in choices]


def _with_chosen(choices: Choices, chosen: str, lang: str) -> Choices:
    """Offer also what is chosen already, be it of an earlier year or a span that has no name."""
    if not chosen or chosen in dict(choices):
        return choices
    return [(chosen, _named(chosen, lang)), *choices]


def _named(choice: str, lang: str) -> str:
    """Name a span by its month, or by its first and last day; what is no span stays as it came."""
    try:
        first, last = (date.fromisoformat(limit) for limit in limits(choice))
    except ValueError:
        return choice
    if choice == f"{first:%Y-%m}":
        return str(format_skeleton("yMMMM", first, locale=locale(lang)))
    return date_phrase(Dates("exact", str(first), str(last)), lang)
