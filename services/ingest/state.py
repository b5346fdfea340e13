"""Application state of ingest, opened by ``app.py`` and passed to routes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import Depends, Request

from services.ingest.call.guesses import LateCodeGuesses
from services.ingest.call.repository import KnownCalls
from services.ingest.draft.repository import Drafts
from services.ingest.notification.commands import Notifier
from services.ingest.request.repository import KnownRequests
from services.ingest.rollover.repository import Declines
from services.ingest.submission.content import Vocabulary
from services.ingest.submission.repository import Submissions
from services.ingest.submission.umbrella import Umbrellas
from services.ingest.venue.repository import Venues
from shared.accounts.accounts import Account, Accounts
from shared.accounts.organisations import Organisations
from shared.event.days import get_local_day
from shared.jobs.repository import Jobs
from shared.mail.outbox import MailOutbox
from shared.media.commands import MediaLibrary
from shared.media.uploads import UploadSlots
from shared.messages import Organiser
from shared.region import Region
from shared.web.pages.renderer import Pages


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """``now`` returns the present instant, RFC 3339 in UTC."""

    submissions: Submissions
    umbrellas: Umbrellas
    drafts: Drafts
    calls: KnownCalls
    guesses: LateCodeGuesses
    declines: Declines
    requests: KnownRequests
    jobs: Jobs
    notifier: Notifier
    mail: MailOutbox
    region: Region
    vocabulary: Vocabulary
    pages: Pages
    now: Callable[[], str]
    organisations: Organisations
    accounts: Accounts
    media: MediaLibrary
    uploads: UploadSlots
    venues: Venues

    def get_today(self) -> date:
        """Return today's date in the region."""
        return get_local_day(self.now(), self.region.time_zone)

    def find_county(self, organisation: str) -> str | None:
        """Return the county of an organisation's seat, if it is known."""
        found = self.organisations.find_cached(organisation) or self.region.organisations.get(organisation)
        return found.county if found else None


def make_vocabulary(region: Region) -> Vocabulary:
    return Vocabulary(
        categories=frozenset(region.categories), counties=frozenset(region.counties), zone=region.time_zone
    )


def make_organiser(account: Account) -> Organiser:
    return Organiser(account.organisation, account.organisation_name)


async def get_state(request: Request) -> State:
    """Async, because FastAPI runs anything else in a thread."""
    found: State = request.app.state.service
    return found


Service = Annotated[State, Depends(get_state)]
