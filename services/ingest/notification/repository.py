"""Notifications that digests gather, removed after :data:`KEPT`, and until when digests told each person."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import msgspec

from services.ingest.notification.model import Notification
from shared.database.client import ASCENDING, Database, IndexModel, create_indexes

KEPT: Final = timedelta(days=60)
MOST: Final = 1_000
"""In one digest."""


class Notifications:
    def __init__(self, database: Database) -> None:
        self._collection = database["notifications"]
        self._told = database["digests"]

    async def prepare(self) -> None:
        await create_indexes(
            self._collection,
            [
                IndexModel([("organisation", ASCENDING), ("noted_at", ASCENDING)]),
                IndexModel([("noted_at", ASCENDING)], expireAfterSeconds=int(KEPT.total_seconds())),
            ],
        )

    async def keep(self, notification: Notification) -> None:
        """Idempotent. The database's clock says when: a digest that is sent later tells what is kept after the last."""
        fields = msgspec.to_builtins(notification)
        noted = {"noted_at": {"$ifNull": ["$noted_at", "$$NOW"]}}
        literal = {name: {"$literal": value} for name, value in fields.items()}
        await self._collection.update_one({"_id": notification.key}, [{"$set": literal | noted}], upsert=True)

    async def list_between(self, organisations: list[str], start: datetime, end: datetime) -> list[Notification]:
        """Oldest first; ``end`` is not included."""
        query = {"organisation": {"$in": organisations}, "noted_at": {"$gte": start, "$lt": end}}
        found = self._collection.find(query).sort("noted_at", ASCENDING).limit(MOST)
        return [msgspec.convert(each, Notification) async for each in found]

    async def find_told_until(self, person_id: str) -> datetime | None:
        """None for who got no digest yet."""
        found = await self._told.find_one({"_id": person_id})
        return found["told_until"] if found else None

    async def note_told(self, person_id: str, until: datetime) -> None:
        """Idempotent; it only rises."""
        await self._told.update_one({"_id": person_id}, {"$max": {"told_until": until}}, upsert=True)

    async def begin_digests(self, person_id: str, at: datetime) -> None:
        """Start with what is new from ``at`` on, unless something older is still to be told."""
        await self._told.update_one({"_id": person_id}, {"$setOnInsert": {"told_until": at}}, upsert=True)

    async def end_digests(self, person_id: str) -> None:
        await self._told.delete_one({"_id": person_id})
