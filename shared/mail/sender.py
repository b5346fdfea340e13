"""Sender: the handler of jobs of kind ``mail``, and the policy by which they are tried again.

It is called again after a crash. A mail that the server took, without that being recorded, is sent once more: the same
bytes with the same Message-ID.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from shared.clock import utc_now
from shared.email_address import AddressInvalid, encode_address
from shared.jobs.model import Job, JobDeferred, JobFailed, JobPolicy
from shared.mail.message import build_message
from shared.mail.model import Outcome, StoredMail, parse_stored_mail
from shared.mail.outbox import MailOutbox
from shared.mail.transport import (
    DATA_SECONDS,
    TIMEOUT_SECONDS,
    MessageDelayed,
    MessageRefused,
    SenderRefused,
    SmtpTransport,
    SmtpUnavailable,
)

KEPT: Final = timedelta(days=90)
"""A mail that was given up holds a person's address and perhaps a link, so it goes as one that was sent."""
PARALLEL: Final = 4
"""One connection sends them one after the other; a few are looked up meanwhile."""
POLICY: Final = JobPolicy(
    attempts=40,
    first_wait=30.0,
    longest_wait=3_600.0,
    handler_seconds=PARALLEL * (TIMEOUT_SECONDS + DATA_SECONDS) + 60.0,  # the last one waits for all others
    keep=KEPT,
    keep_dead=KEPT,
)
"""Of a server that refuses a mail for now: about a day and a half of attempts. One that is away counts none."""
AWAY_SECONDS: Final = 30.0
"""Until the next attempt while the server is away."""
SENDER_REFUSED_SECONDS: Final = 300.0
"""Until the next attempt of a mail whose sender the server refused; others are sent, as it may be so for some only."""
SENDER_REFUSED: Final = "the mail server refused our sender, KAL_MAIL_FROM"
REFUSED_BEFORE: Final = "the address refused an earlier mail"


class MailSender:
    """Errors that it raises name no address: they are logged."""

    def __init__(
        self,
        outbox: MailOutbox,
        transport: SmtpTransport,
        *,
        away_seconds: float = AWAY_SECONDS,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._outbox = outbox
        self._transport = transport
        self._away_seconds = away_seconds
        self._now = now

    async def handle(self, job: Job) -> Mapping[str, Any]:
        """Raises JobFailed, JobDeferred, MessageDelayed, PyMongoError."""
        mail = parse_stored_mail(job.payload)
        if mail.outcome is not None:  # recorded before a crash
            return {"outcome": mail.outcome}
        signer = await self._outbox.get_signer()
        address = await self._outbox.addresses.find(signer.derive_key(mail.to.email))
        if address.refused_at is not None:
            return await self._settle(job, "refused", REFUSED_BEFORE)
        if mail.list in address.unsubscribed:
            return await self._settle(job, "unsubscribed")
        response = await self._send(job, mail, address.key)
        return await self._settle(job, "sent", response)

    async def _send(self, job: Job, mail: StoredMail, address_key: str) -> str:
        try:
            message = build_message(job.id, mail, self._outbox.site)
            recipient = encode_address(mail.to.email)
        except AddressInvalid:
            await self._settle(job, "refused", "this is no mail address")
            raise JobFailed("the address is none") from None
        try:
            return await self._transport.send(message, sender=self._outbox.site.sender, recipient=recipient)
        except SmtpUnavailable as error:
            away = f"the mail server is away: {error}"
            raise JobDeferred(away, seconds=self._away_seconds, all_of_kind=True) from None
        except SenderRefused as error:
            await self._outbox.mails.note_response(job.id, f"{SENDER_REFUSED}: {error}")
            raise JobDeferred(f"{SENDER_REFUSED}: {error}", seconds=SENDER_REFUSED_SECONDS) from None
        except MessageDelayed as error:
            await self._outbox.mails.note_response(job.id, str(error))
            raise
        except MessageRefused as error:
            await self._record_refusal(job, error, address_key)
            raise JobFailed(f"the mail server refused it: {error}") from None

    async def _record_refusal(self, job: Job, error: MessageRefused, address_key: str) -> None:
        """A mail that was refused for another reason than its address is no reason to send no more there."""
        if not error.address:
            await self._outbox.mails.note_response(job.id, error.response)
            return
        await self._outbox.addresses.mark_refused(address_key, error.response)
        await self._settle(job, "refused", error.response)

    async def _settle(self, job: Job, outcome: Outcome, response: str = "") -> Mapping[str, Any]:
        await self._outbox.mails.settle(job.id, outcome, at=self._now(), response=response)
        self._outbox.count_outcome(outcome)
        return {"outcome": outcome}
