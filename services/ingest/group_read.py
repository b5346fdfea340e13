"""Group read: who asks for documents at the same moment is answered by one query."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from shared.database import Collection, Document


class GroupRead:
    """Finds documents of one collection by their ids.

    A query costs the driver much more than the documents in it, and the partitions of a topic are read side by side.

    Args:
        collection: where they are kept.
        fields: which fields to read, as a projection.

    """

    def __init__(self, collection: Collection, fields: Mapping[str, int]) -> None:
        self._collection = collection
        self._fields = fields
        self._next: tuple[set[str], asyncio.Task[dict[str, Document]]] | None = None

    async def ask(self, key: str) -> Document | None:
        """Find a document as it is now or a moment later; None if there is none.

        Raises:
            PyMongoError: if the database is away.

        """
        if self._next is None:
            keys: set[str] = set()
            self._next = (keys, asyncio.create_task(self._read(keys)))
        keys, reading = self._next
        keys.add(key)
        return (await asyncio.shield(reading)).get(key)  # who goes away does not take the others' answer along

    async def _read(self, keys: set[str]) -> dict[str, Document]:
        await asyncio.sleep(0)  # those that run in this round of the loop come along
        self._next = None
        found = self._collection.find({"_id": {"$in": sorted(keys)}}, self._fields)
        return {each["_id"]: each async for each in found}
