"""Response schemas of an event's readiness and completeness."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from shared.event.readiness import HintCode


class HintAnswer(BaseModel):
    """A rule of POT's editors that an event does not meet; it holds nothing up."""

    field: Annotated[str, Field(description="path of the field, such as `summary.pl`")]
    code: HintCode
    message: Annotated[str, Field(description="what to do, in the reader's language")]
    words: Annotated[str | None, Field(description="the words that it is about, if any")]


class ReadinessCount(BaseModel):
    """How ready an event is for readers elsewhere: `met` of `total` rules."""

    met: int
    total: int


class ReadinessAnswer(ReadinessCount):
    """How ready an event is for readers elsewhere: `met` of `total` rules."""

    hints: list[HintAnswer]


class CompletenessAnswer(BaseModel):
    """How many of an event's texts a language has: title, summary, description, price, arrival, pictures' words."""

    filled: int
    total: int


class Counted(BaseModel):
    """How ready an event is, in numbers."""

    readiness: ReadinessCount
    completeness: Annotated[dict[str, CompletenessAnswer], Field(description="by language of the region")]
