"""A call and its rules: announce a year, change its terms, make and revoke late codes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import replace

from shared.call import digest_late_code, find_end_of_day, find_start_of_day
from shared.clock import write_instant
from shared.event.days import get_local_day
from shared.event.fields import FIELDS
from shared.field_error import FieldError
from shared.i18n.text import _
from shared.messages import CallAnnounced
from shared.plain_text import TextEmpty, TextRefused, TextTooLong, normalize_line, normalize_text

YEARS_AHEAD: Final = 5
MAX_ANSWER_DAYS: Final = 90
MAX_CRITERIA: Final = 10_000
MAX_CODES: Final = 100
"""Of one call that are not revoked: each is in its message."""
MAX_REVOKED: Final = 500
"""Of one call that are still listed."""
MAX_LABEL: Final = 100
LOCKABLE: Final = tuple(field.name for field in FIELDS if field.compared)

_PAST = _("This day is over. Choose today or a later day.")
_BEFORE_OPENING = _("The deadline comes before the opening. Choose the same day or a later one.")
_BEFORE_DEADLINE = _("The programme would close before the deadline. Choose the same day or a later one.")


class CallTermsInvalid(Exception):
    def __init__(self, errors: Collection[FieldError]) -> None:
        super().__init__(", ".join(f"{each.field}: {each.code}" for each in errors))
        self.errors = tuple(errors)


class TooManyCodes(Exception):
    """A call may have :data:`MAX_CODES` valid codes."""


class CodeUnknown(Exception):
    """The call has no such code, or it is revoked."""


class CallTerms(msgspec.Struct, frozen=True, kw_only=True):
    """What a chief decides; days are local, and the last day belongs to its span."""

    opens_on: date
    deadline_on: date
    freeze_on: date
    answer_days: int
    criteria: dict[str, str]
    locked_fields: tuple[str, ...] = ()


class LateCode(msgspec.Struct, frozen=True, kw_only=True):
    """A code by its digest; ``label`` says whom it is for, and stays in this database."""

    id: str
    digest: str
    label: str
    made_at: str
    revoked_at: str | None = None


class YearCall(msgspec.Struct, frozen=True, kw_only=True):
    """The call for a year; ``number`` rises with every change and is its ETag.

    The instants are those of the days in the region's zone, the last two the first that are too late.
    """

    year: int
    number: int
    terms: CallTerms
    opens_at: str
    deadline_at: str
    freeze_at: str
    announced_at: str
    changed_at: str
    codes: tuple[LateCode, ...] = ()

    @property
    def valid_codes(self) -> tuple[LateCode, ...]:
        return tuple(each for each in self.codes if each.revoked_at is None)


@dataclass(frozen=True, slots=True)
class CallSetting:
    """Where and when a call is announced or changed; ``languages`` are those of the criteria."""

    zone: ZoneInfo
    languages: Sequence[str]
    now: str

    @property
    def today(self) -> date:
        return get_local_day(self.now, self.zone)


def announce(year: int, terms: CallTerms, setting: CallSetting) -> YearCall:
    """Raises CallTermsInvalid."""
    today = setting.today
    errors = [] if today.year <= year <= today.year + YEARS_AHEAD else [_refuse_year(today)]
    checked = check_terms(terms, year, setting, errors=errors)
    opens_at, deadline_at, freeze_at = _find_instants(checked, setting.zone)
    return YearCall(
        year=year,
        number=1,
        terms=checked,
        opens_at=opens_at,
        deadline_at=deadline_at,
        freeze_at=freeze_at,
        announced_at=setting.now,
        changed_at=setting.now,
    )


def change_terms(call: YearCall, terms: CallTerms, setting: CallSetting) -> YearCall:
    """Return the call itself if nothing differs; raise CallTermsInvalid.

    A day that stays may be over; one that changes may not.
    """
    checked = check_terms(terms, call.year, setting, before=call.terms)
    if checked == call.terms:
        return call
    opens_at, deadline_at, freeze_at = _find_instants(checked, setting.zone)
    after = replace(call, terms=checked, opens_at=opens_at, deadline_at=deadline_at, freeze_at=freeze_at)
    return _raise_number(after, now=setting.now)


def add_code(call: YearCall, code: str, label: str, *, id: str, now: str) -> YearCall:  # noqa: A002 - the code's word
    """Raises CallTermsInvalid if the label is empty or too long; TooManyCodes."""
    if len(call.valid_codes) >= MAX_CODES:
        raise TooManyCodes
    made = LateCode(id=id, digest=digest_late_code(code), label=_read_label(label), made_at=now)
    revoked = [each for each in call.codes if each.revoked_at is not None]
    dropped = revoked[: max(0, len(revoked) - MAX_REVOKED)]
    kept = (each for each in call.codes if each not in dropped)
    return _raise_number(replace(call, codes=(*kept, made)), now=now)


def revoke_code(call: YearCall, code_id: str, *, now: str) -> YearCall:
    """Raises CodeUnknown."""
    if code_id not in {each.id for each in call.valid_codes}:
        raise CodeUnknown
    codes = tuple(replace(each, revoked_at=now) if each.id == code_id else each for each in call.codes)
    return _raise_number(replace(call, codes=codes), now=now)


def make_call_message(call: YearCall) -> CallAnnounced:
    terms = call.terms
    return CallAnnounced(
        year=call.year,
        number=call.number,
        opens_at=call.opens_at,
        deadline_at=call.deadline_at,
        freeze_at=call.freeze_at,
        answer_days=terms.answer_days,
        criteria=terms.criteria,
        locked_fields=list(terms.locked_fields),
        late_codes=[each.digest for each in call.valid_codes],
        announced_at=call.announced_at,
    )


def check_terms(
    terms: CallTerms,
    year: int,
    setting: CallSetting,
    *,
    before: CallTerms | None = None,
    errors: Collection[FieldError] = (),
) -> CallTerms:
    """Return the terms with tidy texts; raise CallTermsInvalid with every error, after those found already."""
    criteria, wrong = _read_criteria(terms.criteria, setting.languages)
    found = [*errors, *_check_days(terms, year, today=setting.today, before=before), *_check_rest(terms), *wrong]
    if found:
        raise CallTermsInvalid(found)
    locked = tuple(name for name in LOCKABLE if name in terms.locked_fields)
    return replace(terms, criteria=criteria, locked_fields=locked)


def _find_instants(terms: CallTerms, zone: ZoneInfo) -> tuple[str, str, str]:
    opens, deadline, freeze = terms.opens_on, terms.deadline_on, terms.freeze_on
    instants = (find_start_of_day(opens, zone), find_end_of_day(deadline, zone), find_end_of_day(freeze, zone))
    opens_at, deadline_at, freeze_at = (write_instant(each) for each in instants)
    return opens_at, deadline_at, freeze_at


def _check_days(terms: CallTerms, year: int, *, today: date, before: CallTerms | None) -> Iterator[FieldError]:
    over = {
        name
        for name in ("opens_on", "deadline_on", "freeze_on")
        if getattr(terms, name) < today and (before is None or getattr(terms, name) != getattr(before, name))
    }
    if "opens_on" in over:
        yield FieldError("opens_on", _PAST, "past")
    if terms.deadline_on < terms.opens_on:
        yield FieldError("deadline_on", _BEFORE_OPENING, "before_opening")
    elif "deadline_on" in over:
        yield FieldError("deadline_on", _PAST, "past")
    if terms.freeze_on < terms.deadline_on:
        yield FieldError("freeze_on", _BEFORE_DEADLINE, "before_deadline")
    elif "freeze_on" in over:
        yield FieldError("freeze_on", _PAST, "past")
    elif terms.freeze_on.year > year:
        yield FieldError("freeze_on", _("Choose a day no later than 31 December %(year)s.", year=year), "after_year")


def _check_rest(terms: CallTerms) -> Iterator[FieldError]:
    if not 1 <= terms.answer_days <= MAX_ANSWER_DAYS:
        text = _("Give a number from 1 to %(most)s.", most=MAX_ANSWER_DAYS)
        yield FieldError("answer_days", text, "out_of_range")
    if set(terms.locked_fields) - set(LOCKABLE):
        text = _("Choose from these fields: %(fields)s.", fields=", ".join(LOCKABLE))
        yield FieldError("locked_fields", text, "unknown_value")


def _read_criteria(criteria: Mapping[str, str], languages: Collection[str]) -> tuple[dict[str, str], list[FieldError]]:
    kept: dict[str, str] = {}
    errors: list[FieldError] = []
    for language, text in criteria.items():
        field = f"criteria.{language}"
        if language not in languages:
            known = _("Possible languages: %(languages)s.", languages=", ".join(languages))
            errors.append(FieldError("criteria", known, "unknown_language"))
            continue
        try:
            kept[language] = normalize_text(text, MAX_CRITERIA)
        except TextEmpty:
            continue
        except TextTooLong:
            shorten = _("Shorten the text to %(limit)s characters.", limit=MAX_CRITERIA)
            errors.append(FieldError(field, shorten, "too_long"))
        except TextRefused:
            unreadable = _("The text holds signs that cannot be shown. Delete them or type the text again.")
            errors.append(FieldError(field, unreadable, "control_characters"))
    if "pl" not in kept and not any(each.field == "criteria.pl" for each in errors):
        errors.append(FieldError("criteria.pl", _("Say in Polish what is taken into the programme."), "required"))
    return kept, errors[: len(languages) + 2]


def _read_label(label: str) -> str:
    try:
        return normalize_line(label, MAX_LABEL)
    except TextEmpty:
        error = FieldError("label", _("Say whom this code is for."), "required")
    except TextTooLong:
        error = FieldError("label", _("Shorten the text to %(limit)s characters.", limit=MAX_LABEL), "too_long")
    except TextRefused:
        text = _("The text holds signs that cannot be shown. Delete them or type the text again.")
        error = FieldError("label", text, "control_characters")
    raise CallTermsInvalid([error])


def _refuse_year(today: date) -> FieldError:
    text = _("Choose a year from %(first)s to %(last)s.", first=today.year, last=today.year + YEARS_AHEAD)
    return FieldError("year", text, "out_of_range")


def _raise_number(call: YearCall, *, now: str) -> YearCall:
    return replace(call, number=call.number + 1, changed_at=now)
