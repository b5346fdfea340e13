"""Sends the morning list: one mail to each curator for whom something waits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from services.calendar.call.repository import YearCalls
from services.calendar.entry.repository import Entries
from services.calendar.entry.selection import EntrySelection
from services.calendar.morning.model import CuratorBacklog, list_limits, make_mail, wants_list
from shared.accounts.accounts import Accounts
from shared.accounts.model import CURATORS
from shared.event.limits import Limits
from shared.jobs.model import Job
from shared.mail.outbox import MailOutbox

MORNING_LIST: Final = "send_morning_list"
"""Kind of job."""
_LOOKED_AT: Final = 200
"""Of what waits longest, to count what is over the promised time."""
_WAITING: Final = EntrySelection(state=("waiting",))
_UNANSWERED: Final = EntrySelection(unanswered=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class MorningList:
    """``now`` returns the present instant, RFC 3339 in UTC."""

    entries: Entries
    calls: YearCalls
    accounts: Accounts
    mail: MailOutbox
    language: str
    calendar_url: str
    now: Callable[[], str]

    async def send(self, job: Job) -> Mapping[str, Any]:
        """Handle the job of a day."""
        day, now, sent = date.fromisoformat(job.key), datetime.fromisoformat(self.now()), 0
        answer_days = await self.calls.get_answer_days()
        known: dict[frozenset[Limits], CuratorBacklog] = {}
        for person in await self.accounts.list_members(roles=CURATORS):
            if not wants_list(person, day):
                continue
            backlog = await self._find_backlog(list_limits(person), known)
            if not backlog.is_empty:
                mail = make_mail(
                    person,
                    backlog,
                    day=day,
                    now=now,
                    answer_days=answer_days,
                    default=self.language,
                    url=f"{self.calendar_url}/calendar/",
                )
                sent += await self.mail.queue(mail)
        return {"mails": sent}

    async def _find_backlog(
        self, limits: frozenset[Limits], known: dict[frozenset[Limits], CuratorBacklog]
    ) -> CuratorBacklog:
        """Most curators have the same limits: none."""
        if limits not in known:
            entries = self.entries.within(*limits)
            known[limits] = CuratorBacklog(
                waiting=await entries.count(_WAITING),
                unanswered=await entries.count(_UNANSWERED),
                longest=await entries.list_queue(_WAITING, limit=_LOOKED_AT),
            )
        return known[limits]
