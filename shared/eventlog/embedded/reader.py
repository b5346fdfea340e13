"""Reads topics of the embedded log without a group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from shared.eventlog.embedded.cursor import Cursor
from shared.eventlog.port import Partition, Record


class EmbeddedReader:
    """A reader; any process may have one."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    @property
    def positions(self) -> Mapping[Partition, int]:
        """The next offset of each partition."""
        return self._cursor.positions

    async def poll(self, *, timeout: float, max_records: int) -> Mapping[Partition, Sequence[Record]]:  # noqa: ASYNC109 - how long to wait for records, not a deadline
        """Wait for records; errors as the port says."""
        return await self._cursor.poll(timeout, max_records)

    async def ends(self) -> dict[Partition, int]:
        """Give the end of each partition; errors as the port says."""
        return await self._cursor.ends()

    async def close(self) -> None:
        """There is nothing to close."""
