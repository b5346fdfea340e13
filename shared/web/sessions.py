"""Sessions: who is logged in, on the server's side, so that any of them can be ended.

The browser holds 256 random bits, the database their SHA-256. A session ends after :data:`IDLE` without use, and after
:data:`LONGEST` in any case; MongoDB sweeps up what has ended.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from shared.database import ASCENDING, Collection, IndexModel, make_indexes
from shared.web.digest import digest

IDLE: Final = timedelta(hours=8)
LONGEST: Final = timedelta(days=7)
NOTED_EVERY: Final = timedelta(minutes=5)
"""How often the use of a session is written down."""


class Sessions:
    """The sessions of an installation; ``now`` gives the present instant."""

    def __init__(self, collection: Collection, now: Callable[[], datetime]) -> None:
        self._sessions = collection
        self._now = now

    async def prepare(self) -> None:
        """Make the indexes; repeating it changes nothing."""
        await make_indexes(
            self._sessions,
            [IndexModel([("ends_at", ASCENDING)], expireAfterSeconds=0), IndexModel([("account_id", ASCENDING)])],
        )

    async def begin(self, account_id: str) -> str:
        """Begin a session and give its token, for the cookie."""
        token, now = secrets.token_urlsafe(32), self._now()
        session = {"account_id": account_id, "created_at": now, "used_at": now, "ends_at": now + IDLE}
        await self._sessions.insert_one({"_id": digest(token).hex(), **session})
        return token

    async def account_id(self, token: str) -> str | None:
        """Give the id of the account of a session, and note its use; None if it is over or never was."""
        key, now = digest(token).hex(), self._now()
        session = await self._sessions.find_one({"_id": key})
        if session is None or session["ends_at"] <= now:
            return None
        if now - session["used_at"] >= NOTED_EVERY:
            ends_at = min(now + IDLE, session["created_at"] + LONGEST)
            await self._sessions.update_one({"_id": key}, {"$set": {"used_at": now, "ends_at": ends_at}})
        found: str = session["account_id"]
        return found

    async def end(self, token: str) -> None:
        """End a session; ending one that is over changes nothing."""
        await self._sessions.delete_one({"_id": digest(token).hex()})

    async def end_all(self, account_id: str) -> None:
        """End all sessions of an account."""
        await self._sessions.delete_many({"account_id": account_id})
