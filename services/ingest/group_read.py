"""Group read: who asks for documents at the same moment, or is known to ask for them soon, is answered by one query."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping

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
        self._expected: frozenset[str] = frozenset()
        self._foreseen: asyncio.Task[dict[str, Document]] | None = None

    def expect(self, keys: Iterable[str]) -> None:
        """Say for which documents will be asked next, instead of those named before.

        The first question reads all of them; the others get the answer of that moment, never one from before this call.
        """
        self._expected = frozenset(keys)
        self._foreseen = None

    async def ask(self, key: str) -> Document | None:
        """Find a document as it is now or a moment later, or as it was after it was expected; None if there is none.

        Raises:
            PyMongoError: if the database is away.

        """
        if key in self._expected:
            if self._foreseen is None or (self._foreseen.done() and not _is_read(self._foreseen)):
                self._foreseen = asyncio.create_task(self._find(self._expected))
            return (await asyncio.shield(self._foreseen)).get(key)
        if self._next is None:
            keys: set[str] = set()
            self._next = (keys, asyncio.create_task(self._read(keys)))
        keys, reading = self._next
        keys.add(key)
        return (await asyncio.shield(reading)).get(key)  # who goes away does not take the others' answer along

    async def _read(self, keys: set[str]) -> dict[str, Document]:
        await asyncio.sleep(0)  # those that run in this round of the loop come along
        self._next = None
        return await self._find(keys)

    async def _find(self, keys: Iterable[str]) -> dict[str, Document]:
        found = self._collection.find({"_id": {"$in": sorted(keys)}}, self._fields)
        return {each["_id"]: each async for each in found}


def _is_read(reading: asyncio.Task[dict[str, Document]]) -> bool:
    """Tell whether it has an answer: an outage is nobody's answer for long."""
    return not reading.cancelled() and reading.exception() is None
