"""The places of each database that may hold a person. docs/operations.md lists them, and what holds nobody."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import services.calendar.call.erasure as call_erasure
import services.calendar.entry.erasure as entry_erasure
import services.calendar.reminder.erasure as reminder_erasure
import services.calendar.request.erasure as calendar_requests
import services.ingest.draft.erasure as draft_erasure
import services.ingest.request.erasure as ingest_requests
import services.ingest.submission.erasure as submission_erasure
from services.admin.erasure.sweep import ErasurePlace, Removal, Rewrite
from services.calendar.reminder.commands import SEND_REMINDER
from services.calendar.request.commands import MAIL_REQUEST
from services.ingest.notification.commands import NOTIFY
from services.ingest.notification.erasure import erase_job, erase_notification
from services.ingest.password.commands import LINK_KIND
from services.ingest.rollover.erasure import erase_decline
from shared.accounts.accounts import Accounts
from shared.database.client import Database
from shared.erasure import ErasedPerson
from shared.mail.erasure import erase_mail
from shared.mail.model import MAIL_KIND
from shared.mail.outbox import MailOutbox


@dataclass(frozen=True, slots=True)
class MailRemoval:
    """Mails to the person, and what is known of their address."""

    outbox: MailOutbox
    email: str
    name: str = "accounts: mails to them"

    async def count(self) -> int:
        return await self.outbox.mails.count(email=self.email)

    async def erase(self) -> int:
        return await self.outbox.erase(self.email)


async def list_accounts_places(
    database: Database, accounts: Accounts, outbox: MailOutbox, person: ErasedPerson
) -> Sequence[ErasurePlace]:
    """All but the account itself, which goes last."""
    invitations = database["invitations"]
    subjects: list[str] = await invitations.distinct("_id", {"email": person.email})
    owned = {"account_id": person.account_id}
    colleagues = {
        each.id
        for each in await accounts.list_members()
        if each.id != person.account_id and any(one.organisation in person.organisations for one in each.memberships)
    }
    organisations = await accounts.organisations.get_all()
    own_names = [organisations[slug].name for slug in person.organisations if slug in organisations]
    mail = partial(erase_mail, person=person, colleagues=colleagues, organisations=own_names)
    theirs: list[ErasurePlace] = [
        Removal(name="accounts: sessions", collection=database["sessions"], query=owned),
        Removal(name="accounts: API keys", collection=database["keys"], query=owned),
    ]
    if person.account_id is not None:
        subjects.append(person.account_id)
    return [
        *(theirs if person.account_id is not None else ()),
        Removal(name="accounts: one-time links", collection=database["links"], query={"subject": {"$in": subjects}}),
        Removal(name="accounts: invitations", collection=invitations, query={"email": person.email}),
        MailRemoval(outbox, person.email),
        Rewrite(name="accounts: other mails", collection=database["jobs"], change=mail, query={"kind": MAIL_KIND}),
    ]


def list_ingest_places(database: Database, person: ErasedPerson) -> Sequence[ErasurePlace]:
    typed = {"$regex": rf"^\s*{re.escape(person.email)}\s*$", "$options": "i"}
    return [
        Removal(
            name="ingest: requests of a new password",
            collection=database["jobs"],
            query={"kind": LINK_KIND, "payload.email": typed},
        ),
        Rewrite(
            name="ingest: drafts",
            collection=database["drafts"],
            change=partial(draft_erasure.erase_document, person=person),
            compared=draft_erasure.COMPARED,
        ),
        Rewrite(
            name="ingest: submissions",
            collection=database["submissions"],
            change=partial(submission_erasure.erase_submission, person=person),
            compared=submission_erasure.COMPARED,
            list_messages=submission_erasure.list_messages,
        ),
        Rewrite(
            name="ingest: requests",
            collection=database["requests"],
            change=partial(ingest_requests.erase_request, person=person),
            compared=ingest_requests.COMPARED,
            list_messages=ingest_requests.list_messages,
        ),
        Rewrite(
            name="ingest: reasons why an event does not return",
            collection=database["declines"],
            change=partial(erase_decline, person=person),
            compared=("reason",),
        ),
        Rewrite(
            name="ingest: notifications",
            collection=database["notifications"],
            change=partial(erase_notification, person=person),
        ),
        Rewrite(
            name="ingest: notifications to be told",
            collection=database["jobs"],
            change=partial(erase_job, person=person),
            query={"kind": NOTIFY},
        ),
    ]


def list_calendar_places(database: Database, person: ErasedPerson) -> Sequence[ErasurePlace]:
    return [
        Rewrite(
            name="calendar: entries",
            collection=database["entries"],
            change=partial(entry_erasure.erase_entry, person=person),
            compared=entry_erasure.COMPARED,
            list_messages=entry_erasure.list_messages,
        ),
        Rewrite(
            name="calendar: labels of late codes",
            collection=database["calls"],
            change=partial(call_erasure.erase_call, person=person),
            compared=call_erasure.COMPARED,
        ),
        Rewrite(
            name="calendar: requests",
            collection=database["requests"],
            change=partial(calendar_requests.erase_request, person=person),
            compared=calendar_requests.COMPARED,
            list_messages=calendar_requests.list_messages,
        ),
        Rewrite(
            name="calendar: requests to be mailed",
            collection=database["jobs"],
            change=partial(calendar_requests.erase_job, person=person),
            query={"kind": MAIL_REQUEST},
        ),
        Rewrite(
            name="calendar: reminders to be mailed",
            collection=database["jobs"],
            change=partial(reminder_erasure.erase_job, person=person),
            query={"kind": SEND_REMINDER},
        ),
    ]
