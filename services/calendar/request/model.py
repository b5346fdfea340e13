"""A request and its rules: ask, take back, note the answer. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import msgspec
from msgspec.structs import replace

from shared.field_error import FieldError
from shared.i18n.text import _
from shared.messages import ContributionRequested, RequestAnswered, RequestState
from shared.plain_text import TextEmpty, TextRefused, TextTooLong, normalize_text

MAX_TEXT: Final = 1_000
MAX_REASON: Final = 500
FAR: Final = timedelta(days=400)
_ID: Final = re.compile(r"[0-9a-f-]{32,36}")
_MONTH: Final = re.compile(r"2[0-9]{3}-(0[1-9]|1[0-2])")


class RequestInvalid(Exception):
    def __init__(self, errors: Collection[FieldError]) -> None:
        super().__init__(", ".join(f"{each.field}: {each.code}" for each in errors))
        self.errors = tuple(errors)


class RequestClosed(Exception):
    """The request is answered or was taken back."""


class RequestDiffers(Exception):
    """Another request was made under this id, or one that is closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestTerms:
    """What a chief asks for, as typed; ``until`` is None where the day could not be read."""

    organisation: str
    text: str
    until: date | None
    county: str = ""
    month: str = ""


class EventRequest(msgspec.Struct, frozen=True, kw_only=True):
    """``until`` is a local day, ``month`` like ``2027-11``; ``answer`` is a submission's id, or why there is none."""

    id: str
    number: int
    organisation: str
    text: str
    until: str
    asked_at: str
    changed_at: str
    county: str | None = None
    month: str | None = None
    state: RequestState = "open"
    answer: str | None = None

    @property
    def is_open(self) -> bool:
        return self.state == "open"


def is_request_id(written: str) -> bool:
    return _ID.fullmatch(written) is not None


def ask(
    terms: RequestTerms,
    *,
    id: str,  # noqa: A002 - the request's word
    organisations: Collection[str],
    counties: Collection[str],
    today: date,
    now: str,
) -> EventRequest:
    """Raises RequestInvalid with all that is wrong."""
    errors = list(_check(terms, organisations, counties, today))
    try:
        text = normalize_text(terms.text, MAX_TEXT)
    except TextRefused as error:
        text = ""
        errors.append(_refuse_text(error))
    if errors or terms.until is None:
        raise RequestInvalid(errors)
    return EventRequest(
        id=id,
        number=1,
        organisation=terms.organisation,
        text=text,
        until=terms.until.isoformat(),
        asked_at=now,
        changed_at=now,
        county=terms.county or None,
        month=terms.month or None,
    )


def asks_the_same(request: EventRequest, other: EventRequest) -> bool:
    """Whether two requests ask the same organisation for the same thing until the same day."""
    asked = [(each.organisation, each.text, each.until, each.county, each.month) for each in (request, other)]
    return asked[0] == asked[1]


def take_back(request: EventRequest, *, now: str) -> EventRequest:
    """Raises RequestClosed."""
    if not request.is_open:
        raise RequestClosed
    return replace(request, state="withdrawn", number=request.number + 1, changed_at=now)


def note_answer(request: EventRequest, message: RequestAnswered, *, now: str) -> EventRequest:
    """Close the request; one that is closed already stays as it is."""
    if not request.is_open:
        return request
    state: RequestState = "answered" if message.submission_id else "refused"
    answer = message.submission_id or (message.reason or "")[:MAX_REASON]
    return replace(request, state=state, answer=answer, number=request.number + 1, changed_at=now)


def make_request_message(request: EventRequest) -> ContributionRequested:
    return ContributionRequested(
        request_id=request.id,
        number=request.number,
        organisation=request.organisation,
        text=request.text,
        until=request.until,
        asked_at=request.asked_at,
        county=request.county,
        month=request.month,
        state=request.state,
        answer=request.answer,
    )


def _check(
    terms: RequestTerms, organisations: Collection[str], counties: Collection[str], today: date
) -> Iterator[FieldError]:
    if terms.organisation not in organisations:
        yield FieldError("organisation", _("Choose an organisation."), "required")
    if terms.until is not None and not today <= terms.until <= today + FAR:
        yield FieldError("until", _("Choose a day from today on, within a year."), "out_of_range")
    if terms.county and terms.county not in counties:
        yield FieldError("county", _("Choose a county from the list."), "unknown")
    if terms.month and not _MONTH.fullmatch(terms.month):
        yield FieldError("month", _("Choose a month from the list."), "unknown")


def _refuse_text(error: TextRefused) -> FieldError:
    if isinstance(error, TextEmpty):
        return FieldError("text", _("Say what you ask for."), "required")
    if isinstance(error, TextTooLong):
        return FieldError("text", _("At most %(limit)s characters.", limit=MAX_TEXT), "too_long")
    return FieldError("text", _("The text holds signs that cannot be shown."), "unshowable")
