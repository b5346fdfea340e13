"""Route of the programme API."""

# No postponed annotations: FastAPI reads those of a route in this module's names.

from functools import partial
from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Path, Query, Response

from services.calendar.entry import parameters
from services.calendar.entry.documents import make_order_key
from services.calendar.entry.filters import read_selection
from services.calendar.entry.model import Entry, get_public_content
from services.calendar.programme import schemas
from services.calendar.programme.serializers import serialize_event
from services.calendar.state import Service
from shared.web.auth.roles import require_api_account
from shared.web.http.cursors import decode_text_cursor, encode_text_cursor
from shared.web.http.numbers import WHOLE_NUMBER
from shared.web.paging import PageBuilder
from shared.web.problems import problem_responses

router = APIRouter(
    prefix="/calendar/api/v1/programme", tags=["programme"], dependencies=[Depends(require_api_account("curator"))]
)


@router.get(
    "/{year}",
    responses={200: {"model": schemas.ProgrammeAnswer}, **problem_responses(400, 404)},
    response_class=Response,
)
async def read_programme(  # noqa: PLR0917 - FastAPI names them all
    year: Annotated[int, Path(ge=1900, le=2999), WHOLE_NUMBER],
    state: Service,
    county: parameters.CountyParameters = [],  # noqa: B006 - FastAPI copies it
    category: parameters.CategoryParameters = [],  # noqa: B006
    organisation: parameters.OrganisationParameters = [],  # noqa: B006
    cursor: parameters.CursorParameter = None,
    limit: Annotated[int, Query(ge=1, le=1_000), WHOLE_NUMBER] = 1_000,
) -> Response:
    """Read a year's programme: everything public that takes place in it, cancelled events too."""
    wanted = read_selection(state.region, county=county, category=category, organisation=organisation, year=year)
    after = decode_text_cursor(cursor) if cursor is not None else ""
    serialize = partial(serialize_event, languages=state.region.languages.texts)
    page = PageBuilder(limit, serialize, lambda last: encode_text_cursor(_get_order_key(last)))
    await page.fill(state.entries.iterate_programme(wanted, after=after, limit=limit + 1))
    body = {"year": year, "items": page.items, "next": page.next}
    return Response(msgspec.json.encode(body), media_type="application/json")


def _get_order_key(entry: Entry) -> str:
    public = get_public_content(entry)
    return make_order_key(entry, public.event if public else entry.event)
