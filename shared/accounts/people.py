"""Repository of people: one document per person, with their memberships."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from uuid_utils import uuid7

from shared.accounts.documents import parse_person, write_memberships, write_person
from shared.accounts.model import Membership, Person, Role
from shared.accounts.organisations import Organisations
from shared.database.client import Database, Document, IndexModel, create_indexes, write_if
from shared.database.versioned import write_versioned
from shared.email_address import normalize_email, normalize_email_earlier

LEAVING_FOR: Final = timedelta(minutes=1)
"""Longer than taking a role away lasts."""
_WRITTEN_EARLIER: Final[Document] = {
    "$expr": {
        "$or": [
            {"$ne": [f"${field}", {"$arrayElemAt": [f"$memberships.{field}", 0]}]} for field in ("organisation", "role")
        ]
    }
}
"""Documents that an earlier release made or changed."""


class AccountUnknown(Exception):
    pass


class PersonOutdated(Exception):
    """Somebody else has changed the person since they were read."""


class People:
    """Names of organisations are the present ones, see :class:`Organisations`."""

    def __init__(self, database: Database, organisations: Organisations, now: Callable[[], datetime]) -> None:
        self._people = database["accounts"]
        self._organisations = organisations
        self._now = now

    async def prepare(self, bind_keys: Callable[[str, str], Awaitable[None]]) -> None:
        """Create indexes, and write the documents of an earlier release as this one does; idempotent."""
        by_email = IndexModel([("email", 1)], unique=True)
        await create_indexes(self._people, [by_email, IndexModel([("memberships.organisation", 1)])])
        async for each in self._people.find(_WRITTEN_EARLIER):
            person = parse_person(each, {})
            await bind_keys(person.id, person.memberships[0].key)
            unchanged = {"organisation": each["organisation"], "role": each["role"]}
            unchanged["memberships"] = each.get("memberships", {"$exists": False})
            await write_if(self._people, person.id, unchanged, {"$set": write_memberships(person.memberships)})

    async def insert(self, *, email: str, name: str, membership: Membership, password: str) -> Person:
        """``password`` is a hash."""
        new = {"_id": str(uuid7()), "email": normalize_email(email), "name": name, "password": password}
        state = {"created_at": self._now(), "disabled_at": None, "version": 1}
        document = new | state | write_memberships((membership,))
        await self._people.insert_one(document)
        return await self._parse(document)

    async def find(self, person_id: str) -> Person | None:
        return await self._find({"_id": person_id})

    async def find_by_email(self, email: str, *, typed: bool = False) -> Person | None:
        """``typed`` by the person: an address is then found as an earlier release stored it, too."""
        found = await self._find_document(email, typed=typed)
        return await self._parse(found) if found else None

    async def find_enabled(self, person_id: str) -> Person | None:
        return await self._find({"_id": person_id, "disabled_at": None})

    async def find_for_login(self, email: str, *, typed: bool = False) -> tuple[Person, str] | None:
        """The person with the hash of their password; disabled ones too. ``typed``: see :meth:`find_by_email`."""
        found = await self._find_document(email, typed=typed)
        return (await self._parse(found), found["password"]) if found else None

    async def change(
        self, person_id: str, change: Callable[[Person], Person], *, seen: int | None = None
    ) -> tuple[Person, Person]:
        """Apply a change to a person whose version is ``seen`` (None for any); return them before and after it.

        Raises AccountUnknown or PersonOutdated; Contended if other writes were first each time.
        """

        async def load() -> Person:
            found = await self.find(person_id)
            if found is None:
                raise AccountUnknown(person_id)
            return found

        def apply(before: Person) -> Person:
            if seen not in {None, before.version}:
                raise PersonOutdated(person_id)
            return change(before)

        async def save(before: Person, after: Person) -> tuple[Person, Person] | None:
            return (before, after) if before == after or await self._save(before, after) else None

        return await write_versioned(load, apply, save)

    async def _save(self, before: Person, after: Person) -> bool:
        unchanged: Document = {"version": before.version or {"$in": [0, None]}}
        return await write_if(self._people, before.id, unchanged, {"$set": write_person(after), "$inc": {"version": 1}})

    async def set_password(self, person_id: str, password: str) -> None:
        """``password`` is a hash."""
        await self._people.update_one({"_id": person_id}, {"$set": {"password": password}})

    async def set_disabled(self, email: str, *, disabled: bool) -> str:
        """Return the person's id. Raises AccountUnknown."""
        at = self._now() if disabled else None
        found = await self._people.find_one_and_update(
            {"email": normalize_email(email)}, {"$set": {"disabled_at": at}, "$inc": {"version": 1}}
        )
        if found is None:
            raise AccountUnknown(email)
        person_id: str = found["_id"]
        return person_id

    async def mark_leaving(self, person_id: str, mark: str) -> bool:
        """Count the person as no administrator for :data:`LEAVING_FOR`; return whether another one stays.

        Of administrators who leave at the same moment each is marked before any is counted: they cannot all go. A mark
        whose process died ends by itself.
        """
        await self._people.update_one({"_id": person_id}, {"$push": {"leaving": {"mark": mark, "at": self._now()}}})
        leaving: list[str] = await self._people.distinct("_id", {"leaving.at": {"$gt": self._now() - LEAVING_FOR}})
        administrators = await self.list_members(roles={"administrator"})
        return any(not each.disabled and each.id not in {person_id, *leaving} for each in administrators)

    async def unmark_leaving(self, person_id: str, mark: str) -> None:
        ended = {"$or": [{"mark": mark}, {"at": {"$lte": self._now() - LEAVING_FOR}}]}
        await self._people.update_one({"_id": person_id}, {"$pull": {"leaving": ended}})

    async def remove(self, person_id: str) -> bool:
        """Delete a disabled account; return whether it is gone."""
        await self._people.delete_one({"_id": person_id, "disabled_at": {"$ne": None}})
        return await self._people.find_one({"_id": person_id}, {"_id": 1}) is None

    async def touch(self, person_id: str) -> None:
        """Note that the person was seen now."""
        await self._people.update_one({"_id": person_id}, {"$set": {"last_seen": self._now()}})

    async def list_members(self, organisation: str | None = None, roles: Collection[Role] = ()) -> list[Person]:
        """List those with a membership of this organisation and one of these roles, by e-mail; disabled ones too."""
        wanted: Document = {"organisation": organisation} if organisation else {}
        if roles:
            wanted["role"] = {"$in": sorted(roles)}
        early = {"memberships": {"$exists": False}, **wanted}
        query: Document = {"$or": [{"memberships": {"$elemMatch": wanted}}, early]} if wanted else {}
        return [await self._parse(each) async for each in self._people.find(query).sort("email")]

    async def _find_document(self, email: str, *, typed: bool) -> Document | None:
        address, earlier = normalize_email(email), normalize_email_earlier(email)
        found = await self._people.find_one({"email": address})
        if found is None and typed and earlier != address:
            found = await self._people.find_one({"email": earlier})
        return found

    async def _find(self, query: Mapping[str, Any]) -> Person | None:
        found = await self._people.find_one(query)
        return await self._parse(found) if found else None

    async def _parse(self, document: Mapping[str, Any]) -> Person:
        organisations = await self._organisations.get_all()
        return parse_person(document, {slug: each.name for slug, each in organisations.items()})
