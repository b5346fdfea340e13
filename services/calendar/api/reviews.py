"""The routes on entries: list, read, decide; each reads the request, lets one rule decide, and answers."""

# No postponed annotations: FastAPI reads those of a route in this module's names.

import json
from asyncio import Semaphore, TaskGroup
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from services.calendar.api import reading, shapes
from services.calendar.api.answers import in_full, in_list
from services.calendar.desk import Rule, comment_in, decide, entry_of
from services.calendar.domain import review
from services.calendar.domain.entry import Entry, review_state
from services.calendar.filters import selection
from services.calendar.state import Service, State
from services.calendar.store import place_of
from shared.web.access import ApiCurator
from shared.web.answering import answer
from shared.web.etag import etag, expected_number
from shared.web.problems import Problem, answers

PREFIX = "/calendar/api/v1/reviews"
AT_ONCE = 8
"""How many of many decisions are kept side by side."""

router = APIRouter(prefix=PREFIX, tags=["reviews"])

DECISION = answers(404, 409, 412, 422, 428)
IN_FULL: dict[str, Any] = {"model": shapes.ReviewAnswerInFull, "headers": shapes.CURRENT}


@router.get("", response_model=shapes.ReviewList, responses=answers(400))
async def list_reviews(  # noqa: PLR0917 - FastAPI names them all
    account: ApiCurator,  # noqa: ARG001 - says who may
    calendar: Service,
    state: reading.States = [],  # noqa: B006 - FastAPI copies it
    organisation: reading.Organisations = [],  # noqa: B006
    county: reading.Counties = [],  # noqa: B006
    category: reading.Categories = [],  # noqa: B006
    year: reading.Year = None,
    cursor: reading.Cursor = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    """List entries, those that wait longest first."""
    asked = selection(
        calendar.region, state=state, organisation=organisation, county=county, category=category, year=year
    )
    found = await calendar.entries.queue(asked, after=reading.place_in(cursor), limit=limit + 1)
    shown = found[:limit]
    more = reading.place_cursor(place_of(shown[-1])) if len(found) > limit else None
    return {"items": [in_list(each) for each in shown], "next": more}


@router.post("/decisions", response_model=shapes.OutcomeList, responses=answers(422))
async def decide_many(request: Request, account: ApiCurator, state: Service, body: shapes.Decisions) -> dict[str, Any]:
    """Take many decisions at once, each on an entry as it was seen; a refused one hinders no other."""
    room = Semaphore(AT_ONCE)

    async def outcome(decision: shapes.Decision) -> dict[str, Any]:
        async with room:
            return await _outcome(request, state, decision, by=account.name)

    async with TaskGroup() as group:
        tasks = [group.create_task(outcome(each)) for each in body.decisions]
    return {"items": [task.result() for task in tasks]}


@router.get("/{entry_id}", responses={200: IN_FULL, **answers(404)}, response_class=Response)
async def read_review(entry_id: str, account: ApiCurator, state: Service) -> Response:  # noqa: ARG001 - says who may
    """Read one entry with its differences and its history."""
    return _shown(await entry_of(state, entry_id))


@router.post(
    "/{entry_id}/accept", responses={200: IN_FULL, **DECISION}, openapi_extra=shapes.DECIDES, response_class=Response
)
async def accept(
    request: Request, entry_id: str, account: ApiCurator, state: Service, body: shapes.Accepting | None = None
) -> Response:
    """Make the waiting version the public one."""
    comment = comment_in(body.comment if body else None)
    rule: Rule = lambda entry, at: review.accept(entry, by=account.name, now=at, comment=comment)  # noqa: E731 - names what it fills
    return await _decided(request, state, entry_id, rule)


@router.post(
    "/{entry_id}/reject", responses={200: IN_FULL, **DECISION}, openapi_extra=shapes.DECIDES, response_class=Response
)
async def reject(
    request: Request, entry_id: str, account: ApiCurator, state: Service, body: shapes.Rejecting
) -> Response:
    """Refuse the waiting version with a reason; what is public stays."""
    comment = comment_in(body.comment)
    rule: Rule = lambda entry, at: review.reject(  # noqa: E731 - names what it fills
        entry, reason=body.reason, by=account.name, now=at, comment=comment
    )
    return await _decided(request, state, entry_id, rule)


@router.post(
    "/{entry_id}/request-changes",
    responses={200: IN_FULL, **DECISION},
    openapi_extra=shapes.DECIDES,
    response_class=Response,
)
async def request_changes(
    request: Request, entry_id: str, account: ApiCurator, state: Service, body: shapes.RequestingChanges
) -> Response:
    """Hand the waiting version back with a comment; what is public stays."""
    comment = comment_in(body.comment)
    rule: Rule = lambda entry, at: review.request_changes(entry, by=account.name, now=at, comment=comment)  # noqa: E731 - names what it fills
    return await _decided(request, state, entry_id, rule)


@router.post(
    "/{entry_id}/cancel", responses={200: IN_FULL, **DECISION}, openapi_extra=shapes.DECIDES, response_class=Response
)
async def cancel(
    request: Request, entry_id: str, account: ApiCurator, state: Service, body: shapes.Stopping | None = None
) -> Response:
    """Say at once that a public event will not take place; it stays visible as cancelled."""
    comment = comment_in(body.comment if body else None)
    rule: Rule = lambda entry, at: review.cancel(entry, by=account.name, now=at, comment=comment)  # noqa: E731 - names what it fills
    return await _decided(request, state, entry_id, rule)


@router.post(
    "/{entry_id}/withdraw", responses={200: IN_FULL, **DECISION}, openapi_extra=shapes.DECIDES, response_class=Response
)
async def withdraw(
    request: Request, entry_id: str, account: ApiCurator, state: Service, body: shapes.Stopping | None = None
) -> Response:
    """Take an entry back at once: its proposal, and what is public of it."""
    comment = comment_in(body.comment if body else None)
    rule: Rule = lambda entry, at: review.withdraw(entry, by=account.name, now=at, comment=comment)  # noqa: E731 - names what it fills
    return await _decided(request, state, entry_id, rule)


async def _decided(request: Request, state: State, entry_id: str, rule: Rule) -> Response:
    try:
        seen = expected_number(request)
    except Problem:
        await entry_of(state, entry_id)  # what is not there is not there, whatever the headers say
        raise
    return _shown(await decide(state, entry_id, rule, seen=seen))


async def _outcome(request: Request, state: State, decision: shapes.Decision, *, by: str) -> dict[str, Any]:
    """Take one of many decisions; whatever goes wrong is its outcome, not the request's."""
    try:
        comment = comment_in(decision.comment)
        rule: Rule = lambda entry, at: review.decide(  # noqa: E731 - names what it fills
            entry, decision.decision, by=by, now=at, reason=decision.reason, comment=comment
        )
        entry = await decide(state, decision.id, rule, seen=decision.review_number)
    except Exception as error:  # noqa: BLE001 - answered in the one place where all errors are
        refused = await answer(request, error)
        problem = json.loads(bytes(refused.body))
        none = {"review_number": None, "state": None}
        return {"id": decision.id, "status": refused.status_code, "problem": problem, **none}
    state_now = review_state(entry)
    return {
        "id": entry.id,
        "status": 200,
        "review_number": entry.review_number,
        "state": state_now,
        "problem": None,
    }


def _shown(entry: Entry) -> Response:
    return Response(in_full(entry), media_type="application/json", headers={"ETag": etag(entry.review_number)})
