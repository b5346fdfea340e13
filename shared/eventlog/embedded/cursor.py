"""Goes through topics of the embedded log from a position on, woken by what is appended."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from shared.eventlog.embedded.answers import as_facts
from shared.eventlog.embedded.house import House
from shared.eventlog.embedded.topic import StoredTopic
from shared.eventlog.port import Partition, Record

POLL_SECONDS = 0.25
"""How often is looked without a ring: another process may have appended."""


class Cursor:
    """Positions in topics; paused ones are passed by."""

    def __init__(self, house: House, topics: Sequence[StoredTopic], positions: Mapping[Partition, int]) -> None:
        self.positions = dict(positions)
        self.paused: set[Partition] = set()
        self._topics = {topic.partition: topic for topic in topics}
        self._listener = house.listener([topic.topic.name for topic in topics])

    async def poll(self, seconds: float, max_records: int) -> Mapping[Partition, Sequence[Record]]:
        """Take what there is, or wait for it.

        Raises:
            LogAway: the database is away.

        """
        until = time.monotonic() + seconds
        while True:
            self._listener.listen()
            batches = await self._take(max_records)
            left = until - time.monotonic()
            if batches or left <= 0:
                return batches
            await self._listener.wait(min(left, POLL_SECONDS))

    async def ends(self) -> dict[Partition, int]:
        """Give the end of each partition.

        Raises:
            LogAway: the database is away.

        """
        with as_facts():
            return {partition: await topic.end() for partition, topic in self._topics.items()}

    async def _take(self, max_records: int) -> Mapping[Partition, Sequence[Record]]:
        batches: dict[Partition, Sequence[Record]] = {}
        for partition, topic in self._topics.items():
            if partition in self.paused or max_records <= 0:
                continue
            with as_facts():
                records = await topic.read(self.positions[partition], max_records)
            if records:
                batches[partition] = records
                max_records -= len(records)
        for partition, records in batches.items():
            self.positions[partition] = records[-1].offset + 1
        return batches
