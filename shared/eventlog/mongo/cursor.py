"""Cursor: reads topics of the embedded log from positions; an append in this process wakes it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from shared.eventlog.mongo.errors import translate_errors
from shared.eventlog.mongo.process import ProcessRegistry
from shared.eventlog.mongo.topic import StoredTopic
from shared.eventlog.port import Partition, Record

# Another process may have appended, which wakes nobody.
POLL_SECONDS = 0.25


class Cursor:
    def __init__(
        self, registry: ProcessRegistry, topics: Sequence[StoredTopic], positions: Mapping[Partition, int]
    ) -> None:
        self.positions = dict(positions)
        self.paused: set[Partition] = set()
        self._topics = {topic.partition: topic for topic in topics}
        self._listener = registry.create_listener([topic.topic.name for topic in topics])

    async def poll(self, seconds: float, max_records: int) -> Mapping[Partition, Sequence[Record]]:
        """Raises LogUnavailable."""
        until = time.monotonic() + seconds
        while True:
            self._listener.listen()
            batches = await self._take(max_records)
            left = until - time.monotonic()
            if batches or left <= 0:
                return batches
            await self._listener.wait(min(left, POLL_SECONDS))

    async def get_ends(self) -> dict[Partition, int]:
        """Raises LogUnavailable."""
        with translate_errors():
            return {partition: await topic.find_end() for partition, topic in self._topics.items()}

    async def _take(self, max_records: int) -> Mapping[Partition, Sequence[Record]]:
        batches: dict[Partition, Sequence[Record]] = {}
        for partition, topic in self._topics.items():
            if partition in self.paused or max_records <= 0:
                continue
            with translate_errors():
                records = await topic.read(self.positions[partition], max_records)
            if records:
                batches[partition] = records
                max_records -= len(records)
        for partition, records in batches.items():
            self.positions[partition] = records[-1].offset + 1
        return batches
