"""Response schemas that the APIs share."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, Field

EventShape = Annotated[dict[str, Any], Field(description="The event's content, as the organisation sent it.")]


class OrganiserAnswer(BaseModel):
    """Who sent it in."""

    slug: str
    name: str
