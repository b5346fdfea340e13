"""Query parameters of lists."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from services.calendar.entry.filters import STATES
from shared.web.http.numbers import WHOLE_NUMBER

CountyParameters = Annotated[list[str], Query(description="4-digit TERYT code; may repeat (or)")]
CategoryParameters = Annotated[list[str], Query(description="slug of a category; may repeat (or)")]
OrganisationParameters = Annotated[list[str], Query(description="slug of an organisation; may repeat (or)")]
StateParameters = Annotated[list[str], Query(description=f"one of {', '.join(STATES)}; may repeat (or)")]
YearParameter = Annotated[
    int | None, Query(ge=1900, le=2999, description="takes place in it, in part at least"), WHOLE_NUMBER
]
CursorParameter = Annotated[str | None, Query(description="`next` of the page before")]
