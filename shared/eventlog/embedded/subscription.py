"""A group's one member on the embedded log."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from shared.eventlog.embedded.answers import as_facts
from shared.eventlog.embedded.cursor import Cursor
from shared.eventlog.embedded.house import House
from shared.eventlog.embedded.offsets import Offsets
from shared.eventlog.embedded.right import ConsumingRight
from shared.eventlog.embedded.topic import StoredTopic
from shared.eventlog.port import Partition, PartitionLost, Polled


class EmbeddedSubscription:
    """Has every partition as long as this process may consume; the epoch is the lease's fence."""

    def __init__(
        self,
        house: House,
        right: ConsumingRight,
        offsets: Offsets,
        topics: Sequence[StoredTopic],
        closed: Callable[[], Awaitable[None]],
    ) -> None:
        self._house = house
        self._right = right
        self._offsets = offsets
        self._topics = topics
        self._closed = closed
        self._cursor: Cursor | None = None
        self._epoch = 0

    @property
    def epoch(self) -> int:
        """Rises when another process consumed in between."""
        return self._epoch

    @property
    def joining(self) -> bool:
        """Whether the first poll is yet to come."""
        return self._cursor is None

    async def poll(self, *, timeout: float, max_records: int) -> Polled:  # noqa: ASYNC109 - how long to wait for records, not a deadline
        """Wait for records; errors as the port says."""
        with as_facts():
            fence = await self._right.assert_held()
            if self._cursor is None or fence != self._epoch:
                self._epoch = fence
                self._cursor = Cursor(self._house, self._topics, await self._positions())
        epoch, cursor = self._epoch, self._cursor
        return Polled(epoch, await cursor.poll(timeout, max_records))

    async def commit(self, offsets: Mapping[Partition, int], epoch: int) -> None:
        """Keep how far each partition is done; errors as the port says."""
        if epoch != self._epoch:
            raise PartitionLost(f"epoch {epoch} is over, this is {self._epoch}")
        with as_facts():
            for partition, offset in offsets.items():
                await self._offsets.commit(partition.topic, offset, epoch)

    def seek(self, partition: Partition, offset: int) -> None:
        """Hand out this record next."""
        self._ours(partition).positions[partition] = offset

    def pause(self, partition: Partition) -> None:
        """Hand out nothing of it."""
        self._ours(partition).paused.add(partition)

    def resume(self, partition: Partition) -> None:
        """Hand out records of it again."""
        self._ours(partition).paused.discard(partition)

    async def lag(self) -> dict[Partition, int]:
        """Compare the positions with the ends; errors as the port says."""
        if self._cursor is None:
            raise PartitionLost("nothing was polled yet")
        ends = await self._cursor.ends()
        return {partition: max(0, end - self._cursor.positions[partition]) for partition, end in ends.items()}

    async def close(self) -> None:
        """Leave the group; the last one out gives the right to consume up."""
        await self._closed()

    def _ours(self, partition: Partition) -> Cursor:
        if self._cursor is None or partition not in self._cursor.positions:
            raise PartitionLost(f"{partition.topic} is not ours")
        return self._cursor

    async def _positions(self) -> dict[Partition, int]:
        """Start where the group is done; at the beginning if it is new or the topic was made anew."""
        positions = {}
        for topic in self._topics:
            committed = await self._offsets.committed(topic.topic.name)
            within = committed is not None and committed <= await topic.end()
            positions[topic.partition] = committed if committed is not None and within else await topic.first()
        return positions
