"""Subscription on Kafka: one member of a consumer group."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Self

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.abc import ConsumerRebalanceListener

from shared.eventlog.kafka.errors import Untyped, limit_call, stop_within, translate_errors
from shared.eventlog.kafka.fetching import Fetching
from shared.eventlog.kafka.settings import KafkaSettings
from shared.eventlog.port import Partition, PartitionLost, PollResult

log = structlog.get_logger(__name__)


class Assignment(ConsumerRebalanceListener):  # type: ignore[misc] # aiokafka is untyped
    # It takes no lock and awaits nothing: the client would deadlock in a rebalance.

    def __init__(self, group: str) -> None:
        self.group = group
        self.epoch = 0
        self.joining = True
        self.partitions: frozenset[Partition] = frozenset()

    def on_partitions_revoked(self, revoked: Iterable[Untyped]) -> None:  # noqa: ARG002 - the classic protocol revokes all
        # Everything handed out is void from here on; it may be handed out again, also to us.
        self.epoch += 1
        self.joining = True
        self.partitions = frozenset()

    def on_partitions_assigned(self, assigned: Iterable[Untyped]) -> None:
        self.joining = False
        self.partitions = frozenset(Partition(*partition) for partition in assigned)
        log.info("event_log_assigned", group=self.group, epoch=self.epoch, partitions=sorted(self.partitions))


class KafkaSubscription:
    """By the classic protocol; joining happens in the background."""

    def __init__(self, consumer: Untyped, settings: KafkaSettings, assignment: Assignment) -> None:
        self._consumer = consumer
        self._settings = settings
        self._assignment = assignment
        self._fetching = Fetching(consumer, lambda: assignment.epoch)

    @classmethod
    async def open(cls, settings: KafkaSettings, topics: Sequence[str], group: str) -> Self:
        """Only the connection is awaited: a start that also joins may never return. Raises LogUnavailable."""
        consumer = AIOKafkaConsumer(group_id=group, **settings.build_member_settings())
        assignment = Assignment(group)
        try:
            async with limit_call(settings.answer):
                await consumer.start()
        except BaseException:
            await stop_within(settings.stop, consumer, "member")
            raise
        consumer.subscribe(topics=list(topics), listener=assignment)
        return cls(consumer, settings, assignment)

    @property
    def epoch(self) -> int:
        return self._assignment.epoch

    @property
    def joining(self) -> bool:
        return self._assignment.joining

    async def poll(self, *, timeout: float, max_records: int) -> PollResult:  # noqa: ASYNC109 - how long to wait for records, not a deadline
        batches = await self._fetching.poll(timeout, max_records)
        return PollResult(self.epoch, batches)

    async def commit(self, offsets: Mapping[Partition, int], epoch: int) -> None:
        # Exactly these offsets, never what was merely handed out.
        if epoch != self.epoch:
            raise PartitionLost(f"epoch {epoch} is over, this is {self.epoch}")
        async with limit_call(self._settings.commit):
            await self._consumer.commit({TopicPartition(*partition): offset for partition, offset in offsets.items()})

    def seek(self, partition: Partition, offset: int) -> None:
        self._fetching.seek(partition, offset)

    def pause(self, partition: Partition) -> None:
        # Polling continues, so the member stays in the group.
        with translate_errors():
            self._consumer.pause(TopicPartition(*partition))

    def resume(self, partition: Partition) -> None:
        with translate_errors():
            self._consumer.resume(TopicPartition(*partition))

    async def get_lag(self) -> dict[Partition, int]:
        # The brokers are asked, not the client's fetch task, which may be dead.
        if self.joining:
            raise PartitionLost("a rebalance is under way")
        ours = [TopicPartition(*partition) for partition in self._assignment.partitions]
        async with limit_call(self._settings.commit):
            ends = await self._consumer.end_offsets(ours)
            positions = {partition: await self._consumer.position(partition) for partition in ours}
        return {Partition(*partition): max(0, ends[partition] - positions[partition]) for partition in ours}

    async def close(self) -> None:
        await self._fetching.close()
        await stop_within(self._settings.stop, self._consumer, "member")
