"""Wrong late codes of an organisation, counted by all replicas: after ten no code is looked at for a while."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil
from typing import Final

from shared.database.client import Collection, Database, IndexModel, create_indexes

MOST: Final = 10
WINDOW: Final = timedelta(minutes=10)


class LateCodeThrottled(Exception):
    """Too many wrong codes; ``retry_after`` is in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"for {retry_after} s")
        self.retry_after = retry_after


class LateCodeGuesses:
    def __init__(self, database: Database) -> None:
        self.collection: Collection = database["late_code_guesses"]

    async def prepare(self) -> None:
        await create_indexes(self.collection, [IndexModel([("ends_at", 1)], expireAfterSeconds=0)])

    async def check(self, organisation: str, *, now: datetime) -> None:
        """Raises LateCodeThrottled."""
        found = await self.collection.find_one({"_id": organisation})
        recent = [each for each in (found or {}).get("at", []) if each + WINDOW > now]
        if len(recent) >= MOST:
            raise LateCodeThrottled(max(1, ceil((min(recent) + WINDOW - now).total_seconds())))

    async def count(self, organisation: str, *, now: datetime) -> None:
        update = {"$push": {"at": {"$each": [now], "$slice": -MOST}}, "$set": {"ends_at": now + WINDOW}}
        await self.collection.update_one({"_id": organisation}, update, upsert=True)
