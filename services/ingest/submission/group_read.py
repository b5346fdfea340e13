"""Group read: concurrent lookups by id are answered by one query."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping

from shared.database.client import Collection, Document


class GroupRead:
    """Batches concurrent lookups by id into one query (a data loader).

    A query costs the driver more than its documents, and the partitions of a topic are read concurrently. ``fields`` is
    the projection.
    """

    def __init__(self, collection: Collection, fields: Mapping[str, int]) -> None:
        self._collection = collection
        self._fields = fields
        self._next: tuple[set[str], asyncio.Task[dict[str, Document]]] | None = None
        self._expected: frozenset[str] = frozenset()
        self._prefetched: asyncio.Task[dict[str, Document]] | None = None

    def expect(self, keys: Iterable[str]) -> None:
        """Name the ids of the next lookups: the first reads all, the others get that answer, never an earlier one."""
        self._expected = frozenset(keys)
        self._prefetched = None

    async def find(self, key: str) -> Document | None:
        """Return the document as of now, or as of the first lookup of an expected id."""
        if key in self._expected:
            if self._prefetched is None or (self._prefetched.done() and not _is_read(self._prefetched)):
                self._prefetched = asyncio.create_task(self._query(self._expected))
            return (await asyncio.shield(self._prefetched)).get(key)
        if self._next is None:
            keys: set[str] = set()
            self._next = (keys, asyncio.create_task(self._read(keys)))
        keys, reading = self._next
        keys.add(key)
        return (await asyncio.shield(reading)).get(key)  # who goes away does not take the others' answer along

    async def _read(self, keys: set[str]) -> dict[str, Document]:
        await asyncio.sleep(0)  # those that run in this round of the loop come along
        self._next = None
        return await self._query(keys)

    async def _query(self, keys: Iterable[str]) -> dict[str, Document]:
        found = self._collection.find({"_id": {"$in": sorted(keys)}}, self._fields)
        return {each["_id"]: each async for each in found}


def _is_read(reading: asyncio.Task[dict[str, Document]]) -> bool:
    """Whether the query succeeded: an outage must not stay the answer."""
    return not reading.cancelled() and reading.exception() is None
