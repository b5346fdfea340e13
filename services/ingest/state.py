"""What ingest's routes work with: opened once by the app, handed on by one name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Request

from services.ingest.domain.event import Known
from services.ingest.store import Submissions
from shared.messages import Organiser
from shared.region import Region
from shared.web.accounts import Account
from shared.web.pages import Pages


def utc_now() -> str:
    """Give the present instant as messages write it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """The store, the region, and what draws pages; ``now`` gives the present instant, RFC 3339 in UTC."""

    submissions: Submissions
    region: Region
    known: Known
    pages: Pages
    now: Callable[[], str] = utc_now

    def county_of(self, organisation: str) -> str | None:
        """Give the county in which an organisation has its seat, if the region pack knows."""
        found = self.region.organisations.get(organisation)
        return found.county if found else None


def codes_of(region: Region) -> Known:
    """Give the codes that an event may name in this region."""
    return Known(categories=frozenset(region.categories), counties=frozenset(region.counties), zone=region.time_zone)


def organiser(account: Account) -> Organiser:
    """Give the organisation that somebody writes for."""
    return Organiser(account.organisation, account.organisation_name)


async def state_of(request: Request) -> State:
    """Give what the app's lifespan opened; a coroutine, because FastAPI sends anything else to a thread."""
    found: State = request.app.state.service
    return found


Service = Annotated[State, Depends(state_of)]
