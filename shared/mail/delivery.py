"""Delivery of what is in the outbox: the worker of mails that ingest and calendar both run."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

from shared.clock import Clock, utc_now
from shared.i18n.text import UI_LANGUAGES
from shared.jobs.model import JobPolicy
from shared.jobs.worker import JobWorker, WorkerSettings
from shared.mail.model import MAIL_KIND
from shared.mail.outbox import MailOutbox
from shared.mail.rendering import MailSite
from shared.mail.sender import AWAY_SECONDS, PARALLEL, POLICY, MailSender
from shared.mail.transport import SmtpTransport, parse_smtp_url
from shared.region import Region
from shared.settings import CommonSettings

SETTINGS: Final = WorkerSettings(parallel=PARALLEL, lease_seconds=10.0)


@asynccontextmanager
async def open_delivery(
    outbox: MailOutbox,
    smtp_url: str | None,
    *,
    settings: WorkerSettings = SETTINGS,
    policy: JobPolicy = POLICY,
    away_seconds: float = AWAY_SECONDS,
    now: Clock = utc_now,
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[Sequence[JobWorker]]:
    """Give the workers to run; close it after they have ended. Without a mail server there is none, and mails wait."""
    if smtp_url is None:
        yield ()
        return
    transport = SmtpTransport(parse_smtp_url(smtp_url), local_name=outbox.site.message_domain, tls=tls)
    sender = MailSender(outbox, transport, away_seconds=away_seconds, now=now)
    worker = JobWorker(outbox.jobs, {MAIL_KIND: sender.handle}, policies={MAIL_KIND: policy}, settings=settings)
    try:
        yield (worker,)
    finally:
        await transport.close()


def make_mail_site(region: Region, settings: CommonSettings) -> MailSite:
    return MailSite(
        publishers={language: region.get_publisher_label(language) for language in UI_LANGUAGES},
        sender=settings.sender,
        home=settings.public_url,
        ingest_url=settings.ingest_url,
        message_domain=region.uid_domain,
        time_zone=region.time_zone,
        language=region.languages.default,
        contact=region.email,
    )
