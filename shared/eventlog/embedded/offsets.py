"""How far each group is done with each topic, fenced against a process that lost its lease."""

from __future__ import annotations

from shared.database import Collection, DuplicateKeyError
from shared.eventlog.port import PartitionLost


class Offsets:
    """One document a group and topic."""

    def __init__(self, collection: Collection, group: str) -> None:
        self._collection = collection
        self._group = group

    async def committed(self, topic: str) -> int | None:
        """Give the offset of the next record to handle, None if the group is new."""
        found = await self._collection.find_one({"_id": f"{self._group}/{topic}"})
        return int(found["offset"]) if found else None

    async def commit(self, topic: str, offset: int, fence: int) -> None:
        """Keep an offset, unless a later holder of the lease has kept one.

        Raises:
            PartitionLost: a later holder has.

        """
        try:
            await self._collection.update_one(
                {"_id": f"{self._group}/{topic}", "fence": {"$lte": fence}},
                {"$set": {"offset": offset, "fence": fence}},
                upsert=True,
            )
        except DuplicateKeyError:
            raise PartitionLost(f"another process has gone on with {topic}") from None
