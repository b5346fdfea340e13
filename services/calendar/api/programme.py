"""The route on a year's programme."""

# No postponed annotations: FastAPI reads those of a route in this module's names.

from typing import Annotated

import msgspec
from fastapi import APIRouter, Path, Query, Response

from services.calendar.api import reading, shapes
from services.calendar.api.answers import in_programme
from services.calendar.documents import order
from services.calendar.domain.entry import Entry
from services.calendar.filters import selection
from services.calendar.state import Service
from shared.web.access import ApiCurator
from shared.web.problems import answers

router = APIRouter(prefix="/calendar/api/v1/programme", tags=["programme"])


@router.get("/{year}", responses={200: {"model": shapes.ProgrammeAnswer}, **answers(400, 404)}, response_class=Response)
async def read_programme(  # noqa: PLR0917 - FastAPI names them all
    year: Annotated[int, Path(ge=1900, le=2999)],
    account: ApiCurator,  # noqa: ARG001 - says who may
    state: Service,
    county: reading.Counties = [],  # noqa: B006 - FastAPI copies it
    category: reading.Categories = [],  # noqa: B006
    organisation: reading.Organisations = [],  # noqa: B006
    cursor: reading.Cursor = None,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 1_000,
) -> Response:
    """Read a year's programme: everything public that takes place in it, cancelled events too."""
    asked = selection(state.region, county=county, category=category, organisation=organisation, year=year)
    found = await state.entries.programme(asked, after=reading.text_in(cursor) or "", limit=limit + 1)
    shown = found[:limit]
    more = reading.text_cursor(_place(shown[-1])) if len(found) > limit else None
    body = {"year": year, "items": [in_programme(each) for each in shown], "next": more}
    return Response(msgspec.json.encode(body), media_type="application/json")


def _place(entry: Entry) -> str:
    return order(entry, entry.event if entry.live is None else entry.live.event)
