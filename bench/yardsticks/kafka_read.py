"""Reading a topic from its beginning by aiokafka alone, with the same settings as ours, and looking at nothing.

``python -m bench.yardsticks.kafka_read BOOTSTRAP TOPIC`` writes a :class:`ReadOut`.
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


class ReadOut(msgspec.Struct, frozen=True):
    """What was read, how long that took once the reader was connected, and what memory it left in use.

    ``cpu_seconds`` are those in which the process was computing.
    """

    records: int
    seconds: float
    cpu_seconds: float
    bytes_in_use: int = 0

    @property
    def per_second(self) -> float:
        """Records a second."""
        return self.records / self.seconds

    @property
    def per_cpu_second(self) -> float:
        """Records a second of computing, which other programs on the machine disturb less."""
        return self.records / self.cpu_seconds

    @property
    def bytes_per_record(self) -> float:
        """What a record costs in memory."""
        return self.bytes_in_use / self.records


async def read(bootstrap: str, topic: str) -> ReadOut:
    """Read everything that is there at the start."""
    consumer = AIOKafkaConsumer(group_id=None, **KafkaSettings(bootstrap=bootstrap).reader_settings())
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
        return ReadOut(records, time.perf_counter() - began, time.process_time() - computed)
    finally:
        await consumer.stop()


def main() -> None:
    """Do what the command line says."""
    bootstrap, topic = sys.argv[1:]
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        sys.stdout.buffer.write(msgspec.json.encode(runner.run(read(bootstrap, topic))))


if __name__ == "__main__":
    main()
