"""Kafka hop baseline: latency of single records from ``send`` to a consumer, by aiokafka alone.

The consumer has no group and commits nothing; a fetch waits at most 10 ms.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from shared.eventlog.topics import PARTITIONS

TOPIC = "bench.hop"
FETCH_WAIT_MS = 10
PATIENCE_SECONDS = 10.0


async def create_topic(bootstrap: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(TOPIC, PARTITIONS, 1)])
        await asyncio.sleep(1)  # leader election
    finally:
        await admin.close()


async def measure_hops(bootstrap: str, values: Sequence[bytes], pauses: Sequence[float]) -> list[float]:
    """Send records one after the other, each after a pause; milliseconds of each hop. Raises TimeoutError."""
    async with AsyncExitStack() as opened:
        producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all")
        consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, fetch_max_wait_ms=FETCH_WAIT_MS, group_id=None)
        for client in (producer, consumer):
            await client.start()
            opened.push_async_callback(client.stop)
        partitions = [TopicPartition(TOPIC, number) for number in range(PARTITIONS)]
        consumer.assign(partitions)
        await consumer.seek_to_end(*partitions)
        return [
            await _measure_hop(producer, consumer, value, pause) for value, pause in zip(values, pauses, strict=True)
        ]


async def _measure_hop(producer: Any, consumer: Any, value: bytes, pause: float) -> float:  # noqa: ANN401 - aiokafka has no types
    await asyncio.sleep(pause)
    began = time.perf_counter()
    sent = asyncio.ensure_future(producer.send_and_wait(TOPIC, value, key=value[:64]))
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await consumer.getmany(timeout_ms=1_000):
            pass
    took = (time.perf_counter() - began) * 1_000
    await sent
    return took
