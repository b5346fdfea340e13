"""Event-log factory: Kafka if the settings name brokers, else the log embedded in MongoDB."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from shared.database.client import open_database
from shared.eventlog.kafka.log import KafkaLog
from shared.eventlog.kafka.settings import KafkaSettings
from shared.eventlog.mongo.log import EmbeddedLog
from shared.eventlog.port import EventLog
from shared.settings import CommonSettings


@asynccontextmanager
async def open_event_log(settings: CommonSettings, *, service: str) -> AsyncIterator[EventLog]:
    """Nothing is contacted: a service starts while the log is unavailable. ``service`` names the connection."""
    if settings.kafka_bootstrap:
        kafka = KafkaLog(KafkaSettings(bootstrap=settings.kafka_bootstrap, client=f"kalendarium-{service}"))
        try:
            yield kafka
        finally:
            await kafka.close()
        return
    async with open_database(settings.mongo_url, settings.database("log")) as database:
        embedded = EmbeddedLog(database)
        try:
            yield embedded
        finally:
            await embedded.close()
