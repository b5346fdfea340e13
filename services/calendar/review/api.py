"""Routes of the review API: list, read, decide."""

# No postponed annotations: FastAPI reads those of a route in this module's names.

from asyncio import Semaphore, TaskGroup
from functools import partial
from typing import Annotated, Any
from uuid import NAMESPACE_URL, uuid5

import msgspec
from fastapi import APIRouter, Depends, Query, Request, Response
from msgspec.json import Decoder

from services.calendar.entry import parameters
from services.calendar.entry.filters import read_selection
from services.calendar.entry.model import Entry, get_review_state
from services.calendar.entry.publication import EntryChange
from services.calendar.entry.repository import QueuePosition, get_position
from services.calendar.review import model as review_model
from services.calendar.review import schemas
from services.calendar.review.commands import EntryCommand, apply_command, apply_decision, get_entry
from services.calendar.review.serializers import serialize_review, serialize_summary
from services.calendar.state import Service, State
from shared.accounts.accounts import Account
from shared.remarks import make_remark_id, read_remark
from shared.web.auth.roles import ApiCurator, require_api_account
from shared.web.etag import format_etag, read_if_match
from shared.web.http.cursors import decode_cursor, encode_cursor
from shared.web.http.echo import echo
from shared.web.http.idempotency_key import KeyUnreadable, is_key
from shared.web.http.numbers import WHOLE_NUMBER
from shared.web.middleware.error_responses import build_problem_document, convert_error
from shared.web.pages.language import choose_response_language
from shared.web.paging import PageBuilder
from shared.web.problems import Problem, problem_responses

PREFIX = "/calendar/api/v1/reviews"
MAX_CONCURRENT = 8
"""Decisions of one request that are saved concurrently."""

router = APIRouter(prefix=PREFIX, tags=["reviews"], dependencies=[Depends(require_api_account("curator"))])

_POSITIONS = Decoder(QueuePosition)

DECISION_ANSWERS = problem_responses(404, 409, 412, 422, 428)
FULL_ANSWER: dict[str, Any] = {"model": schemas.ReviewAnswerInFull, "headers": schemas.CURRENT}


@router.get("", responses={200: {"model": schemas.ReviewList}, **problem_responses(400)}, response_class=Response)
async def list_reviews(  # noqa: PLR0917 - FastAPI names them all
    calendar: Service,
    state: parameters.StateParameters = [],  # noqa: B006 - FastAPI copies it
    organisation: parameters.OrganisationParameters = [],  # noqa: B006
    county: parameters.CountyParameters = [],  # noqa: B006
    category: parameters.CategoryParameters = [],  # noqa: B006
    year: parameters.YearParameter = None,
    cursor: parameters.CursorParameter = None,
    limit: Annotated[int, Query(ge=1, le=200), WHOLE_NUMBER] = 50,
) -> Response:
    """List entries, those that wait longest first."""
    wanted = read_selection(
        calendar.region, state=state, organisation=organisation, county=county, category=category, year=year
    )
    after = decode_cursor(cursor, _POSITIONS) if cursor is not None else None
    serialize = partial(serialize_summary, languages=calendar.region.languages.texts)
    page = PageBuilder(limit, serialize, lambda last: encode_cursor(get_position(last)))
    await page.fill(calendar.entries.iterate_queue(wanted, after=after, limit=limit + 1))
    body = msgspec.json.encode({"items": page.items, "next": page.next})
    return Response(body, media_type="application/json")


@router.post("/decisions", response_model=schemas.OutcomeList, responses=problem_responses(422))
async def decide_many(request: Request, account: ApiCurator, state: Service, body: schemas.Decisions) -> dict[str, Any]:
    """Take many decisions at once, each on an entry as it was seen; a refused one hinders no other."""
    room = Semaphore(MAX_CONCURRENT)

    async def decide_one(decision: schemas.Decision) -> dict[str, Any]:
        async with room:
            return await _decide_one(request, state, decision, by=account.name)

    async with TaskGroup() as group:
        tasks = [group.create_task(decide_one(each)) for each in body.decisions]
    return {"items": [task.result() for task in tasks]}


@router.get("/{entry_id}", responses={200: FULL_ANSWER, **problem_responses(404)}, response_class=Response)
async def read_review(request: Request, entry_id: str, state: Service) -> Response:
    """Read one entry with its differences and its history."""
    return _respond(request, state, await get_entry(state, entry_id))


@router.post(
    "/{entry_id}/accept",
    responses={200: FULL_ANSWER, **DECISION_ANSWERS},
    openapi_extra=schemas.DECIDES,
    response_class=Response,
)
async def accept(
    request: Request, entry_id: str, account: ApiCurator, state: Service, body: schemas.Accepting | None = None
) -> Response:
    """Make the waiting version the public one."""
    comment = review_model.read_comment(body.comment if body else None)
    command = partial(review_model.accept, by=account.name, comment=comment)
    return await _decide(request, state, entry_id, command)


@router.post(
    "/{entry_id}/reject",
    responses={200: FULL_ANSWER, **DECISION_ANSWERS},
    openapi_extra=schemas.DECIDES,
    response_class=Response,
)
async def reject(
    request: Request, entry_id: str, account: ApiCurator, state: Service, body: schemas.Rejecting
) -> Response:
    """Refuse the waiting version with a reason; what is public stays."""
    comment = review_model.read_comment(body.comment)
    command = partial(review_model.reject, reason=body.reason, by=account.name, comment=comment)
    return await _decide(request, state, entry_id, command)


@router.post(
    "/{entry_id}/request-changes",
    responses={200: FULL_ANSWER, **DECISION_ANSWERS},
    openapi_extra=schemas.DECIDES,
    response_class=Response,
)
async def request_changes(
    request: Request, entry_id: str, account: ApiCurator, state: Service, body: schemas.RequestingChanges
) -> Response:
    """Hand the waiting version back with a comment; what is public stays."""
    comment = review_model.read_comment(body.comment)
    command = partial(review_model.request_changes, by=account.name, comment=comment)
    return await _decide(request, state, entry_id, command)


@router.post(
    "/{entry_id}/reported/confirm",
    responses={200: FULL_ANSWER, **DECISION_ANSWERS},
    openapi_extra=schemas.DECIDES,
    response_class=Response,
)
async def confirm_reported(
    request: Request, entry_id: str, account: ApiCurator, state: Service, body: schemas.Accepting | None = None
) -> Response:
    """Confirm the facts that the organisation changed at once: their mark goes."""
    comment = review_model.read_comment(body.comment if body else None)
    command = partial(review_model.confirm_report, by=account.name, comment=comment)
    return await _decide(request, state, entry_id, command)


@router.post(
    "/{entry_id}/reported/take-back",
    responses={200: FULL_ANSWER, **DECISION_ANSWERS},
    openapi_extra=schemas.DECIDES,
    response_class=Response,
)
async def take_back_reported(
    request: Request, entry_id: str, account: ApiCurator, state: Service, body: schemas.TakingBack | None = None
) -> Response:
    """Show again what was accepted before; the organisation reads the reason."""
    said = body or schemas.TakingBack()
    comment = review_model.read_comment(said.comment)
    command = partial(review_model.take_back_report, reason=said.reason, by=account.name, comment=comment)
    return await _decide(request, state, entry_id, command)


@router.post(
    "/{entry_id}/cancel",
    responses={200: FULL_ANSWER, **DECISION_ANSWERS},
    openapi_extra=schemas.DECIDES,
    response_class=Response,
)
async def cancel(
    request: Request, entry_id: str, account: ApiCurator, state: Service, body: schemas.Stopping | None = None
) -> Response:
    """Say at once that a public event will not take place; it stays visible as cancelled."""
    comment = review_model.read_comment(body.comment if body else None)
    command = partial(review_model.cancel, by=account.name, comment=comment)
    return await _apply(request, state, entry_id, command)


@router.post(
    "/{entry_id}/postpone",
    responses={200: FULL_ANSWER, **DECISION_ANSWERS},
    openapi_extra=schemas.DECIDES,
    response_class=Response,
)
async def postpone(
    request: Request, entry_id: str, account: ApiCurator, state: Service, body: schemas.Stopping | None = None
) -> Response:
    """Say at once that a public event does not take place on its date and the new one is not known.

    It ends once a version with other dates is accepted.
    """
    comment = review_model.read_comment(body.comment if body else None)
    command = partial(review_model.postpone, by=account.name, comment=comment)
    return await _apply(request, state, entry_id, command)


@router.post(
    "/{entry_id}/reinstate",
    responses={200: FULL_ANSWER, **DECISION_ANSWERS},
    openapi_extra=schemas.DECIDES,
    response_class=Response,
)
async def reinstate(
    request: Request, entry_id: str, account: ApiCurator, state: Service, body: schemas.Stopping | None = None
) -> Response:
    """Announce an event that a curator postponed for its date again, at once."""
    comment = review_model.read_comment(body.comment if body else None)
    command = partial(review_model.reinstate, by=account.name, comment=comment)
    return await _apply(request, state, entry_id, command)


@router.post(
    "/{entry_id}/withdraw",
    responses={200: FULL_ANSWER, **DECISION_ANSWERS},
    openapi_extra=schemas.DECIDES,
    response_class=Response,
)
async def withdraw(
    request: Request, entry_id: str, account: ApiCurator, state: Service, body: schemas.Stopping | None = None
) -> Response:
    """Take an entry back at once: its proposal, and what is public of it."""
    comment = review_model.read_comment(body.comment if body else None)
    command = partial(review_model.withdraw, by=account.name, comment=comment)
    return await _apply(request, state, entry_id, command)


@router.post(
    "/{entry_id}/remarks",
    responses={200: FULL_ANSWER, **problem_responses(400, 404, 409, 422)},
    openapi_extra=schemas.WRITES,
    response_class=Response,
)
async def write_remark(
    request: Request, entry_id: str, account: ApiCurator, state: Service, body: schemas.Remarking
) -> Response:
    """Write to the organisation; it changes no decision, but the review number rises."""
    key, text = _read_remark_key(request, account, "remarks", entry_id), read_remark(body.text)

    def command(entry: Entry, /, *, now: str) -> EntryChange:
        if key:
            review_model.check_repeat(entry.remarks, key, text)
        return review_model.write_remark(entry, id=key or make_remark_id(body.id), text=text, by=account.name, now=now)

    return _respond(request, state, await apply_command(state, entry_id, command, seen=None))


@router.post(
    "/{entry_id}/notes",
    responses={200: FULL_ANSWER, **problem_responses(400, 404, 409, 422)},
    openapi_extra=schemas.WRITES,
    response_class=Response,
)
async def write_note(
    request: Request, entry_id: str, account: ApiCurator, state: Service, body: schemas.Remarking
) -> Response:
    """Write to the other curators; the organisation never reads it."""
    key, text = _read_remark_key(request, account, "notes", entry_id), read_remark(body.text)

    def command(entry: Entry, /, *, now: str) -> EntryChange:
        if key:
            review_model.check_repeat(entry.notes, key, text)
        return review_model.write_note(entry, id=key or make_remark_id(body.id), text=text, by=account.name, now=now)

    return _respond(request, state, await apply_command(state, entry_id, command, seen=None))


def _read_remark_key(request: Request, account: Account, act: str, entry_id: str) -> str:
    """Return the id that the request's ``Idempotency-Key`` stands for, or ""; raise KeyUnreadable."""
    key = request.headers.get("idempotency-key")
    if key is None:
        return ""
    if not is_key(key):
        raise KeyUnreadable
    return str(uuid5(NAMESPACE_URL, f"{account.organisation} {PREFIX}/{entry_id}/{act} {key}"))


async def _decide(request: Request, state: State, entry_id: str, command: EntryCommand) -> Response:
    seen = await _read_seen(request, state, entry_id)
    return _respond(request, state, await apply_decision(state, entry_id, command, seen=seen))


async def _apply(request: Request, state: State, entry_id: str, command: EntryCommand) -> Response:
    seen = await _read_seen(request, state, entry_id)
    return _respond(request, state, await apply_command(state, entry_id, command, seen=seen))


async def _read_seen(request: Request, state: State, entry_id: str) -> int | None:
    try:
        return read_if_match(request)
    except Problem:
        await get_entry(state, entry_id)  # 404 comes before a wrong header
        raise


async def _decide_one(request: Request, state: State, decision: schemas.Decision, *, by: str) -> dict[str, Any]:
    """Take one of many decisions; its failure is its outcome, not the request's."""
    try:
        comment = review_model.read_comment(decision.comment)
        command = partial(
            review_model.decide, decision=decision.decision, by=by, reason=decision.reason, comment=comment
        )
        entry = await apply_decision(state, decision.id, command, seen=decision.review_number)
    except Exception as error:  # noqa: BLE001 - answered in the one place where all errors are
        problem = convert_error(request, error)
        lang = choose_response_language(request, state.pages.languages)
        document = build_problem_document(request, problem, lang)
        none = {"review_number": None, "state": None}
        return {"id": echo(decision.id), "status": problem.status_code, "problem": document, **none}
    state_now = get_review_state(entry)
    return {
        "id": entry.id,
        "status": 200,
        "review_number": entry.review_number,
        "state": state_now,
        "problem": None,
    }


def _respond(request: Request, state: State, entry: Entry) -> Response:
    reader = choose_response_language(request, state.pages.languages)
    body = serialize_review(entry, state.region.languages.texts, reader)
    return Response(body, media_type="application/json", headers={"ETag": format_etag(entry.review_number)})
