"""API keys ``kal_<id>_<secret>``: looked up by id, stored as the SHA-256 of the secret."""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from shared.accounts.digest import digest
from shared.database.client import ASCENDING, Binary, Collection, IndexModel, create_indexes

_KEY = re.compile(r"kal_([A-Za-z0-9-]{1,64})_([A-Za-z0-9_-]{16,200})")


class KeyMalformed(ValueError):
    """An id has letters, digits and hyphens, a secret at least 16 characters of base64url."""


@dataclass(frozen=True, slots=True)
class KeyOwner:
    """``membership`` is the key of the one that it acts by; None for a key of an earlier release: the first."""

    account_id: str
    membership: str | None


class ApiKeys:
    def __init__(self, collection: Collection, now: Callable[[], datetime]) -> None:
        self._keys = collection
        self._now = now

    async def prepare(self) -> None:
        await create_indexes(self._keys, [IndexModel([("account_id", ASCENDING)])])

    async def put(self, owner: KeyOwner, key_id: str, secret: str) -> None:
        """Idempotent; a revoked key stays revoked. Raises KeyMalformed."""
        match = _KEY.fullmatch(f"kal_{key_id}_{secret}")
        if match is None or match[1] != key_id:
            raise KeyMalformed
        kept = {"account_id": owner.account_id, "membership": owner.membership, "secret": Binary(digest(secret))}
        changed = {"$set": kept, "$setOnInsert": {"created_at": self._now(), "revoked_at": None}}
        await self._keys.update_one({"_id": key_id}, changed, upsert=True)

    async def create(self, owner: KeyOwner) -> tuple[str, str]:
        """Create a key and return its id, and the key in full, this once."""
        key_id, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
        await self.put(owner, key_id, secret)
        return key_id, f"kal_{key_id}_{secret}"

    async def revoke(self, key_id: str) -> bool:
        """Return whether it was active."""
        revoked = {"$set": {"revoked_at": self._now()}}
        done = await self._keys.update_one({"_id": key_id, "revoked_at": None}, revoked)
        return done.modified_count == 1

    async def find_owner(self, bearer: str) -> KeyOwner | None:
        """None if the key is unknown or revoked, or the secret is wrong."""
        match = _KEY.fullmatch(bearer)
        key = await self._keys.find_one({"_id": match[1], "revoked_at": None}) if match else None
        if match is None or key is None or not hmac.compare_digest(key["secret"], digest(match[2])):
            return None
        return KeyOwner(key["account_id"], key.get("membership"))

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
