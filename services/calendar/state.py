"""Application state of calendar, opened by ``app.py`` and passed to routes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import Depends, Request

from services.calendar.entry.repository import Entries
from shared.event.days import get_local_day
from shared.jobs.repository import Jobs
from shared.region import Region
from shared.web.pages.renderer import Pages


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """``now`` returns the present instant, RFC 3339 in UTC."""

    entries: Entries
    jobs: Jobs
    region: Region
    pages: Pages
    now: Callable[[], str]

    def get_today(self) -> date:
        """Return today's date in the region."""
        return get_local_day(self.now(), self.region.time_zone)


async def get_state(request: Request) -> State:
    """Async, because FastAPI runs anything else in a thread."""
    found: State = request.app.state.service
    return found


Service = Annotated[State, Depends(get_state)]
