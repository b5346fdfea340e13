"""Committed offsets of groups, fenced against a process that lost its lease."""

from __future__ import annotations

from shared.database.client import Collection, DuplicateKeyError
from shared.eventlog.port import PartitionLost


class Offsets:
    def __init__(self, collection: Collection, group: str) -> None:
        self._collection = collection
        self._group = group

    async def get_committed(self, topic: str) -> int | None:
        """The offset of the next record to handle, None if the group is new."""
        found = await self._collection.find_one({"_id": f"{self._group}/{topic}"})
        return int(found["offset"]) if found else None

    async def commit(self, topic: str, offset: int, fencing_token: int) -> None:
        """Raises PartitionLost if a later holder of the lease has committed."""
        try:
            await self._collection.update_one(
                {"_id": f"{self._group}/{topic}", "fence": {"$lte": fencing_token}},
                {"$set": {"offset": offset, "fence": fencing_token}},
                upsert=True,
            )
        except DuplicateKeyError:
            raise PartitionLost(f"another process has consumed {topic}") from None
