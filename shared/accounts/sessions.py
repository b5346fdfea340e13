"""Server-side sessions, so that each can be revoked.

The browser stores a token of 256 random bits, the database its SHA-256. A session expires :data:`IDLE_TIMEOUT` after
its last use and :data:`MAX_AGE` after its creation; a TTL index deletes expired ones.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from shared.accounts.digest import digest
from shared.database.client import ASCENDING, DESCENDING, Collection, IndexModel, create_indexes

IDLE_TIMEOUT: Final = timedelta(hours=8)
MAX_AGE: Final = timedelta(days=7)
TOUCH_INTERVAL: Final = timedelta(minutes=5)
"""How often the use of a session is written to the database."""
MAX_BROWSER: Final = 60
MAX_LISTED: Final = 100


@dataclass(frozen=True, slots=True)
class SessionUse:
    """``membership`` is the key of the one that was chosen, None before any; ``touched``: this use was written down."""

    account_id: str
    membership: str | None
    touched: bool


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """A session as its person sees it; ``used_at`` is exact to :data:`TOUCH_INTERVAL`."""

    id: str
    browser: str
    created_at: datetime
    used_at: datetime


class Sessions:
    def __init__(self, collection: Collection, now: Callable[[], datetime]) -> None:
        self._sessions = collection
        self._now = now

    async def prepare(self) -> None:
        await create_indexes(
            self._sessions,
            [IndexModel([("ends_at", ASCENDING)], expireAfterSeconds=0), IndexModel([("account_id", ASCENDING)])],
        )

    async def create(self, account_id: str, *, browser: str = "") -> str:
        """Create a session and return its token; ``browser`` is shown to the person."""
        token, now = secrets.token_urlsafe(32), self._now()
        session = {"account_id": account_id, "created_at": now, "used_at": now, "ends_at": now + IDLE_TIMEOUT}
        await self._sessions.insert_one({"_id": derive_session_id(token), **session, "browser": browser[:MAX_BROWSER]})
        return token

    async def use(self, token: str) -> SessionUse | None:
        """Find a session and extend it; None if it has expired or is unknown."""
        key, now = derive_session_id(token), self._now()
        session = await self._sessions.find_one({"_id": key})
        if session is None or session["ends_at"] <= now:
            return None
        touched = now - session["used_at"] >= TOUCH_INTERVAL
        if touched:
            ends_at = min(now + IDLE_TIMEOUT, session["created_at"] + MAX_AGE)
            await self._sessions.update_one({"_id": key}, {"$set": {"used_at": now, "ends_at": ends_at}})
        return SessionUse(session["account_id"], session.get("membership"), touched)

    async def choose_membership(self, token: str, membership: str) -> None:
        """Act by this membership from now on; nothing happens without such a session."""
        await self._sessions.update_one({"_id": derive_session_id(token)}, {"$set": {"membership": membership}})

    async def end(self, token: str) -> None:
        """Idempotent."""
        await self._sessions.delete_one({"_id": derive_session_id(token)})

    async def list(self, account_id: str) -> list[SessionRecord]:
        """Those that have not expired, the one used last first."""
        valid = {"account_id": account_id, "ends_at": {"$gt": self._now()}}
        found = self._sessions.find(valid).sort("used_at", DESCENDING).limit(MAX_LISTED)
        return [
            SessionRecord(each["_id"], each.get("browser", ""), each["created_at"], each["used_at"])
            async for each in found
        ]

    async def end_by_id(self, account_id: str, session_id: str) -> None:
        """Idempotent; somebody else's session stays."""
        await self._sessions.delete_one({"_id": session_id, "account_id": account_id})

    async def end_others(self, account_id: str, token: str) -> None:
        """End all of a person's sessions but the one with this token."""
        await self._sessions.delete_many({"account_id": account_id, "_id": {"$ne": derive_session_id(token)}})

    async def end_all(self, account_id: str) -> None:
        await self._sessions.delete_many({"account_id": account_id})


def derive_session_id(token: str) -> str:
    """Nobody can derive the token from it."""
    return digest(token).hex()
