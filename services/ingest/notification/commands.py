"""Notes what a review brings, tells the editors of an organisation, gathers digests."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

import msgspec

from services.ingest.notification.mails import make_digest, make_mails
from services.ingest.notification.model import Notification, Rhythm, bound_digest, find_news, is_recent, list_rhythms
from services.ingest.notification.repository import Notifications
from services.ingest.submission.model import Review
from services.ingest.submission.repository import Submissions
from shared.accounts.accounts import Accounts
from shared.accounts.model import Digest, Person, Role
from shared.event.days import get_local_day
from shared.jobs.model import Job
from shared.jobs.repository import Jobs
from shared.mail.outbox import MailOutbox
from shared.region import Region

NOTIFY: Final = "notify_organisation"
DIGEST: Final = "send_digests"
SEND_DIGEST: Final = "send_digest"
SEND_LAST_DIGEST: Final = "send_last_digest"
"""Kinds of jobs."""
LAST_DIGEST_DELAY: Final = timedelta(minutes=1)
"""By then the change that it follows is saved."""
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
        # Kept before anybody's rhythm is read: who leaves digests meanwhile has it in their last one.
        await self.notifications.keep(told)
        members = await self.accounts.list_members(told.organisation, _EDITORS)
        people = [each for each in members if not each.disabled]
        for person in people:
            if person.digest == "at_once":
                for mail in make_mails(told, person, default=self._language, ingest_url=self.ingest_url):
                    await self.mail.queue(mail)
        return {"editors": len(people)}

    async def send_digests(self, job: Job) -> Mapping[str, Any]:
        """Handle the job of a day: add one for each person who gets a digest on it."""
        rhythms = list_rhythms(date.fromisoformat(job.key))
        people = await self.accounts.list_members(roles=_EDITORS)
        wanted = [each.id for each in people if not each.disabled and each.digest in rhythms]
        payloads = {f"{job.key}:{each}": {"day": job.key, "person": each} for each in wanted}
        return {"people": await self.jobs.add_many(SEND_DIGEST, payloads)}

    async def send_digest(self, job: Job) -> Mapping[str, Any]:
        """Handle the job of a person and a day: one mail with what is new since the last digest."""
        day = date.fromisoformat(job.payload["day"])
        person = await self.accounts.find_person(job.payload["person"])
        if person is None or person.disabled or person.digest == "at_once" or person.digest not in list_rhythms(day):
            return {"digests": 0}
        bounds = bound_digest(day, person.digest, self.region.time_zone)
        key = f"digest:{day.isoformat()}:{person.digest}:{person.id}"
        sent = await self._tell(person, person.digest, bounds, key=key)
        await self.notifications.note_told(person.id, bounds[1])
        return {"digests": sent}

    async def send_last_digest(self, job: Job) -> Mapping[str, Any]:
        """Handle the job of a person who gets mails at once from now on: tell what was gathered until then."""
        person = await self.accounts.find_person(job.payload["person"])
        if person is None or person.disabled or person.digest != "at_once":  # the change was refused, or taken back
            return {"digests": 0}
        rhythm: Rhythm = job.payload["rhythm"]
        day = get_local_day(job.created_at.isoformat(), self.region.time_zone)
        start, _end = bound_digest(day, rhythm, self.region.time_zone)
        sent = await self._tell(person, rhythm, (start, job.created_at + LAST_DIGEST_DELAY), key=f"digest:{job.key}")
        await self.notifications.end_digests(person.id)
        return {"digests": sent}

    async def prepare_change(self, person: Person, digest: Digest) -> None:
        """Before a person changes how often they get mails: what was gathered is told, also if the process dies."""
        if digest == "at_once" != person.digest:
            due = datetime.fromisoformat(self.now()) + LAST_DIGEST_DELAY
            payload = {"person": person.id, "rhythm": person.digest}
            await self.jobs.add(SEND_LAST_DIGEST, uuid4().hex, payload, due_at=due)

    async def note_change(self, before: Person, after: Person) -> None:
        """After such a change: who was told at once is told in digests what comes from now on."""
        if before.digest == "at_once" != after.digest:
            await self.notifications.begin_digests(after.id, datetime.fromisoformat(self.now()))

    async def _tell(self, person: Person, rhythm: Rhythm, bounds: tuple[datetime, datetime], *, key: str) -> int:
        """Mail what is new since the last digest, or within the bounds if there was none; return how many mails."""
        told_until = await self.notifications.find_told_until(person.id)
        start = told_until or bounds[0]
        found = await self.notifications.list_between(list(_list_organisations(person)), start, bounds[1])
        if not found:
            return 0
        usual = rhythm if start >= bounds[0] else None
        mail = make_digest(found, person, key=key, rhythm=usual, default=self._language, ingest_url=self.ingest_url)
        return int(await self.mail.queue(mail))

    @property
    def _language(self) -> str:
        return self.region.languages.default


def _list_organisations(person: Person) -> Iterable[str]:
    return (each.organisation for each in person.memberships if each.role == "editor")
