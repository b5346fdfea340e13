"""The routes of the API: each reads the request, lets one rule decide, and answers."""

from collections.abc import Callable
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.ingest.answers import answer_of, encoded, problems
from services.ingest.api import reading
from services.ingest.api.shapes import (
    ACTS,
    CHANGES,
    CURRENT,
    MADE,
    PUTS,
    SENDS,
    TAKES_EVENT,
    SubmissionAnswer,
    SubmissionList,
    Valid,
)
from services.ingest.documents import order
from services.ingest.domain.submission import Submission, Written, cancel, edit, withdraw
from services.ingest.state import Service, State
from services.ingest.store import ExternalIdTaken
from services.ingest.writing import RACES, Answer, Rule, send_new, write
from shared.web.access import ApiEditor
from shared.web.accounts import Account
from shared.web.etag import etag, expected_number, if_match
from shared.web.problems import NotFound, Stale, Unavailable, answers

PREFIX = "/ingest/api/v1/submissions"
ROUTE_OF_NEW = f"POST {PREFIX}"
"""By which, with the organisation, an idempotency key is told from the same key elsewhere."""

router = APIRouter(prefix=PREFIX, tags=["submissions"])


@router.post(
    "",
    status_code=201,
    response_class=Response,
    responses={201: {"model": SubmissionAnswer, "headers": MADE}, **answers(409, 415, 422)},
    openapi_extra=SENDS,
)
async def send(request: Request, account: ApiEditor, state: Service) -> Response:
    """Send in a new event; it waits for a curator's decision."""
    with problems():
        event = await reading.event_in(request, state, account)
        repeat = await reading.repeat_of(request, account, ROUTE_OF_NEW)
        return _answered(await send_new(state, account, event, repeat))


@router.get("", response_class=Response, responses={200: {"model": SubmissionList}, **answers(400)})
async def list_own(  # noqa: PLR0917 - FastAPI names them all
    account: ApiEditor,
    state: Service,
    wanted: Annotated[str | None, Query(alias="state", json_schema_extra={"enum": list(reading.STATES)})] = None,
    year: Annotated[str | None, Query(pattern=None, description="takes place in it, in part at least")] = None,
    cursor: Annotated[str | None, Query(description="`next` of the page before")] = None,
    limit: Annotated[str | None, Query(description="1 to 200, otherwise 50")] = None,
) -> Response:
    """List your organisation's submissions, ordered by start, end and Polish title."""
    asked = reading.asked(state=wanted, year=year, cursor=cursor, limit=limit)
    found = await state.submissions.in_order(
        account.organisation, state=asked.state, year=asked.year, after=asked.after, limit=asked.limit + 1
    )
    shown = found[: asked.limit]
    more = reading.cursor(order(shown[-1])) if len(found) > len(shown) else None
    return _json({"items": [answer_of(each) for each in shown], "next": more})


@router.post(
    "/validate",
    response_class=Response,
    responses={200: {"model": Valid}, **answers(415, 422)},
    openapi_extra=TAKES_EVENT,
)
async def validate(request: Request, account: ApiEditor, state: Service) -> Response:
    """Say whether an event would be taken, and how it would be kept, without sending it."""
    with problems():
        return _json({"valid": True, "event": await reading.event_in(request, state, account)})


@router.get(
    "/by-reference/{external_id}",
    response_class=Response,
    responses={200: {"model": SubmissionAnswer, "headers": CURRENT}, **answers(404)},
)
async def read_by_reference(external_id: str, account: ApiEditor, state: Service) -> Response:
    """Read a submission by your own name for it."""
    found = await state.submissions.by_reference(external_id, account.organisation)
    if found is None:
        raise NotFound
    return _shown(found.submission)


@router.put(
    "/by-reference/{external_id}",
    response_class=Response,
    responses={
        200: {"model": SubmissionAnswer, "headers": CURRENT},
        201: {"model": SubmissionAnswer, "headers": MADE},
        **answers(412, 415, 422),
    },
    openapi_extra=PUTS,
)
async def put_by_reference(request: Request, external_id: str, account: ApiEditor, state: Service) -> Response:
    """Send in an event under your own name for it, new or not; content equal to the last changes nothing."""
    with problems():
        event = await reading.event_in(request, state, account, external_id=external_id)
        repeat = await reading.repeat_of(request, account, f"PUT {PREFIX}/by-reference/{external_id}")
        find = partial(state.submissions.by_reference, external_id, account.organisation)
        rule: Rule = lambda submission, at: edit(submission, event, at=at)  # noqa: E731 - names what it fills
        for _ in range(RACES):
            if await find():
                check = partial(if_match, request, required=False)
                return _answered(await write(state, account, find, rule, check=check, request=repeat))
            if request.headers.get("if-match"):
                raise Stale
            try:
                return _answered(await send_new(state, account, event, repeat))
            except ExternalIdTaken:
                continue  # somebody sent it in at the same moment
    raise Unavailable


@router.get(
    "/{submission_id}",
    response_class=Response,
    responses={200: {"model": SubmissionAnswer, "headers": CURRENT}, **answers(404)},
)
async def read(submission_id: str, account: ApiEditor, state: Service) -> Response:
    """Read a submission of your organisation, with what became of it."""
    found = await state.submissions.find(submission_id, account.organisation)
    if found is None:
        raise NotFound
    return _shown(found.submission)


@router.put(
    "/{submission_id}",
    response_class=Response,
    responses={200: {"model": SubmissionAnswer, "headers": CURRENT}, **answers(404, 409, 412, 415, 422, 428)},
    openapi_extra=CHANGES,
)
async def put(request: Request, submission_id: str, account: ApiEditor, state: Service) -> Response:
    """Send another version; it waits for a decision while what is public stays."""
    with problems():
        await _expected(request, account, state, submission_id)
        event = await reading.event_in(request, state, account)
        rule: Rule = lambda submission, at: edit(submission, event, at=at)  # noqa: E731 - names what it fills
        return await _act(request, account, state, submission_id, "PUT", rule)


@router.post(
    "/{submission_id}/withdraw",
    response_class=Response,
    responses={200: {"model": SubmissionAnswer, "headers": CURRENT}, **answers(404, 409, 412, 428)},
    openapi_extra=ACTS,
)
async def withdraw_submission(request: Request, submission_id: str, account: ApiEditor, state: Service) -> Response:
    """Take a submission back; what is public of it disappears at once. Sending it again reopens it."""
    with problems():
        return await _act(request, account, state, submission_id, "withdraw", _at(withdraw))


@router.post(
    "/{submission_id}/cancel",
    response_class=Response,
    responses={200: {"model": SubmissionAnswer, "headers": CURRENT}, **answers(404, 409, 412, 428)},
    openapi_extra=ACTS,
)
async def cancel_submission(request: Request, submission_id: str, account: ApiEditor, state: Service) -> Response:
    """Call a public event off; it stays visible as cancelled, and no curator is asked."""
    with problems():
        return await _act(request, account, state, submission_id, "cancel", _at(cancel))


async def _expected(request: Request, account: Account, state: State, submission_id: str) -> None:
    """Refuse what needs no look at the body: a submission that is not there, and a missing ``If-Match``."""
    if await state.submissions.find(submission_id, account.organisation) is None:
        raise NotFound
    expected_number(request)


async def _act(  # noqa: PLR0917 - one sentence
    request: Request, account: Account, state: State, submission_id: str, act: str, rule: Rule
) -> Response:
    """Do something to a submission that ``If-Match`` names a version of."""
    repeat = await reading.repeat_of(request, account, f"{act} {PREFIX}/{submission_id}")
    find = partial(state.submissions.find, submission_id, account.organisation)
    check = partial(if_match, request)
    return _answered(await write(state, account, find, rule, check=check, request=repeat))


def _at(act: Callable[..., Written]) -> Rule:
    return lambda submission, at: act(submission, at=at)


def _answered(answer: Answer) -> Response:
    headers = {"ETag": etag(answer.version)}
    if answer.status == 201:  # noqa: PLR2004 - Created
        headers["Location"] = f"{PREFIX}/{answer.submission_id}"
    return Response(answer.body, answer.status, headers, media_type="application/json")


def _shown(submission: Submission) -> Response:
    headers = {"ETag": etag(submission.version)}
    return Response(encoded(answer_of(submission)), headers=headers, media_type="application/json")


def _json(body: dict[str, object]) -> Response:
    return Response(encoded(body), media_type="application/json")
