"""Reader of the embedded log, without a group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from shared.eventlog.mongo.cursor import Cursor
from shared.eventlog.port import Partition, Record


class EmbeddedReader:
    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    @property
    def positions(self) -> Mapping[Partition, int]:
        return self._cursor.positions

    async def poll(self, *, timeout: float, max_records: int) -> Mapping[Partition, Sequence[Record]]:  # noqa: ASYNC109 - how long to wait for records, not a deadline
        return await self._cursor.poll(timeout, max_records)

    async def get_ends(self) -> dict[Partition, int]:
        return await self._cursor.get_ends()

    async def close(self) -> None:
        """There is nothing to close."""
