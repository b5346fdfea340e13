"""Outbox: queues mails as jobs in the database of accounts, where ingest and calendar work them."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime

from uuid_utils import uuid7

from shared.clock import Clock, utc_now
from shared.database.client import Database, open_database
from shared.email_address import encode_address, normalize_email
from shared.jobs.repository import Jobs
from shared.mail.addresses import AddressSigner, MailAddresses
from shared.mail.model import MAIL_KIND, Mail, Outcome, Recipient
from shared.mail.rendering import MailSite
from shared.mail.repository import UNSETTLED, Mails, OutboxItem
from shared.mail.storage import store_mail
from shared.observability.metrics import MetricDefinition
from shared.settings import CommonSettings

UNSUBSCRIBE_PATH = "/ingest/mail/unsubscribe/"


class MailOutbox:
    """``sends`` is False without a mail server: then mails wait."""

    def __init__(
        self,
        database: Database,
        site: MailSite,
        *,
        get_secret: Callable[[], Awaitable[bytes]],
        sends: bool = True,
        now: Clock = utc_now,
    ) -> None:
        self.jobs = Jobs(database["jobs"])
        self.mails = Mails(database["jobs"])
        self.addresses = MailAddresses(database["mail_addresses"], now=now)
        self.site = site
        self.sends = sends
        self._get_secret = get_secret
        self._signer: AddressSigner | None = None
        self._now = now
        self._queued = 0
        self._outcomes: Counter[Outcome] = Counter()

    async def prepare(self) -> None:
        await self.jobs.prepare()
        await self.mails.prepare()

    async def queue(self, mail: Mail, *, due_at: datetime | None = None) -> bool:
        """Render and store a mail; False if there is one of this key. Idempotent. Raises MailTooLong."""
        if not mail.to.language:
            mail = replace(mail, to=replace(mail.to, language=self.site.language))
        signer = await self.get_signer()
        url = ""
        if mail.list is not None:
            url = self.site.ingest_url + UNSUBSCRIBE_PATH + signer.make_token(mail.to.email, mail.list)
        stored = store_mail(mail, self.site, unsubscribe_url=url, queued_at=self._now())
        payload = stored.to_payload()
        payload["to"]["address"] = normalize_email(mail.to.email)  # to find it by
        added = await self.jobs.add(MAIL_KIND, mail.key, payload, due_at=due_at)
        self._queued += added
        return added

    async def queue_test(self, email: str, language: str) -> None:
        """Queue a mail that only shows whether mail arrives. Raises AddressInvalid."""
        encode_address(email)
        await self.queue(Mail(f"test/{uuid7()}", "test", Recipient(None, email.strip(), "", language), {}))

    def count_outcome(self, outcome: Outcome) -> None:
        self._outcomes[outcome] += 1

    async def erase(self, email: str) -> int:
        """Remove all mails to an address, and what is known of it; returns how many there were."""
        await self.addresses.forget((await self.get_signer()).derive_key(email))
        return await self.mails.remove_all(email)

    async def resend(self, item: OutboxItem) -> bool:
        """Send a mail again, with the same Message-ID; False if its links are gone or it is being sent."""
        if not item.can_resend:
            return False
        return await self.jobs.retry(MAIL_KIND, item.job.key, done=True, payload=UNSETTLED)

    async def get_signer(self) -> AddressSigner:
        if self._signer is None:
            self._signer = AddressSigner(await self._get_secret())
        return self._signer

    def metrics(self) -> Sequence[MetricDefinition]:
        return [
            MetricDefinition(
                name="kal_mails_queued_total",
                meaning="Mails put into the outbox by this process.",
                reading=lambda: self._queued,
                kind="counter",
            ),
            MetricDefinition(
                name="kal_mails_waiting",
                meaning="Mails in the outbox that are still to be sent.",
                reading=lambda: self.mails.count(state="waiting"),
            ),
            MetricDefinition(
                name="kal_mails_sent_total",
                meaning="Mails that the mail server took from this process.",
                reading=lambda: self._outcomes["sent"],
                kind="counter",
            ),
            MetricDefinition(
                name="kal_mails_refused_total",
                meaning="Mails not sent by this process because their address refuses mail.",
                reading=lambda: self._outcomes["refused"],
                kind="counter",
            ),
        ]


@asynccontextmanager
async def open_outbox(
    settings: CommonSettings, site: MailSite, *, get_secret: Callable[[], Awaitable[bytes]], now: Clock = utc_now
) -> AsyncIterator[MailOutbox]:
    """Open the outbox for a service's lifespan; commands and routes find it in ``app.state.mail``."""
    async with open_database(settings.mongo_url, settings.database("accounts")) as database:
        yield MailOutbox(database, site, get_secret=get_secret, sends=settings.smtp_url is not None, now=now)
