"""Application state of calendar, opened by ``app.py`` and passed to routes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated

from fastapi import Depends, Request

from services.calendar.board.repository import KnownActivities
from services.calendar.call.repository import YearCalls
from services.calendar.entry.repository import Entries
from services.calendar.morning.commands import MorningList
from services.calendar.reminder.repository import Reminders
from services.calendar.request.repository import EventRequests
from shared.accounts.model import Account
from shared.accounts.organisations import Organisations
from shared.event.days import get_local_day
from shared.event.limits import Limits
from shared.jobs.repository import Jobs
from shared.mail.outbox import MailOutbox
from shared.media.repository import Pictures
from shared.region import Region
from shared.web.auth.roles import get_acting_account
from shared.web.pages.renderer import Pages


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """``now`` returns the present instant, RFC 3339 in UTC.

    In a route ``entries`` are those within the limits of who acts; ``edited`` are the organisations on whose events
    they may not decide, because they are an editor of them.
    """

    entries: Entries
    jobs: Jobs
    calls: YearCalls
    morning_list: MorningList
    mail: MailOutbox
    activities: KnownActivities
    reminders: Reminders
    requests: EventRequests
    pictures: Pictures
    region: Region
    pages: Pages
    now: Callable[[], str]
    organisations: Organisations
    edited: frozenset[str] = frozenset()

    def get_today(self) -> date:
        """Return today's date in the region."""
        return get_local_day(self.now(), self.region.time_zone)

    def act_for(self, account: Account) -> State:
        limits = Limits(account.counties, account.categories)
        edited = account.edits if self.region.four_eyes else frozenset()
        return replace(self, entries=self.entries.within(limits), edited=edited)

    async def get_organisation_names(self) -> Mapping[str, str]:
        return {slug: each.name for slug, each in (await self.organisations.get_all()).items()}


async def get_state(request: Request) -> State:
    """Async, because FastAPI runs anything else in a thread. Raises LookupError if no role was checked before."""
    found: State = request.app.state.service
    return found.act_for(get_acting_account(request))


Service = Annotated[State, Depends(get_state)]
