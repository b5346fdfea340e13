"""Response schemas of the programme API."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from services.calendar.entry.schemas import EventShape, OrganiserAnswer
from shared.event.facts_at_once import Fact
from shared.web.assessment import CompletenessAnswer


class ProgrammeEventAnswer(BaseModel):
    """An event of the programme."""

    id: str
    revision: int
    status: Literal["confirmed", "cancelled"]
    postponed: Annotated[bool, Field(description="It does not take place on its date, and the new one is not known.")]
    organisation: OrganiserAnswer
    external_id: str | None
    published_at: str
    changed_at: str
    version: Annotated[int, Field(description="The submission's version that is public.")]
    reported: Annotated[list[Fact], Field(description="Facts of it that no curator has looked at yet.")]
    event: EventShape
    completeness: Annotated[dict[str, CompletenessAnswer], Field(description="By language of the region.")]


class ProgrammeAnswer(BaseModel):
    """A year's programme, ordered by start, end, Polish title, organisation and external id."""

    year: int
    items: list[ProgrammeEventAnswer]
    next: str | None
