"""What calendar's routes work with: opened once by the app, handed on by one name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Request

from services.calendar.store import Entries
from shared.region import Region
from shared.web.pages import Pages


def utc_now() -> str:
    """Give the present instant as messages write it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """The store, the region, and what draws pages; ``now`` gives the present instant, RFC 3339 in UTC."""

    entries: Entries
    region: Region
    pages: Pages
    now: Callable[[], str] = utc_now


def state_of(request: Request) -> State:
    """Give what the app's lifespan opened."""
    found: State = request.app.state.service
    return found


Service = Annotated[State, Depends(state_of)]
