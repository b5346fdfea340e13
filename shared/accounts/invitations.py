"""Open invitations: a membership that is offered to an address until its one-time link is followed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from uuid_utils import uuid7

from shared.accounts.documents import parse_membership, write_membership
from shared.accounts.model import Membership
from shared.accounts.tokens import LIFETIMES, RECOGNISED_FOR
from shared.database.client import (
    ASCENDING,
    Collection,
    Document,
    DuplicateKeyError,
    IndexModel,
    ReturnDocument,
    create_indexes,
)

MAX_OPEN: Final = 50
"""Open invitations of one organisation."""


class AlreadyInvited(Exception):
    """The address has an open invitation to the same organisation and role."""


class TooManyInvitations(Exception):
    """An organisation has at most :data:`MAX_OPEN` open invitations."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """``expires_at`` is when its last link ends; it stays open, so that a new link can be sent.

    ``invited_by`` is a person's id.
    """

    id: str
    email: str
    name: str
    language: str
    membership: Membership
    invited_by: str
    invited_at: datetime
    expires_at: datetime


class Invitations:
    def __init__(self, collection: Collection, now: Callable[[], datetime]) -> None:
        self._invitations = collection
        self._now = now

    async def prepare(self) -> None:
        offer = [("email", ASCENDING), ("membership.organisation", ASCENDING), ("membership.role", ASCENDING)]
        await create_indexes(
            self._invitations,
            [IndexModel(offer, unique=True), IndexModel([("removed_at", ASCENDING)], expireAfterSeconds=0)],
        )

    async def create(
        self, *, email: str, name: str, language: str, membership: Membership, invited_by: str
    ) -> Invitation:
        """``email`` is normalized. Raises AlreadyInvited or TooManyInvitations."""
        if await self._count(membership.organisation) >= MAX_OPEN:
            raise TooManyInvitations
        offered = {"email": email, "name": name, "language": language, "membership": write_membership(membership)}
        made = {"_id": str(uuid7()), **offered, "invited_by": invited_by, **self._date()}
        try:
            await self._invitations.insert_one(made)
        except DuplicateKeyError:
            raise AlreadyInvited from None
        if await self._count(membership.organisation) > MAX_OPEN:  # others were added at the same moment
            await self.remove(made["_id"])
            raise TooManyInvitations
        return _parse(made)

    async def _count(self, organisation: str) -> int:
        return await self._invitations.count_documents({"membership.organisation": organisation})

    async def renew(self, invitation_id: str, *, invited_by: str) -> Invitation | None:
        """Date it from now, for a new link; None if it is no longer open."""
        found = await self._invitations.find_one_and_update(
            {"_id": invitation_id},
            {"$set": {"invited_by": invited_by, **self._date()}},
            return_document=ReturnDocument.AFTER,
        )
        return _parse(found) if found else None

    async def find(self, invitation_id: str) -> Invitation | None:
        found = await self._invitations.find_one({"_id": invitation_id})
        return _parse(found) if found else None

    async def list(self, organisation: str | None = None) -> list[Invitation]:
        """Sorted by address."""
        wanted = {"membership.organisation": organisation} if organisation else {}
        return [_parse(each) async for each in self._invitations.find(wanted).sort("email")]

    async def remove(self, invitation_id: str) -> bool:
        """Return whether it was open."""
        return (await self._invitations.delete_one({"_id": invitation_id})).deleted_count == 1

    def _date(self) -> Document:
        expires_at = self._now() + LIFETIMES["invitation"]
        return {"invited_at": self._now(), "expires_at": expires_at, "removed_at": expires_at + RECOGNISED_FOR}


def _parse(document: Document) -> Invitation:
    fields: dict[str, Any] = {
        name: document[name] for name in ("email", "name", "language", "invited_by", "invited_at", "expires_at")
    }
    return Invitation(id=document["_id"], membership=parse_membership(document["membership"], {}), **fields)
