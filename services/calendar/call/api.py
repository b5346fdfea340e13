"""Routes of the API of calls: list, read, announce, change."""

# No postponed annotations: FastAPI reads those of a route in this module's names.

from datetime import datetime
from typing import Annotated

import msgspec
from fastapi import APIRouter, Path, Request, Response

from services.calendar.call import schemas
from services.calendar.call.commands import CallOutdated, announce_call, change_call, get_call
from services.calendar.call.model import YearCall
from services.calendar.call.serializers import serialize_call
from services.calendar.state import Service, State
from shared.web.auth.roles import ApiChief, ApiCurator
from shared.web.etag import format_etag, read_if_match
from shared.web.http.numbers import WHOLE_NUMBER
from shared.web.problems import Stale, problem_responses

PREFIX = "/calendar/api/v1/calls"
Year = Annotated[int, Path(ge=1900, le=2999), WHOLE_NUMBER]

router = APIRouter(prefix=PREFIX, tags=["calls"])


@router.get("", responses={200: {"model": schemas.CallList}}, response_class=Response)
async def list_calls(_account: ApiCurator, state: Service) -> Response:
    """List the calls of all years."""
    now = _get_now(state)
    items = [serialize_call(each, now=now) for each in await state.calls.list_calls()]
    return Response(msgspec.json.encode({"items": items}), media_type="application/json")


@router.get(
    "/{year}",
    responses={200: {"model": schemas.CallAnswer, "headers": schemas.CALL_CURRENT}, **problem_responses(404)},
    response_class=Response,
)
async def read_call(year: Year, _account: ApiCurator, state: Service) -> Response:
    """Read the call of a year."""
    return _respond(state, await get_call(state, year))


@router.put(
    "/{year}",
    responses={
        200: {"model": schemas.CallAnswer, "headers": schemas.CALL_CURRENT},
        201: {"model": schemas.CallAnswer, "headers": schemas.CALL_CURRENT},
        **problem_responses(404, 409, 412, 422, 428),
    },
    openapi_extra=schemas.PUTS_CALL,
    response_class=Response,
)
async def put_call(
    request: Request, year: Year, _account: ApiChief, state: Service, body: schemas.CallBody
) -> Response:
    """Announce the call of a year, or change its terms; organisations see it within a moment.

    Days are local. A day that changes may not be over; the deadline is not before the opening, the programme does not
    close before the deadline.
    """
    known = await state.calls.find(year)
    if known is None:
        if "if-match" in request.headers:
            raise Stale
        return _respond(state, await announce_call(state, year, body.to_terms()), status=201)
    if request.headers.get("if-none-match", "").strip() == "*":
        raise CallOutdated(known.number)
    seen = read_if_match(request)
    return _respond(state, await change_call(state, year, body.to_terms(), seen=seen))


def _get_now(state: State) -> datetime:
    return datetime.fromisoformat(state.now())


def _respond(state: State, call: YearCall, *, status: int = 200) -> Response:
    body = msgspec.json.encode(serialize_call(call, now=_get_now(state)))
    return Response(body, status, {"ETag": format_etag(call.number)}, media_type="application/json")
