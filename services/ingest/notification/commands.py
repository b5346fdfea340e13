"""Notes what a review brings, tells the editors of an organisation, gathers digests."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import msgspec

from services.ingest.notification.mails import make_digest, make_mails
from services.ingest.notification.model import Notification, bound_digest, find_news, is_recent, list_rhythms
from services.ingest.notification.repository import Notifications
from services.ingest.submission.model import Review
from services.ingest.submission.repository import Submissions
from shared.accounts.accounts import Accounts
from shared.accounts.model import Person, Role
from shared.jobs.model import Job
from shared.jobs.repository import Jobs
from shared.mail.outbox import MailOutbox
from shared.region import Region

NOTIFY: Final = "notify_organisation"
DIGEST: Final = "send_digests"
"""Kinds of jobs."""
_EDITORS: Final[frozenset[Role]] = frozenset({"editor"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Notifier:
    """``now`` returns the present instant, RFC 3339 in UTC."""

    submissions: Submissions
    notifications: Notifications
    accounts: Accounts
    jobs: Jobs
    mail: MailOutbox
    region: Region
    ingest_url: str
    now: Callable[[], str]

    async def note(self, submission_id: str, review: Review) -> None:
        """Add the job that tells of a review, before it is applied: after a crash between the two it comes again."""
        found = await self.submissions.find_any(submission_id)
        if found is None:
            return
        submission = found.submission
        if submission.review and submission.review.number >= review.number:
            return
        news = find_news(submission.review, review)
        if not news or not is_recent(review, datetime.fromisoformat(self.now())):
            return
        told = Notification(
            submission_id=submission_id,
            number=review.number,
            organisation=submission.organiser.slug,
            title=submission.event.title["pl"],
            at=review.reviewed_at,
            news=news,
        )
        await self.jobs.add(NOTIFY, told.key, msgspec.to_builtins(told))

    async def notify(self, job: Job) -> Mapping[str, Any]:
        """Handle a job: mail those who want it at once, keep it for the digests of the others."""
        told = msgspec.convert(job.payload, Notification)
        members = await self.accounts.list_members(told.organisation, _EDITORS)
        people = [each for each in members if not each.disabled]
        for person in people:
            if person.digest == "at_once":
                for mail in make_mails(told, person, default=self._language, ingest_url=self.ingest_url):
                    await self.mail.queue(mail)
        await self.notifications.keep(told)
        return {"editors": len(people)}

    async def send_digests(self, job: Job) -> Mapping[str, Any]:
        """Handle the job of a day: one mail to each person for whom something is new."""
        day, sent = date.fromisoformat(job.key), 0
        people = await self.accounts.list_members(roles=_EDITORS)
        for rhythm in list_rhythms(day):
            start, end = bound_digest(day, rhythm, self.region.time_zone)
            for person in people:
                if person.disabled or person.digest != rhythm:
                    continue
                found = await self.notifications.list_between(list(_list_organisations(person)), start, end)
                if found:
                    mail = make_digest(
                        found, person, day=day, rhythm=rhythm, default=self._language, ingest_url=self.ingest_url
                    )
                    sent += await self.mail.queue(mail)
        return {"digests": sent}

    @property
    def _language(self) -> str:
        return self.region.languages.default


def _list_organisations(person: Person) -> Iterable[str]:
    return (each.organisation for each in person.memberships if each.role == "editor")
