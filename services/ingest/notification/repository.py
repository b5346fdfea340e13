"""Notifications that digests gather; they are removed after :data:`KEPT`."""

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
