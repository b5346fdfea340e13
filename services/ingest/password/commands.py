"""Commands of a forgotten password: queue the request, mail the link.

A request is a job: who asks waits for the same work whether or not the address has an account.
"""

from __future__ import annotations

from typing import Final
from uuid import uuid4

from shared.accounts.accounts import Accounts
from shared.accounts.model import Person
from shared.email_address import encode_address, normalize_email
from shared.jobs.model import SHORTEST_KEEP, Job, JobPolicy
from shared.jobs.repository import Jobs
from shared.mail.model import MAIL_KIND, Mail, Recipient
from shared.mail.outbox import MailOutbox

KEYS_PATH: Final = "/ingest/profile#keys"
LINK_KIND: Final = "password_link"
LINK_POLICY: Final = JobPolicy(keep=SHORTEST_KEEP, keep_dead=SHORTEST_KEEP)
"""Requests hold addresses that anybody typed."""


async def count_request(accounts: Accounts, email: str, address: str) -> None:
    """Count a request like an attempt to log in. Raises AddressInvalid or LoginThrottled."""
    encode_address(email)
    await accounts.throttle.count(f"password:{normalize_email(email)}", address)


async def request_link(jobs: Jobs, email: str) -> None:
    await jobs.add(LINK_KIND, uuid4().hex, {"email": email})


async def tell_password_changed(mail: MailOutbox, person: Person, *, keys: int) -> None:
    """Mail the person, who may not have done it; ``keys`` is the number of their keys, which go on working."""
    context = {"link": f"{mail.site.ingest_url}/ingest/password"}
    if keys:
        context["keys_link"] = f"{mail.site.ingest_url}{KEYS_PATH}"
    await mail.queue(Mail(f"password-changed-{uuid4().hex}", "password_changed", address_mail(person), context))


def address_mail(person: Person) -> Recipient:
    return Recipient(person.id, person.email, person.name, person.language)


class PasswordLinks:
    """Mails links by which a new password is set."""

    def __init__(self, accounts: Accounts, mail: MailOutbox) -> None:
        self._accounts = accounts
        self._mail = mail

    async def handle(self, job: Job) -> None:
        """Handle a request: nothing happens without such an account, and a repetition mails no second link."""
        key = f"password-link-{job.key}"
        person = await self._accounts.people.find_by_email(job.payload["email"], typed=True)
        if person and not person.disabled and await self._mail.jobs.find(MAIL_KIND, key) is None:
            await self.send(person, key=key)

    async def send(self, person: Person, *, key: str) -> str:
        """Create a link and mail it; return it, for installations that cannot send mail."""
        token = await self._accounts.links.create("password", person.id)
        link = f"{self._mail.site.ingest_url}/ingest/password/{token}"
        if self._mail.sends:
            await self._mail.queue(Mail(key, "password_link", address_mail(person), {"link": link}, secret=True))
        return link
