"""What stands on the topics of a Kafka, read from outside."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from shared.eventlog.envelope import Envelope, parse
from shared.eventlog.kafka.log import KafkaLog
from shared.eventlog.kafka.settings import KafkaSettings
from shared.eventlog.port import EventLog, Record
from shared.eventlog.read_to_end import read_to_end

QUIET_SECONDS = 20.0


@asynccontextmanager
async def open_kafka(bootstrap: str) -> AsyncIterator[KafkaLog]:
    """Open the event log as somebody else than the services."""
    log = KafkaLog(KafkaSettings(bootstrap=bootstrap, client="test"))
    try:
        yield log
    finally:
        await log.close()


async def records_on(log: EventLog, topic: str) -> list[Record]:
    """Read a topic from its beginning to its present end; the records of one key are in order."""
    return [record async for record in read_to_end(log, [topic], quiet_seconds=QUIET_SECONDS)]


async def envelopes_on(log: EventLog, topic: str) -> dict[str, list[Envelope]]:
    """Read a topic's envelopes by their key, in order."""
    found: dict[str, list[Envelope]] = {}
    for record in await records_on(log, topic):
        envelope = parse(topic=topic, key=record.key, value=record.value, headers=record.headers)
        found.setdefault(envelope.key, []).append(envelope)
    return found
