"""Opens the event log that the settings name: Kafka, or the embedded one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from shared.database import Database, open_database
from shared.eventlog.embedded.log import EmbeddedLog
from shared.eventlog.kafka.log import KafkaLog
from shared.eventlog.kafka.settings import KafkaSettings
from shared.eventlog.port import EventLog
from shared.settings import CommonSettings


class NoEventLog(Exception):
    """Neither Kafka nor a database for the embedded log is named."""


@asynccontextmanager
async def open_event_log(
    *, kafka_bootstrap: str | None, database: Database | None, service: str
) -> AsyncIterator[EventLog]:
    """Open the event log and close it afterwards. Nothing is contacted: a service starts also while the log is away.

    Args:
        kafka_bootstrap: ``host:port`` of Kafka's brokers, comma-separated; with it the log is Kafka.
        database: otherwise the embedded log is kept here. The services of one process give the same database.
        service: who opens it; names the connection to the broker.

    Raises:
        NoEventLog: neither is given.

    """
    if kafka_bootstrap:
        log: KafkaLog | EmbeddedLog = KafkaLog(
            KafkaSettings(bootstrap=kafka_bootstrap, client=f"kalendarium-{service}")
        )
    elif database is not None:
        log = EmbeddedLog(database)
    else:
        raise NoEventLog("Name Kafka's brokers in KAL_KAFKA_BOOTSTRAP, or give a database for the embedded event log.")
    try:
        yield log
    finally:
        await log.close()


@asynccontextmanager
async def own_event_log(settings: CommonSettings, *, service: str) -> AsyncIterator[EventLog]:
    """Open the log that the settings name for one service or command alone; the embedded one has its own database."""
    async with (
        open_database(settings.mongo_url, settings.database("log")) as database,
        open_event_log(kafka_bootstrap=settings.kafka_bootstrap, database=database, service=service) as log,
    ):
        yield log
