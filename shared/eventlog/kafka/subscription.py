"""A member of a consumer group on Kafka."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Self

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.abc import ConsumerRebalanceListener

from shared.eventlog.kafka.answers import Untyped, answered_within, as_facts, stop_within
from shared.eventlog.kafka.fetching import Fetching
from shared.eventlog.kafka.settings import KafkaSettings
from shared.eventlog.port import Partition, PartitionLost, Polled

log = structlog.get_logger(__name__)


class Assignment(ConsumerRebalanceListener):  # type: ignore[misc] # aiokafka is untyped
    """What the group gave us. It takes no lock and waits for nothing, so it cannot hold up a rebalance (A15)."""

    def __init__(self, group: str) -> None:
        self.group = group
        self.epoch = 0
        self.joining = True
        self.partitions: frozenset[Partition] = frozenset()

    def on_partitions_revoked(self, revoked: Iterable[Untyped]) -> None:  # noqa: ARG002 - the classic protocol revokes all
        """From here on, everything handed out is void: it may be handed out again, also to us (A7)."""
        self.epoch += 1
        self.joining = True
        self.partitions = frozenset()

    def on_partitions_assigned(self, assigned: Iterable[Untyped]) -> None:
        """Take what was given."""
        self.joining = False
        self.partitions = frozenset(Partition(*partition) for partition in assigned)
        log.info("event_log_assigned", group=self.group, epoch=self.epoch, partitions=sorted(self.partitions))


class KafkaSubscription:
    """A consumer in a group, by the classic protocol; joining goes on in the background."""

    def __init__(self, consumer: Untyped, settings: KafkaSettings, assignment: Assignment) -> None:
        self._consumer = consumer
        self._settings = settings
        self._assignment = assignment
        self._fetching = Fetching(consumer, lambda: assignment.epoch)

    @classmethod
    async def open(cls, settings: KafkaSettings, topics: Sequence[str], group: str) -> Self:
        """Start a member. Only the connection is waited for: a start that also joins may never return (A16).

        Raises:
            LogAway: no answer in time.

        """
        consumer = AIOKafkaConsumer(group_id=group, **settings.member_settings())
        assignment = Assignment(group)
        try:
            async with answered_within(settings.answer):
                await consumer.start()
        except BaseException:
            await stop_within(settings.stop, consumer, "member")
            raise
        consumer.subscribe(topics=list(topics), listener=assignment)
        return cls(consumer, settings, assignment)

    @property
    def epoch(self) -> int:
        """Rises with every rebalance."""
        return self._assignment.epoch

    @property
    def joining(self) -> bool:
        """Whether a rebalance is under way."""
        return self._assignment.joining

    async def poll(self, *, timeout: float, max_records: int) -> Polled:  # noqa: ASYNC109 - how long to wait for records, not a deadline
        """Wait for records; what was taken before a rebalance is dropped, for it will be handed out again."""
        batches = await self._fetching.poll(timeout, max_records)
        return Polled(self.epoch, batches)

    async def commit(self, offsets: Mapping[Partition, int], epoch: int) -> None:
        """Commit exactly these offsets, never what was merely handed out (A8), within a deadline (A10)."""
        if epoch != self.epoch:
            raise PartitionLost(f"epoch {epoch} is over, this is {self.epoch}")
        async with answered_within(self._settings.commit):
            await self._consumer.commit({TopicPartition(*partition): offset for partition, offset in offsets.items()})

    def seek(self, partition: Partition, offset: int) -> None:
        """Hand out this record next."""
        self._fetching.seek(partition, offset)

    def pause(self, partition: Partition) -> None:
        """Hand out nothing of it; polling goes on, so the member stays in the group."""
        with as_facts():
            self._consumer.pause(TopicPartition(*partition))

    def resume(self, partition: Partition) -> None:
        """Hand out records of it again."""
        with as_facts():
            self._consumer.resume(TopicPartition(*partition))

    async def lag(self) -> dict[Partition, int]:
        """Ask the brokers, not the client's fetch task, which may be dead (A6)."""
        if self.joining:
            raise PartitionLost("a rebalance is under way")
        ours = [TopicPartition(*partition) for partition in self._assignment.partitions]
        async with answered_within(self._settings.commit):
            ends = await self._consumer.end_offsets(ours)
            positions = {partition: await self._consumer.position(partition) for partition in ours}
        return {Partition(*partition): max(0, ends[partition] - positions[partition]) for partition in ours}

    async def close(self) -> None:
        """Leave the group, within a deadline."""
        await self._fetching.end()
        await stop_within(self._settings.stop, self._consumer, "member")
