"""API keys ``kal_<id>_<secret>``: the id finds a key, the SHA-256 of the secret is what is kept of it."""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Callable
from datetime import datetime

from shared.database import ASCENDING, Binary, Collection, IndexModel, make_indexes
from shared.web.digest import digest

_KEY = re.compile(r"kal_([A-Za-z0-9-]{1,64})_([A-Za-z0-9_-]{16,200})")


class KeyMalformed(ValueError):
    """An id has letters, digits and hyphens, a secret at least 16 characters of base64url."""


class Keys:
    """The keys of an installation; ``now`` gives the present instant."""

    def __init__(self, collection: Collection, now: Callable[[], datetime]) -> None:
        self._keys = collection
        self._now = now

    async def prepare(self) -> None:
        """Make the indexes; repeating it changes nothing."""
        await make_indexes(self._keys, [IndexModel([("account_id", ASCENDING)])])

    async def put(self, account_id: str, key_id: str, secret: str) -> None:
        """Keep a key for an account; the same again changes nothing, and a revoked one stays revoked.

        Raises:
            KeyMalformed: if it could not be written as a key.

        """
        match = _KEY.fullmatch(f"kal_{key_id}_{secret}")
        if match is None or match[1] != key_id:
            raise KeyMalformed
        kept = {"account_id": account_id, "secret": Binary(digest(secret))}
        changed = {"$set": kept, "$setOnInsert": {"created_at": self._now(), "revoked_at": None}}
        await self._keys.update_one({"_id": key_id}, changed, upsert=True)

    async def make(self, account_id: str) -> str:
        """Make a key for an account and give it whole; it is shown this once."""
        key_id, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
        await self.put(account_id, key_id, secret)
        return f"kal_{key_id}_{secret}"

    async def revoke(self, key_id: str) -> bool:
        """End a key; tell whether it still worked."""
        revoked = {"$set": {"revoked_at": self._now()}}
        done = await self._keys.update_one({"_id": key_id, "revoked_at": None}, revoked)
        return done.modified_count == 1

    async def account_id(self, bearer: str) -> str | None:
        """Give the id of the account of a key; None if it is unknown, another's secret, or revoked."""
        match = _KEY.fullmatch(bearer)
        key = await self._keys.find_one({"_id": match[1], "revoked_at": None}) if match else None
        if match is None or key is None or not hmac.compare_digest(key["secret"], digest(match[2])):
            return None
        found: str = key["account_id"]
        return found

    async def by_account(self) -> dict[str, list[str]]:
        """Give the ids of the keys that work, by account."""
        found: dict[str, list[str]] = {}
        async for key in self._keys.find({"revoked_at": None}).sort("_id"):
            found.setdefault(key["account_id"], []).append(key["_id"])
        return found
