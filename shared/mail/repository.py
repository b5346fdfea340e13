"""Stored mails: the jobs of kind ``mail``, as the outbox lists them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from shared.database.client import ASCENDING, DESCENDING, Collection, Document, IndexModel, create_indexes
from shared.email_address import normalize_email
from shared.jobs.model import Job
from shared.jobs.repository import parse_job
from shared.mail.model import (
    MAIL_KIND,
    MAX_RESPONSE_LENGTH,
    MailState,
    Outcome,
    StoredMail,
    parse_stored_mail,
)

UNSETTLED: Final[Mapping[str, Any]] = MappingProxyType({"outcome": None, "settled_at": "", "response": ""})
"""Of the payload: what became of the mail is forgotten, so that its job sends it again."""
_UNSETTLED: Final[Mapping[str, Any]] = {"payload.outcome": None}
_FILTERS: Final[Mapping[MailState, Mapping[str, Any]]] = {
    "waiting": {**_UNSETTLED, "state": {"$in": ["waiting", "running"]}},
    "failed": {**_UNSETTLED, "state": "dead"},
    "sent": {"payload.outcome": "sent"},
    "refused": {"payload.outcome": "refused"},
    "unsubscribed": {"payload.outcome": "unsubscribed"},
}
_INDEXES: Final = [
    IndexModel(
        [("payload.to.address", ASCENDING), ("_id", DESCENDING)],
        name="mail_address",
        partialFilterExpression={"kind": MAIL_KIND},
    ),
    IndexModel(
        [("payload.outcome", ASCENDING), ("_id", DESCENDING)],
        name="mail_outcome",
        partialFilterExpression={"kind": MAIL_KIND},
    ),
]


@dataclass(frozen=True, slots=True)
class OutboxItem:
    """A mail and its job; ``state`` is the mail's."""

    job: Job
    mail: StoredMail

    @property
    def state(self) -> MailState:
        if self.mail.outcome is not None:
            return self.mail.outcome
        return "failed" if self.job.state == "dead" else "waiting"

    @property
    def can_resend(self) -> bool:
        """A secret mail has lost its links once it was sent; a new one has to be asked for."""
        return self.job.state in {"dead", "waiting", "done"} and not (self.mail.secret and not self.mail.links)


class Mails:
    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    async def prepare(self) -> None:
        await create_indexes(self._collection, _INDEXES)

    async def find(self, job_id: str) -> OutboxItem | None:
        found = await self._collection.find_one({"_id": job_id, "kind": MAIL_KIND})
        return _parse_item(found) if found else None

    async def list(
        self, *, state: MailState | None = None, email: str = "", skip: int = 0, limit: int = 50
    ) -> Sequence[OutboxItem]:
        """The newest first."""
        found = self._collection.find(_build_filter(state, email)).sort("_id", DESCENDING).skip(skip).limit(limit)
        return [_parse_item(each) async for each in found]

    async def count(self, *, state: MailState | None = None, email: str = "") -> int:
        return await self._collection.count_documents(_build_filter(state, email))

    async def settle(self, job_id: str, outcome: Outcome, *, at: datetime, response: str = "") -> None:
        """Record what became of a mail, and remove what lets somebody in, in one write."""
        settled: Document = {
            "outcome": outcome,
            "settled_at": at.isoformat(),
            "response": response[:MAX_RESPONSE_LENGTH],
        }
        # A refused mail keeps its links, so that it can be sent once the address is cleared.
        settled |= {"links": []} if outcome == "sent" else {}
        change = {"$set": {f"payload.{name}": value for name, value in settled.items()}}
        await self._collection.update_one({"_id": job_id}, change)

    async def note_response(self, job_id: str, response: str) -> None:
        change = {"$set": {"payload.response": response[:MAX_RESPONSE_LENGTH]}}
        await self._collection.update_one({"_id": job_id}, change)

    async def remove_all(self, email: str) -> int:
        wanted = {"kind": MAIL_KIND, "payload.to.address": normalize_email(email)}
        return (await self._collection.delete_many(wanted)).deleted_count


def _build_filter(state: MailState | None, email: str) -> Document:
    wanted: Document = {"kind": MAIL_KIND}
    wanted |= _FILTERS[state] if state else {}
    return wanted | ({"payload.to.address": normalize_email(email)} if email else {})


def _parse_item(document: Document) -> OutboxItem:
    return OutboxItem(parse_job(document), parse_stored_mail(document["payload"]))
