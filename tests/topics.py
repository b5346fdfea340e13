"""What stands on the topics of a Kafka, read from outside."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from shared.eventlog.envelope import Letter, open_letter
from shared.eventlog.kafka.log import KafkaLog
from shared.eventlog.kafka.settings import KafkaSettings
from shared.eventlog.port import EventLog, Record

QUIET_SECONDS = 20.0


@asynccontextmanager
async def open_kafka(bootstrap: str) -> AsyncIterator[KafkaLog]:
    """Open the event log as somebody beside the services."""
    log = KafkaLog(KafkaSettings(bootstrap=bootstrap, client="test"))
    try:
        yield log
    finally:
        await log.close()


async def records_on(log: EventLog, topic: str) -> list[Record]:
    """Read a topic from its beginning to its present end; the records of one key are in order."""
    reader = await log.read([topic])
    found: list[Record] = []
    try:
        ends = await reader.ends()
        async with asyncio.timeout(QUIET_SECONDS):
            while any(reader.positions[partition] < end for partition, end in ends.items()):
                for batch in (await reader.poll(timeout=0.2, max_records=1000)).values():
                    found += batch
    finally:
        await reader.close()
    return found


async def letters_on(log: EventLog, topic: str) -> dict[str, list[Letter]]:
    """Read a topic's letters by their key, in order."""
    found: dict[str, list[Letter]] = {}
    for record in await records_on(log, topic):
        letter = open_letter(topic=topic, key=record.key, value=record.value, headers=record.headers)
        found.setdefault(letter.key, []).append(letter)
    return found
