"""Stored topic: one collection, a document a record, the offset as ``_id``."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import uuid4

from shared.database.client import (
    ASCENDING,
    DESCENDING,
    Collection,
    Database,
    Document,
    DuplicateKeyError,
    IndexModel,
    create_indexes,
)
from shared.eventlog.port import Outgoing, Partition, Record, RecordRefused
from shared.eventlog.topics import Topic

PREFIX = "log."
DEFAULT_MAX_BYTES = 1_048_588


class StoredTopic:
    """A topic of the embedded log; it has one partition, number 0."""

    def __init__(self, database: Database, topic: Topic) -> None:
        self.topic = topic
        self.partition = Partition(topic.name, 0)
        self._collection: Collection = database[PREFIX + topic.name]
        self._is_compact = topic.settings.get("cleanup.policy") == "compact"
        self._max_bytes = int(topic.settings.get("max.message.bytes", DEFAULT_MAX_BYTES))
        self._appending = asyncio.Lock()
        self._next: int | None = None
        self._indexed = False

    async def append(self, outgoing: Outgoing) -> int:
        """Write to a majority; returns the offset. Raises RecordRefused, PyMongoError."""
        # Another process may take the next offset first: then the ``_id`` is a duplicate and the one after is tried. A
        # token tells a record of another process from our own whose answer was lost.
        self._check(outgoing)
        fields = {
            "key": outgoing.key,
            "value": outgoing.value,
            "headers": [list(header) for header in outgoing.headers],
        }
        token = uuid4().hex
        async with self._appending:
            await self._index()
            offset = self._next if self._next is not None else await self.find_end()
            while not await self._put(offset, token, fields):
                offset += 1
            self._next = offset + 1
            return offset

    async def read(self, position: int, limit: int) -> Sequence[Record]:
        found = self._collection.find({"_id": {"$gte": position}}, sort=[("_id", ASCENDING)], limit=limit)
        return [self._record(document) async for document in found]

    async def find_first(self) -> int:
        """Of the oldest record that is left, or of the next one to come."""
        oldest = await self._collection.find_one({}, {"_id": True}, sort=[("_id", ASCENDING)])
        return int(oldest["_id"]) if oldest else 0

    async def find_end(self) -> int:
        newest = await self._collection.find_one({}, {"_id": True}, sort=[("_id", DESCENDING)])
        return int(newest["_id"]) + 1 if newest else 0

    async def compact(self) -> int:
        """Remove what is superseded or too old, by the database's clock, never the newest record; returns how many."""
        await self._index()
        newest = await self.find_end() - 1
        return await self._remove_superseded() if self._is_compact else await self._remove_expired(newest)

    async def _put(self, offset: int, token: str, fields: Document) -> bool:
        try:
            await self._collection.update_one(
                {"_id": offset, "token": token},
                {"$setOnInsert": fields, "$currentDate": {"at": True}},
                upsert=True,
            )
        except DuplicateKeyError:
            return False
        return True

    async def _remove_superseded(self) -> int:
        # A value older than ``min.compaction.lag.ms`` whose key has a newer one.
        before = await self._compute_cutoff("min.compaction.lag.ms", "0")
        steps: list[Document] = [
            {"$group": {"_id": "$key", "newest": {"$max": "$_id"}, "values": {"$sum": 1}}},
            {"$match": {"values": {"$gt": 1}}},
        ]
        removed = 0
        async with await self._collection.aggregate(steps, allowDiskUse=True) as keys:
            async for key in keys:
                superseded = {"key": key["_id"], "_id": {"$lt": key["newest"]}, "at": {"$lt": before}}
                removed += (await self._collection.delete_many(superseded)).deleted_count
        return removed

    async def _remove_expired(self, newest: int) -> int:
        if "retention.ms" not in self.topic.settings:
            return 0
        before = await self._compute_cutoff("retention.ms", "0")
        return (await self._collection.delete_many({"_id": {"$lt": newest}, "at": {"$lt": before}})).deleted_count

    async def _compute_cutoff(self, setting: str, default: str) -> datetime:
        hello = await self._collection.database.command("hello")
        now: datetime = hello["localTime"]
        return now - timedelta(milliseconds=int(self.topic.settings.get(setting, default)))

    async def _index(self) -> None:
        if not self._indexed:
            wanted = [("key", ASCENDING), ("_id", ASCENDING)] if self._is_compact else [("at", ASCENDING)]
            await create_indexes(self._collection, [IndexModel(wanted)])
            self._indexed = True

    def _check(self, outgoing: Outgoing) -> None:
        if outgoing.key is None and self._is_compact:
            raise RecordRefused(f"a record of {self.topic.name} needs a key")
        size = len(outgoing.key or b"") + len(outgoing.value or b"")
        size += sum(len(name.encode()) + len(value or b"") for name, value in outgoing.headers)
        if size > self._max_bytes:
            raise RecordRefused(f"the record has {size} bytes, {self.topic.name} takes {self._max_bytes}")

    def _record(self, document: Document) -> Record:
        return Record(
            self.partition,
            document["_id"],
            round(document["at"].timestamp() * 1000),
            document["key"],
            document["value"],
            tuple((name, value) for name, value in document["headers"]),
        )
