"""Subscription of the embedded log: the one member of a group."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from shared.eventlog.mongo.consumer_lease import ConsumerLease
from shared.eventlog.mongo.cursor import Cursor
from shared.eventlog.mongo.errors import translate_errors
from shared.eventlog.mongo.offsets import Offsets
from shared.eventlog.mongo.process import ProcessRegistry
from shared.eventlog.mongo.topic import StoredTopic
from shared.eventlog.port import Partition, PartitionLost, PollResult


class EmbeddedSubscription:
    """Has every partition while this process holds the consumer lease; the epoch is its fencing token."""

    def __init__(
        self,
        registry: ProcessRegistry,
        lease: ConsumerLease,
        offsets: Offsets,
        topics: Sequence[StoredTopic],
        closed: Callable[[], Awaitable[None]],
    ) -> None:
        self._registry = registry
        self._lease = lease
        self._offsets = offsets
        self._topics = topics
        self._closed = closed
        self._cursor: Cursor | None = None
        self._epoch = 0

    @property
    def epoch(self) -> int:
        return self._epoch

    @property
    def joining(self) -> bool:
        # Until the first poll.
        return self._cursor is None

    async def poll(self, *, timeout: float, max_records: int) -> PollResult:  # noqa: ASYNC109 - how long to wait for records, not a deadline
        with translate_errors():
            fencing_token = await self._lease.ensure_held()
            if self._cursor is None or fencing_token != self._epoch:
                self._epoch = fencing_token
                self._cursor = Cursor(self._registry, self._topics, await self._load_positions())
        epoch, cursor = self._epoch, self._cursor
        return PollResult(epoch, await cursor.poll(timeout, max_records))

    async def commit(self, offsets: Mapping[Partition, int], epoch: int) -> None:
        if epoch != self._epoch:
            raise PartitionLost(f"epoch {epoch} is over, this is {self._epoch}")
        with translate_errors():
            for partition, offset in offsets.items():
                await self._offsets.commit(partition.topic, offset, epoch)

    def seek(self, partition: Partition, offset: int) -> None:
        self._require_cursor(partition).positions[partition] = offset

    def pause(self, partition: Partition) -> None:
        self._require_cursor(partition).paused.add(partition)

    def resume(self, partition: Partition) -> None:
        self._require_cursor(partition).paused.discard(partition)

    async def get_lag(self) -> dict[Partition, int]:
        if self._cursor is None:
            raise PartitionLost("nothing was polled yet")
        ends = await self._cursor.get_ends()
        return {partition: max(0, end - self._cursor.positions[partition]) for partition, end in ends.items()}

    async def close(self) -> None:
        # The last member releases the consumer lease.
        await self._closed()

    def _require_cursor(self, partition: Partition) -> Cursor:
        if self._cursor is None or partition not in self._cursor.positions:
            raise PartitionLost(f"{partition.topic} is not ours")
        return self._cursor

    async def _load_positions(self) -> dict[Partition, int]:
        # From what is committed; from the beginning if the group or the topic is new.
        positions = {}
        for topic in self._topics:
            committed = await self._offsets.get_committed(topic.topic.name)
            within = committed is not None and committed <= await topic.find_end()
            positions[topic.partition] = committed if committed is not None and within else await topic.find_first()
        return positions
