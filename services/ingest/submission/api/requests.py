"""Request parsing of the submission API: event, idempotency key, list query."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from starlette.requests import Request

from services.ingest.call.model import CallClosed, CallNotOpen
from services.ingest.call.problems import CALL_PROBLEMS
from services.ingest.state import State
from services.ingest.submission import idempotency
from services.ingest.submission.commands import make_admission
from services.ingest.submission.content import SubmittedEvent, read_event
from services.ingest.submission.model import Submission
from services.ingest.venue.commands import resolve_venue
from services.ingest.venue.register_warnings import find_register_warnings
from shared.accounts.accounts import Account
from shared.event.assessment import serialize_readiness
from shared.event.warnings import find_warnings
from shared.field_error import FieldError
from shared.i18n.text import _, translate
from shared.messages import ReviewState
from shared.web.http.cursors import decode_text_cursor
from shared.web.http.media_types import is_json
from shared.web.http.numbers import parse_number
from shared.web.pages.language import choose_response_language
from shared.web.problems import BadRequest, UnsupportedMediaType

STATES: tuple[ReviewState, ...] = get_args(ReviewState)
MAX_PAGE = 200
DEFAULT_PAGE = 50
LATE_CODE_HEADER = "late-code"
MAX_CODE = 100
_REOPENS_CANCELLED = _(
    "The event is cancelled. Once a curator accepts this version, it takes place again. If it stays cancelled, "
    "ask the curator to reject this version."
)


async def read_request_event(request: Request, state: State, account: Account) -> SubmittedEvent:
    """Raises UnsupportedMediaType if the body is not declared as JSON; ValidationFailed with every error."""
    if not is_json(request.headers.get("content-type", "")):
        raise UnsupportedMediaType
    county = state.find_county(account.organisation)
    return await resolve_venue(state, read_event(await request.body(), state.vocabulary, county=county))


def list_warnings(event: SubmittedEvent, request: Request, state: State) -> dict[str, list[dict[str, str]]]:
    language = choose_response_language(request, state.pages.languages)
    found = find_warnings(event, state.region, today=state.get_today(), language=language)
    register = find_register_warnings(event, state.venues.index, state.region, language)
    warnings: list[tuple[str, str, str]] = [(each.field, each.code, each.text) for each in found]
    warnings += [(each.field, each.code, each.text) for each in register]
    return {"warnings": [{"field": field, "code": code, "message": text} for field, code, text in warnings]}


def assess_readiness(event: SubmittedEvent, request: Request, state: State) -> dict[str, Any]:
    language = choose_response_language(request, state.pages.languages)
    return serialize_readiness(event, state.region.languages.texts, language)


def describe_warnings(request: Request, state: State, submission: Submission) -> Mapping[str, Any]:
    """List what is likely a slip in what was sent, that it reopens a cancelled event included."""
    found: dict[str, Any] = list_warnings(submission.event, request, state)
    found |= assess_readiness(submission.event, request, state)
    if submission.state == "waiting" and submission.live_status == "cancelled":
        text = translate(_REOPENS_CANCELLED, choose_response_language(request, state.pages.languages))
        found["warnings"].append({"field": "", "code": "reopens_cancelled", "message": text})
    return found


def warn_of_call(event: SubmittedEvent, request: Request, state: State) -> list[dict[str, str]]:
    """Say that a new event like this would be refused now, by the call of its year."""
    try:
        make_admission(state).admit_new(event.dates.start)
    except (CallNotOpen, CallClosed) as refused:
        problem = CALL_PROBLEMS[type(refused)](refused)
        text = translate(problem.detail, choose_response_language(request, state.pages.languages))
        return [{"field": "dates.start", "code": problem.code, "message": text}]
    return []


async def read_key(request: Request, account: Account, route: str) -> idempotency.IdempotencyKey | None:
    """Raises KeyUnreadable if it is no key."""
    key = request.headers.get("idempotency-key")
    if key is None:
        return None
    return idempotency.make_key(key, organisation=account.organisation, route=route, body=await request.body())


def read_late_code(request: Request) -> str:
    """Return the late code in the header, bounded; the empty text if there is none."""
    return request.headers.get(LATE_CODE_HEADER, "")[:MAX_CODE]


@dataclass(frozen=True, slots=True)
class ListQuery:
    state: ReviewState | None
    year: int | None
    after: str | None
    limit: int


def read_query(*, state: str | None, year: str | None, cursor: str | None, limit: str | None) -> ListQuery:
    """Raises BadRequest if one has a value that it cannot have."""
    return ListQuery(
        _read_state(state), _read_year(year), None if cursor is None else decode_text_cursor(cursor), _read_limit(limit)
    )


def _read_state(value: str | None) -> ReviewState | None:
    for state in STATES:
        if value == state:
            return state
    if value is None:
        return None
    raise _make_error("state", _("Possible states: %(states)s.", states=", ".join(STATES)))


def _read_year(value: str | None) -> int | None:
    if value is None:
        return None
    if not re.fullmatch(r"[0-9]{4}", value):
        raise _make_error("year", _("Give a year of four digits."))
    return int(value)


def _read_limit(value: str | None) -> int:
    if value is None:
        return DEFAULT_PAGE
    limit = parse_number(value)
    if limit is None or not 1 <= limit <= MAX_PAGE:
        raise _make_error("limit", _("Give a number from 1 to %(most)s.", most=MAX_PAGE))
    return limit


def _make_error(name: str, message: str) -> BadRequest:
    return BadRequest(code="unknown_filter_value", errors=[FieldError(name, message, "unknown_value")])
