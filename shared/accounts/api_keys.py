"""API keys ``kal_<id>_<secret>``: looked up by id, stored as the SHA-256 of the secret."""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from shared.accounts.digest import digest
from shared.database.client import (
    ASCENDING,
    Binary,
    Collection,
    Document,
    DuplicateKeyError,
    IndexModel,
    create_indexes,
)

MAX_ACTIVE: Final = 2
"""Keys of one membership that a person makes for themselves: the one in use, and the one that replaces it."""
MAX_LABEL: Final = 60
USE_INTERVAL: Final = timedelta(minutes=5)
"""How often the use of a key is written to the database."""
_KEY = re.compile(r"kal_([A-Za-z0-9-]{1,64})_([A-Za-z0-9_-]{16,200})")


class KeyMalformed(ValueError):
    """An id has letters, digits and hyphens, a secret at least 16 characters of base64url."""


class TooManyKeys(Exception):
    """As many keys of the membership work as are allowed."""


@dataclass(frozen=True, slots=True)
class KeyOwner:
    """``membership`` is the key of the one that it acts by; None for a key of an earlier release: the first."""

    account_id: str
    membership: str | None


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """An active key without its secret; ``used_at`` is exact to :data:`USE_INTERVAL`."""

    id: str
    owner: KeyOwner
    label: str
    created_at: datetime
    used_at: datetime | None


class ApiKeys:
    def __init__(self, collection: Collection, now: Callable[[], datetime]) -> None:
        self._keys = collection
        self._now = now

    async def prepare(self) -> None:
        slots = IndexModel([("slot", ASCENDING)], unique=True, sparse=True)
        await create_indexes(self._keys, [IndexModel([("account_id", ASCENDING)]), slots])

    async def put(self, owner: KeyOwner, key_id: str, secret: str) -> None:
        """Idempotent; a revoked key stays revoked. Raises KeyMalformed."""
        match = _KEY.fullmatch(f"kal_{key_id}_{secret}")
        if match is None or match[1] != key_id:
            raise KeyMalformed
        kept = {"account_id": owner.account_id, "membership": owner.membership, "secret": Binary(digest(secret))}
        changed = {"$set": kept, "$setOnInsert": {"created_at": self._now(), "revoked_at": None}}
        await self._keys.update_one({"_id": key_id}, changed, upsert=True)

    async def create(self, owner: KeyOwner, *, label: str = "", most: int | None = None) -> tuple[str, str]:
        """Create a key and return its id, and the key in full, this once.

        Raises TooManyKeys if ``most`` keys of the owner work.
        """
        key_id, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
        owned = {"account_id": owner.account_id, "membership": owner.membership, "revoked_at": None}
        kept = owned | {"_id": key_id, "secret": Binary(digest(secret)), "label": label, "created_at": self._now()}
        if most is None:
            await self._keys.insert_one(kept)
        elif await self._keys.count_documents(owned) >= most or not await self._insert_in_slot(kept, owner, most):
            raise TooManyKeys
        return key_id, f"kal_{key_id}_{secret}"

    async def _insert_in_slot(self, kept: Document, owner: KeyOwner, most: int) -> bool:
        """An owner has so many slots, so that two at once cannot both take the last one."""
        for number in range(most):
            with suppress(DuplicateKeyError):
                await self._keys.insert_one(kept | {"slot": f"{owner.account_id}:{owner.membership}:{number}"})
                return True
        return False

    async def revoke(self, key_id: str) -> bool:
        """Return whether it was active."""
        revoked = {"$set": {"revoked_at": self._now()}, "$unset": {"slot": ""}}
        done = await self._keys.update_one({"_id": key_id, "revoked_at": None}, revoked)
        return done.modified_count == 1

    async def find_owner(self, bearer: str) -> KeyOwner | None:
        """None if the key is unknown or revoked, or the secret is wrong."""
        match = _KEY.fullmatch(bearer)
        key = await self._keys.find_one({"_id": match[1], "revoked_at": None}) if match else None
        if match is None or key is None or not hmac.compare_digest(key["secret"], digest(match[2])):
            return None
        await self._note_use(key)
        return KeyOwner(key["account_id"], key.get("membership"))

    async def _note_use(self, key: Document) -> None:
        now, before = self._now(), key.get("used_at")
        if before is None or now - before >= USE_INTERVAL:
            await self._keys.update_one({"_id": key["_id"]}, {"$set": {"used_at": now}})

    async def list_records(self, account_id: str | None = None) -> list[KeyRecord]:
        """The active keys of a person, or of everybody; oldest first."""
        wanted: Document = {"revoked_at": None} | ({"account_id": account_id} if account_id else {})
        return [_parse(each) async for each in self._keys.find(wanted).sort([("created_at", 1), ("_id", 1)])]

    async def list_by_owner(self) -> dict[KeyOwner, list[str]]:
        """The ids of the active keys."""
        found: dict[KeyOwner, list[str]] = {}
        async for key in self._keys.find({"revoked_at": None}).sort("_id"):
            found.setdefault(KeyOwner(key["account_id"], key.get("membership")), []).append(key["_id"])
        return found

    async def bind(self, account_id: str, membership: str) -> None:
        """Give the keys of an earlier release, which had no membership, the only one that the account had."""
        unbound = {"account_id": account_id, "membership": {"$exists": False}}
        await self._keys.update_many(unbound, {"$set": {"membership": membership}})


def _parse(document: Document) -> KeyRecord:
    return KeyRecord(
        id=document["_id"],
        owner=KeyOwner(document["account_id"], document.get("membership")),
        label=document.get("label", ""),
        created_at=document["created_at"],
        used_at=document.get("used_at"),
    )
