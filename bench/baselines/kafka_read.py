"""Kafka read baseline: reads a topic from its beginning by aiokafka alone, with our settings, and drops the records.

``python -m bench.baselines.kafka_read BOOTSTRAP TOPIC`` writes a :class:`ReadResult`.
"""

from __future__ import annotations

import asyncio
import sys
import time

import msgspec
import uvloop
from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.eventlog.kafka.settings import KafkaSettings
from shared.eventlog.topics import PARTITIONS


class ReadResult(msgspec.Struct, frozen=True):
    """Records read, time since the reader was connected, CPU time, and the memory in use afterwards."""

    records: int
    seconds: float
    cpu_seconds: float
    bytes_in_use: int = 0

    @property
    def per_second(self) -> float:
        return self.records / self.seconds

    @property
    def per_cpu_second(self) -> float:
        # Other programs on the machine disturb CPU time less.
        return self.records / self.cpu_seconds

    @property
    def bytes_per_record(self) -> float:
        return self.bytes_in_use / self.records


async def read(bootstrap: str, topic: str) -> ReadResult:
    """Read up to the end offsets at the start."""
    consumer = AIOKafkaConsumer(group_id=None, **KafkaSettings(bootstrap=bootstrap).build_reader_settings())
    await consumer.start()
    try:
        partitions = [TopicPartition(topic, number) for number in range(PARTITIONS)]
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        missing = sum((await consumer.end_offsets(partitions)).values())
        records, began, computed = 0, time.perf_counter(), time.process_time()
        while records < missing:
            taken = await consumer.getmany(timeout_ms=500)
            records += sum(map(len, taken.values()))
        return ReadResult(records, time.perf_counter() - began, time.process_time() - computed)
    finally:
        await consumer.stop()


def main() -> None:
    bootstrap, topic = sys.argv[1:]
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        sys.stdout.buffer.write(msgspec.json.encode(runner.run(read(bootstrap, topic))))


if __name__ == "__main__":
    main()
