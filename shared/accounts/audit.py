"""Audit log: who did what to accounts, organisations and keys. It holds ids, no names and no addresses."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final, Literal, get_args

from uuid_utils import uuid7

from shared.accounts.model import Membership, Person, find_membership
from shared.database.client import ASCENDING, DESCENDING, Collection, Document, IndexModel, create_indexes

KEPT: Final = timedelta(days=730)
MAX_PAGE: Final = 200
MAX_ID: Final = 200
"""Characters of an id."""

Act = Literal[
    "account_added",
    "account_disabled",
    "account_enabled",
    "account_erased",
    "invited",
    "invited_again",
    "invitation_cancelled",
    "membership_added",
    "membership_changed",
    "membership_removed",
    "password_set",
    "password_link_mailed",
    "password_link_shown",
    "password_reset",
    "key_created",
    "key_revoked",
    "organisation_added",
    "organisation_renamed",
    "organisation_closed",
    "organisation_reopened",
    "mail_sent_again",
    "mail_address_cleared",
]
ACTS: Final[tuple[Act, ...]] = get_args(Act)


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """``by`` is a person's id, None where the command line or the installation did it.

    ``on`` are ids: ``person``, ``membership``, ``organisation``, ``key``, ``invitation``, ``mail``. ``id`` is the place
    in the list. Of ``password_reset``, ``by`` is the person too, but the holder of the link did it.
    """

    id: str
    at: datetime
    act: Act
    by: str | None = None
    on: Mapping[str, str] = field(default_factory=dict)


class Audit:
    """Entries are deleted after :data:`KEPT`."""

    def __init__(self, collection: Collection, now: Callable[[], datetime]) -> None:
        self._collection = collection
        self._now = now

    async def prepare(self) -> None:
        await create_indexes(
            self._collection, [IndexModel([("at", ASCENDING)], expireAfterSeconds=int(KEPT.total_seconds()))]
        )

    async def add(self, act: Act, *, by: str | None = None, **on: str | None) -> None:
        """``on`` by kind: ``person=…``, ``membership=…``, ``organisation=…``, ``key=…``; None is left out."""
        ids = {kind: value[:MAX_ID] for kind, value in on.items() if value is not None}
        entry: Document = {"_id": str(uuid7()), "at": self._now(), "act": act, "by": by, "on": ids}
        await self._collection.insert_one(entry)

    async def list(self, *, before: str | None = None, limit: int = 50) -> list[AuditEntry]:
        """Newest first; ``before`` is the id of the last one of the page before."""
        query: Document = {"_id": {"$lt": before}} if before else {}
        found = self._collection.find(query).sort("_id", DESCENDING).limit(min(limit, MAX_PAGE))
        return [_parse(each) async for each in found if each["act"] in ACTS]

    async def list_memberships(self, person_id: str) -> Sequence[str]:
        """List the keys of the memberships that a person has or had, as far as the log goes back."""
        return sorted(await self._collection.distinct("on.membership", {"on.person": person_id}))


def _parse(document: Mapping[str, Any]) -> AuditEntry:
    return AuditEntry(id=document["_id"], at=document["at"], act=document["act"], by=document["by"], on=document["on"])


def list_membership_acts(before: Person, after: Person) -> list[tuple[Act, Membership]]:
    """List how memberships differ; a new name of an organisation is no difference."""
    acts: list[tuple[Act, Membership]] = []
    for each in after.memberships:
        earlier = find_membership(before.memberships, each.key)
        if earlier is None:
            acts.append(("membership_added", each))
        elif replace(earlier, organisation_name=each.organisation_name) != each:
            acts.append(("membership_changed", each))
    gone = (each for each in before.memberships if find_membership(after.memberships, each.key) is None)
    return [*acts, *(("membership_removed", each) for each in gone)]
