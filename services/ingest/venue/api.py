"""Routes of the register of venues."""

from dataclasses import replace
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from services.ingest.state import Service
from services.ingest.submission.field_errors import ValidationFailed
from services.ingest.venue.commands import VenueUnknown, add_venue, report_outage
from services.ingest.venue.model import RegisteredVenue
from services.ingest.venue.place_words import read_words
from services.ingest.venue.venue_index import MAX_QUERY, MOST
from shared.web.auth.roles import ApiEditor
from shared.web.problems import problem_responses

PREFIX: Final = "/ingest/api/v1/venues"

router = APIRouter(prefix=PREFIX, tags=["venues"])


class VenueAnswer(BaseModel):
    """A place of the register."""

    id: str = Field(description="what an event names as `venue.id`")
    name: str
    street: str | None
    postcode: str | None
    town: str
    county: str = Field(description="4-digit TERYT code")
    municipality: str | None = Field(description="7-digit TERYT code of the commune, if it is known")
    lat: float
    lon: float


class PlaceSent(BaseModel):
    """A place to be added; the position is WGS 84 degrees."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: str
    street: str | None = None
    postcode: str | None = None
    town: str
    county: str = Field(description="4-digit TERYT code")
    lat: float
    lon: float


class VenueList(BaseModel):
    """The places that fit best, the best first."""

    items: list[VenueAnswer]


@router.get("", responses=problem_responses(400))
async def suggest(
    account: ApiEditor,  # noqa: ARG001 - the role that is checked
    state: Service,
    q: Annotated[
        str, Query(description=f"words of the name, street or town; {MAX_QUERY} characters count", max_length=300)
    ] = "",
) -> VenueList:
    """Find places of the register: the ten that fit best. Diacritics may be left out, and small slips are forgiven."""
    return VenueList(items=[_answer(each) for each in state.venues.index.suggest(q, MOST)])


@router.post("", status_code=201, responses=problem_responses(409, 422))
async def add(
    account: ApiEditor,
    state: Service,
    body: PlaceSent,
    again: Annotated[
        Literal["true", "false"], Query(description="whether it is added next to one that may be the same")
    ] = "false",
) -> VenueAnswer:
    """Add a place. One that is there word by word is returned; one that may be the same is asked about (409).

    A place may be the same if it has a similar name in the same town, or is within a hundred metres. The answer names
    such places; `again=true` says that yours is another one.
    """
    sent = {name: value for name, value in body.model_dump().items() if value is not None}
    try:
        words = read_words(sent, state.vocabulary)
    except ValidationFailed as refused:
        raise ValidationFailed(
            [replace(each, field=each.field.removeprefix("venue.")) for each in refused.errors]
        ) from None
    return _answer(await add_venue(state, account, words, again=again == "true"))


@router.get("/{venue_id}", responses=problem_responses(404))
async def read(account: ApiEditor, state: Service, venue_id: str) -> VenueAnswer:  # noqa: ARG001 - the role that is checked
    """Read a place. One that was merged answers as the place that stays, with that one's `id`."""
    with report_outage():
        found = await state.venues.find_staying(venue_id)
    if found is None:
        raise VenueUnknown
    return _answer(found)


def _answer(venue: RegisteredVenue) -> VenueAnswer:
    return VenueAnswer(**{name: getattr(venue, name) for name in VenueAnswer.model_fields})
