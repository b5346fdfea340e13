"""Reader on Kafka: every partition from a position, without a group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Self

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.eventlog.kafka.errors import Untyped, limit_call, stop_within
from shared.eventlog.kafka.fetching import Fetching
from shared.eventlog.kafka.settings import KafkaSettings
from shared.eventlog.port import Partition, Record

log = structlog.get_logger(__name__)


class KafkaReader:
    def __init__(self, consumer: Untyped, settings: KafkaSettings, positions: dict[Partition, int]) -> None:
        self._consumer = consumer
        self._settings = settings
        self._positions = positions
        self._fetching = Fetching(consumer, lambda: 0, positions)

    @classmethod
    async def open(
        cls, settings: KafkaSettings, partitions: Sequence[Partition], start: Mapping[Partition, int]
    ) -> Self:
        """Each from its start, or else from its beginning; raises LogUnavailable."""
        consumer = AIOKafkaConsumer(group_id=None, **settings.build_reader_settings())
        try:
            async with limit_call(settings.answer):
                await consumer.start()
                positions = await _assign(consumer, partitions, start)
        except BaseException:
            await stop_within(settings.stop, consumer, "reader")
            raise
        return cls(consumer, settings, positions)

    @property
    def positions(self) -> Mapping[Partition, int]:
        return self._positions

    async def poll(self, *, timeout: float, max_records: int) -> Mapping[Partition, Sequence[Record]]:  # noqa: ASYNC109 - how long to wait for records, not a deadline
        batches = await self._fetching.poll(timeout, max_records)
        for partition, records in batches.items():
            self._positions[partition] = records[-1].offset + 1
        return batches

    async def get_ends(self) -> dict[Partition, int]:
        async with limit_call(self._settings.answer):
            ends = await self._consumer.end_offsets([TopicPartition(*partition) for partition in self._positions])
        return {Partition(*partition): offset for partition, offset in ends.items()}

    async def close(self) -> None:
        await self._fetching.close()
        await stop_within(self._settings.stop, self._consumer, "reader")


async def _assign(
    consumer: Untyped, partitions: Sequence[Partition], start: Mapping[Partition, int]
) -> dict[Partition, int]:
    theirs = [TopicPartition(*partition) for partition in partitions]
    consumer.assign(theirs)
    firsts = await consumer.beginning_offsets(theirs)
    ends = await consumer.end_offsets(theirs)
    positions = {}
    for partition, their in zip(partitions, theirs, strict=True):
        position = start.get(partition, firsts[their])
        if not firsts[their] <= position <= ends[their]:
            log.warning("event_log_position_gone", topic=partition.topic, partition=partition.number, offset=position)
            position = firsts[their]
        consumer.seek(their, position)
        positions[partition] = position
    return positions
