"""Routes of the submission API."""

from functools import partial
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response

from services.ingest.state import Service, State
from services.ingest.submission import commands
from services.ingest.submission.api import requests
from services.ingest.submission.commands import Describe, SubmissionCommand, WriteResult, describe_nothing, send_new
from services.ingest.submission.content import read_external_id, set_external_id
from services.ingest.submission.documents import make_order_key
from services.ingest.submission.field_errors import ValidationFailed
from services.ingest.submission.model import (
    OwnRemark,
    Submission,
    SubmissionChange,
    cancel,
    edit,
    postpone,
    reinstate,
    state_availability,
    withdraw,
    write_remark,
)
from services.ingest.submission.owner import OWNED
from services.ingest.submission.picture_checks import check_pictures
from services.ingest.submission.schemas import (
    ACTS,
    CHANGES,
    CURRENT,
    MADE,
    PUTS,
    REMARKS,
    SENDS,
    TAKES_EVENT,
    AvailabilitySent,
    RemarkSent,
    SubmissionAnswer,
    SubmissionList,
    SubmissionListed,
    SubmissionSent,
    Valid,
)
from services.ingest.submission.serializers import encode, serialize_listed
from shared.accounts.accounts import Account
from shared.remarks import make_remark_id, read_remark
from shared.web.auth.roles import ApiEditor
from shared.web.etag import check_if_match, format_etag, read_if_match
from shared.web.http.cursors import encode_text_cursor
from shared.web.paging import PageBuilder
from shared.web.problems import NotFound, Stale, problem_responses

PREFIX = "/ingest/api/v1/submissions"
CREATE_ROUTE = f"POST {PREFIX}"
"""Part of an idempotency key's scope."""

router = APIRouter(prefix=PREFIX, tags=["submissions"])


@router.post(
    "",
    status_code=201,
    response_class=Response,
    responses={201: {"model": SubmissionSent, "headers": MADE}, **problem_responses(409, 415, 422)},
    openapi_extra=SENDS,
)
async def send(
    request: Request,
    account: ApiEditor,
    state: Service,
    again: Annotated[
        Literal["true", "false"], Query(description="whether the same may be sent twice in a day")
    ] = "false",
) -> Response:
    """Send in a new event; it waits for a curator's decision. `warnings` name what is likely a slip in it.

    The same content of one organisation within a day, but for its contact, is refused (409, `already_sent`), with a
    `Link` to what was sent then; `again=true` says that it is meant. An event with an `external_id` is known by that.

    Where the call for the year in which the event starts is not open, the event is refused (409, `call_not_open` or
    `call_closed`); after the deadline a late code in the header `Late-Code` lets it pass.
    """
    event = await requests.read_request_event(request, state, account)
    key = await requests.read_key(request, account, CREATE_ROUTE)
    describe = partial(requests.describe_warnings, request, state)
    late_code = requests.read_late_code(request)
    return _respond(
        await send_new(state, account, event, key, again=again == "true", describe=describe, late_code=late_code)
    )


@router.get("", response_class=Response, responses={200: {"model": SubmissionList}, **problem_responses(400)})
async def list_own(  # noqa: PLR0917 - FastAPI names them all
    account: ApiEditor,
    state: Service,
    wanted: Annotated[str | None, Query(alias="state", json_schema_extra={"enum": list(requests.STATES)})] = None,
    year: Annotated[str | None, Query(pattern=None, description="takes place in it, in part at least")] = None,
    cursor: Annotated[str | None, Query(description="`next` of the page before")] = None,
    limit: Annotated[str | None, Query(description="1 to 200, otherwise 50")] = None,
) -> Response:
    """List your organisation's submissions, ordered by start, end and Polish title."""
    query = requests.read_query(state=wanted, year=year, cursor=cursor, limit=limit)
    serialize = partial(serialize_listed, languages=state.region.languages.texts)
    page = PageBuilder(query.limit, serialize, lambda last: encode_text_cursor(make_order_key(last)))
    await page.fill(
        state.submissions.iterate_submissions(
            account.organisation, state=query.state, year=query.year, after=query.after, limit=query.limit + 1
        )
    )
    return _respond_json({"items": page.items, "next": page.next})


@router.post(
    "/validate",
    response_class=Response,
    responses={200: {"model": Valid}, **problem_responses(415, 422)},
    openapi_extra=TAKES_EVENT,
)
async def validate(request: Request, account: ApiEditor, state: Service) -> Response:
    """Say whether an event would be taken, and how it would be kept, without sending it; and what should be checked.

    A warning also says where the call for its year takes no new event now.
    """
    event = await requests.read_request_event(request, state, account)
    await check_pictures(state.media.pictures, account.organisation, event, today=state.get_today())
    if event.part_of is not None:
        await state.umbrellas.check(event.part_of, account.organisation)
    warnings = requests.list_warnings(event, request, state)["warnings"] + requests.warn_of_call(event, request, state)
    readiness = requests.assess_readiness(event, request, state)
    return _respond_json({"valid": True, "event": event, "warnings": warnings, **readiness})


@router.get(
    "/by-reference/{external_id}",
    response_class=Response,
    responses={200: {"model": SubmissionListed, "headers": CURRENT}, **problem_responses(404)},
)
async def read_by_reference(external_id: str, account: ApiEditor, state: Service) -> Response:
    """Read a submission by your own name for it."""
    try:
        name = read_external_id(external_id)
    except ValidationFailed:
        raise NotFound from None  # no event can be called so
    found = await state.submissions.find_by_reference(name, account.organisation)
    if found is None:
        raise NotFound
    return _respond_submission(state, found.submission)


@router.put(
    "/by-reference/{external_id}",
    response_class=Response,
    responses={
        200: {"model": SubmissionSent, "headers": CURRENT},
        201: {"model": SubmissionSent, "headers": MADE},
        **problem_responses(404, 409, 412, 415, 422),
    },
    openapi_extra=PUTS,
)
async def put_by_reference(request: Request, external_id: str, account: ApiEditor, state: Service) -> Response:
    """Send in an event under your own name for it, new or not.

    Content equal to the last changes nothing while that waits or is public. After it was refused, cancelled or
    withdrawn, by anybody, sending it again reopens it; `warnings` say so of a cancelled event. A program that repeats
    its whole list reads `state` and `live_status` first.
    """
    read_if_match(request, required=False)
    event = await requests.read_request_event(request, state, account)
    name = read_external_id(external_id)
    event = set_external_id(event, name)
    key = await requests.read_key(request, account, f"PUT {PREFIX}/by-reference/{name}")
    find = partial(state.submissions.find_by_reference, name, account.organisation)
    describe = partial(requests.describe_warnings, request, state)
    check = partial(_check_put, request)
    late_code = requests.read_late_code(request)
    return _respond(
        await commands.put(state, account, find, event, check=check, key=key, describe=describe, late_code=late_code)
    )


@router.get(
    "/{submission_id}",
    dependencies=OWNED,
    response_class=Response,
    responses={200: {"model": SubmissionListed, "headers": CURRENT}, **problem_responses(404)},
)
async def read(submission_id: str, account: ApiEditor, state: Service) -> Response:
    """Read a submission of your organisation, with what became of it."""
    found = await state.submissions.find(submission_id, account.organisation)
    if found is None:
        raise NotFound
    return _respond_submission(state, found.submission)


@router.put(
    "/{submission_id}",
    dependencies=OWNED,
    response_class=Response,
    responses={200: {"model": SubmissionSent, "headers": CURRENT}, **problem_responses(404, 409, 412, 415, 422, 428)},
    openapi_extra=CHANGES,
)
async def put(request: Request, submission_id: str, account: ApiEditor, state: Service) -> Response:
    """Send another version; it waits for a decision while what is public stays.

    After the deadline of the year's call it is marked as late, and a change of a locked field is refused (409,
    `field_locked`) without a late code.

    Content equal to the last changes nothing while that waits or is public. After it was refused, cancelled or
    withdrawn, by anybody, sending it again reopens it.
    """
    await _check_request(request, account, state, submission_id)
    event = await requests.read_request_event(request, state, account)
    describe = partial(requests.describe_warnings, request, state)
    return await _change(request, account, state, submission_id, "PUT", partial(edit, event=event), describe=describe)


@router.post(
    "/{submission_id}/withdraw",
    dependencies=OWNED,
    response_class=Response,
    responses={200: {"model": SubmissionAnswer, "headers": CURRENT}, **problem_responses(404, 409, 412, 428)},
    openapi_extra=ACTS,
)
async def withdraw_submission(request: Request, submission_id: str, account: ApiEditor, state: Service) -> Response:
    """Take a submission back; what is public of it disappears at once. Sending it again reopens it."""
    return await _change(request, account, state, submission_id, "withdraw", withdraw)


@router.post(
    "/{submission_id}/cancel",
    dependencies=OWNED,
    response_class=Response,
    responses={200: {"model": SubmissionAnswer, "headers": CURRENT}, **problem_responses(404, 409, 412, 428)},
    openapi_extra=ACTS,
)
async def cancel_submission(request: Request, submission_id: str, account: ApiEditor, state: Service) -> Response:
    """Call a public event off; it stays visible as cancelled, and no curator is asked."""
    return await _change(request, account, state, submission_id, "cancel", cancel)


@router.post(
    "/{submission_id}/postpone",
    dependencies=OWNED,
    response_class=Response,
    responses={200: {"model": SubmissionAnswer, "headers": CURRENT}, **problem_responses(404, 409, 412, 428)},
    openapi_extra=ACTS,
)
async def postpone_submission(request: Request, submission_id: str, account: ApiEditor, state: Service) -> Response:
    """Say that a public event does not take place on its date and the new one is not known; no curator is asked.

    It ends once a version with other dates is accepted.
    """
    return await _change(request, account, state, submission_id, "postpone", postpone)


@router.post(
    "/{submission_id}/reinstate",
    dependencies=OWNED,
    response_class=Response,
    responses={200: {"model": SubmissionAnswer, "headers": CURRENT}, **problem_responses(404, 409, 412, 428)},
    openapi_extra=ACTS,
)
async def reinstate_submission(request: Request, submission_id: str, account: ApiEditor, state: Service) -> Response:
    """Say that an event that you postponed takes place on its date after all; no curator is asked."""
    return await _change(request, account, state, submission_id, "reinstate", reinstate)


@router.put(
    "/{submission_id}/availability",
    dependencies=OWNED,
    response_class=Response,
    responses={200: {"model": SubmissionAnswer, "headers": CURRENT}, **problem_responses(404, 409, 412, 422, 428)},
    openapi_extra=ACTS,
)
async def put_availability(
    request: Request, submission_id: str, account: ApiEditor, state: Service, body: AvailabilitySent
) -> Response:
    """Say whether a public event still has tickets; everybody sees it at once, and no curator is asked.

    What waits for a decision stays as it is. The statement holds until a later version that states another
    availability is accepted.
    """
    command = partial(state_availability, availability=body.availability)
    return await _change(request, account, state, submission_id, "availability", command)


@router.post(
    "/{submission_id}/remarks",
    response_class=Response,
    responses={200: {"model": SubmissionAnswer, "headers": CURRENT}, **problem_responses(404, 409, 422)},
    openapi_extra=REMARKS,
    dependencies=OWNED,
)
async def add_remark(
    request: Request, submission_id: str, account: ApiEditor, state: Service, body: RemarkSent
) -> Response:
    """Write a remark to the curators; it changes neither the content nor a decision, but the version rises."""
    remark = OwnRemark(make_remark_id(), "", read_remark(body.text), account.name)
    key = await requests.read_key(request, account, f"remarks {PREFIX}/{submission_id}")
    find = partial(state.submissions.find, submission_id, account.organisation)
    command = partial(_write_remark, remark)
    return _respond(await commands.change(state, account, find, command, check=lambda _version: None, key=key))


def _write_remark(remark: OwnRemark, submission: Submission, /, *, at: str) -> SubmissionChange:
    return write_remark(submission, remark, at=at)


async def _check_request(request: Request, account: Account, state: State, submission_id: str) -> None:
    """Refuse before the body is read: no such submission, or no ``If-Match``."""
    if await state.submissions.find(submission_id, account.organisation) is None:
        raise NotFound
    read_if_match(request)


def _check_put(request: Request, version: int | None) -> None:
    if version is not None:
        check_if_match(request, version, required=False)
    elif "if-match" in request.headers:
        raise Stale


async def _change(  # noqa: PLR0917 - one sentence
    request: Request,
    account: Account,
    state: State,
    submission_id: str,
    action: str,
    command: SubmissionCommand,
    *,
    describe: Describe = describe_nothing,
) -> Response:
    key = await requests.read_key(request, account, f"{action} {PREFIX}/{submission_id}")
    find = partial(state.submissions.find, submission_id, account.organisation)
    check = partial(check_if_match, request)
    late_code = requests.read_late_code(request)
    return _respond(
        await commands.change(
            state, account, find, command, check=check, key=key, describe=describe, late_code=late_code
        )
    )


def _respond(answer: WriteResult) -> Response:
    headers = {"ETag": format_etag(answer.version)}
    if answer.status == 201:  # noqa: PLR2004 - Created
        headers["Location"] = f"{PREFIX}/{answer.submission_id}"
    return Response(answer.body, answer.status, headers, media_type="application/json")


def _respond_submission(state: State, submission: Submission) -> Response:
    headers = {"ETag": format_etag(submission.version)}
    body = serialize_listed(submission, state.region.languages.texts)
    return Response(encode(body), headers=headers, media_type="application/json")


def _respond_json(body: dict[str, object]) -> Response:
    return Response(encode(body), media_type="application/json")
