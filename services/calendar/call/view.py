"""View of calls: rows, codes, the form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from services.calendar.call.call_form import CallForm
from services.calendar.call.model import LOCKABLE, MAX_CRITERIA, YEARS_AHEAD, YearCall, make_call_message
from shared.call import CallPhase, parse_call
from shared.event.date_phrases import format_day, format_local_time
from shared.event.fields import get_field
from shared.field_error import FieldError
from shared.i18n.languages import get_language
from shared.i18n.text import Text, _, n_, translate
from shared.region import Region
from shared.web.pages.parts import ErrorLink

Choices = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class CallRow:
    year: int
    url: str
    phase: CallPhase
    opens_on: str
    deadline_on: str
    freeze_on: str
    left: str
    codes: int


@dataclass(frozen=True, slots=True)
class CodeRow:
    id: str
    label: str
    made: str
    revoked: str


@dataclass(frozen=True, slots=True)
class LanguageText:
    """The criteria in one language."""

    name: str
    code: str
    label: str
    preview_url: str


@dataclass(frozen=True, slots=True)
class CallFormContext:
    """What ``call.html`` is given for its form; mappings are by the name of the input."""

    values: Mapping[str, str]
    locked_fields: Sequence[str]
    errors: Mapping[str, str]
    summary: Sequence[ErrorLink]
    years: Choices
    lockable: Choices
    texts: Sequence[LanguageText]
    limit: int


def make_call_row(call: YearCall, lang: str, zone: ZoneInfo, *, now: str) -> CallRow:
    terms, known, instant = call.terms, parse_call(make_call_message(call)), datetime.fromisoformat(now)
    phase = known.get_phase(instant)
    return CallRow(
        year=call.year,
        url=f"/calendar/calls/{call.year}",
        phase=phase,
        opens_on=format_day(terms.opens_on, lang),
        deadline_on=format_day(terms.deadline_on, lang),
        freeze_on=format_day(terms.freeze_on, lang),
        left=translate(_describe_left(known.days_left(instant, zone)), lang) if phase == "open" else "",
        codes=len(call.valid_codes),
    )


def list_code_rows(call: YearCall, lang: str, zone: ZoneInfo) -> list[CodeRow]:
    """List the newest first."""
    return [
        CodeRow(
            id=each.id,
            label=each.label,
            made=format_local_time(each.made_at, lang, zone),
            revoked=format_local_time(each.revoked_at, lang, zone) if each.revoked_at else "",
        )
        for each in reversed(call.codes)
    ]


def make_form_context(
    form: CallForm, errors: Sequence[FieldError], lang: str, region: Region, *, today: date, year: int | None
) -> CallFormContext:
    found = {error.field: translate(error.message, lang) for error in errors}
    years = [str(each) for each in range(today.year, today.year + YEARS_AHEAD + 1)]
    return CallFormContext(
        values=form.values,
        locked_fields=form.locked_fields,
        errors=found,
        summary=[ErrorLink(_make_id(field), message) for field, message in found.items()],
        years=[(each, each) for each in years],
        lockable=[(name, translate(get_field(name).label, lang)) for name in LOCKABLE],
        texts=[_make_language_text(code, year, lang) for code in region.languages.site],
        limit=MAX_CRITERIA,
    )


def _describe_left(days: int) -> Text:
    return n_("%(num)s day left", "%(num)s days left", days) if days else _("last day")


def _make_language_text(code: str, year: int | None, lang: str) -> LanguageText:
    name = get_language(code).own_name
    label = translate(_("What is taken (%(language)s)", language=name), lang)
    return LanguageText(f"criteria.{code}", code, label, f"/calendar/calls/{year}/criteria/{code}" if year else "")


def _make_id(field: str) -> str:
    return field.replace(".", "-")
