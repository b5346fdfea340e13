"""A relay or a consumer as a process of its own, for tests that kill it.

Run as ``worker.py relay|consumer <url> <database>``.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys

from faults.failpoints import install
from shared.database.client import Database, open_database
from shared.eventlog.consumer.loop import Consumer, ConsumerSettings
from shared.eventlog.envelope import Envelope
from shared.eventlog.mongo.log import EmbeddedLog
from shared.eventlog.outbox.relay import Relay, RelaySettings
from shared.messages import EventPublished
from tests.shared.eventlog.builders import eventually, running

LEASE_SECONDS = 1


async def relay(database: Database, log: EmbeddedLog) -> None:
    """Send until the outboxes are empty."""
    settings = RelaySettings(poll_seconds=0.05, lease_seconds=LEASE_SECONDS)
    at_work = Relay(log, database["entries"], service="calendar", leases=database["leases"], settings=settings)
    async with running(at_work), asyncio.timeout(30):
        while (await at_work.measure_backlog()).count:  # noqa: ASYNC110 - the database rings no bell
            await asyncio.sleep(0.05)


async def consume(database: Database, log: EmbeddedLog) -> None:
    """Handle until the end of the topic; one event is deadly."""

    async def note(message: EventPublished, _: Envelope) -> None:
        if message.event_id == "deadly":
            os.kill(os.getpid(), signal.SIGKILL)
        await database["handled"].update_one({"_id": message.event_id}, {"$inc": {"times": 1}}, upsert=True)

    (end,) = (await (await log.read(["programme.v1"])).get_ends()).values()
    settings = ConsumerSettings(poll_seconds=0.05)
    at_work = Consumer(
        log, group="calendar", handlers={EventPublished: note}, crash_records=database["attempts"], settings=settings
    )
    offsets = database["eventlog_offsets"]
    async with running(at_work), asyncio.timeout(30):
        await eventually(lambda: at_work.progress.joined)
        while ((await offsets.find_one({"_id": "calendar/programme.v1"})) or {"offset": 0})["offset"] < end:  # noqa: ASYNC110 - the database rings no bell
            await asyncio.sleep(0.05)


async def main(what: str, mongo_url: str, name: str) -> None:
    """Do one kind of work."""
    async with open_database(mongo_url, name) as database:
        log = EmbeddedLog(database, lease_seconds=LEASE_SECONDS)
        await {"relay": relay, "consumer": consume}[what](database, log)
        await log.close()


if __name__ == "__main__":
    install(os.environ)
    asyncio.run(main(*sys.argv[1:]))
