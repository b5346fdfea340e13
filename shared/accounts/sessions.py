"""Server-side sessions, so that each can be revoked.

The browser stores a token of 256 random bits, the database its SHA-256. A session expires :data:`IDLE_TIMEOUT` after
its last use and :data:`MAX_AGE` after its creation; a TTL index deletes expired ones.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from shared.accounts.digest import digest
from shared.database.client import ASCENDING, Collection, IndexModel, create_indexes

IDLE_TIMEOUT: Final = timedelta(hours=8)
MAX_AGE: Final = timedelta(days=7)
TOUCH_INTERVAL: Final = timedelta(minutes=5)
"""How often the use of a session is written to the database."""


class Sessions:
    def __init__(self, collection: Collection, now: Callable[[], datetime]) -> None:
        self._sessions = collection
        self._now = now

    async def prepare(self) -> None:
        await create_indexes(
            self._sessions,
            [IndexModel([("ends_at", ASCENDING)], expireAfterSeconds=0), IndexModel([("account_id", ASCENDING)])],
        )

    async def create(self, account_id: str) -> str:
        """Create a session and return its token."""
        token, now = secrets.token_urlsafe(32), self._now()
        session = {"account_id": account_id, "created_at": now, "used_at": now, "ends_at": now + IDLE_TIMEOUT}
        await self._sessions.insert_one({"_id": digest(token).hex(), **session})
        return token

    async def find_account_id(self, token: str) -> str | None:
        """Find the account of a session and extend the session; None if it has expired or is unknown."""
        key, now = digest(token).hex(), self._now()
        session = await self._sessions.find_one({"_id": key})
        if session is None or session["ends_at"] <= now:
            return None
        if now - session["used_at"] >= TOUCH_INTERVAL:
            ends_at = min(now + IDLE_TIMEOUT, session["created_at"] + MAX_AGE)
            await self._sessions.update_one({"_id": key}, {"$set": {"used_at": now, "ends_at": ends_at}})
        found: str = session["account_id"]
        return found

    async def end(self, token: str) -> None:
        """Idempotent."""
        await self._sessions.delete_one({"_id": digest(token).hex()})

    async def end_all(self, account_id: str) -> None:
        await self._sessions.delete_many({"account_id": account_id})
