"""Documents with envelopes, a relay that empties them, and a log that is unsteady."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from shared.database.client import Collection
from shared.eventlog.envelope import Envelope
from shared.eventlog.outbox.relay import Relay, RelaySettings, push
from shared.eventlog.port import Outgoing, RecordPosition, Sender
from shared.eventlog.topics import PROGRAMME
from tests.shared.eventlog.builders import envelope, eventually, published, running
from tests.support.fakes import FakeEventLog

HASTY = RelaySettings(poll_seconds=0.05, first_wait=0.02, longest_wait=0.1, refused_wait=0.2, finish_seconds=1)
PATIENT = RelaySettings(poll_seconds=3600, lease_seconds=3600, first_wait=0.02, longest_wait=0.1)
"""It looks for messages once in a test, and again when it is notified; its lease outlasts any load."""


def relay(log: Sender, entries: Collection, settings: RelaySettings = HASTY) -> Relay:
    return Relay(log, entries, service="calendar", leases=entries.database["leases"], settings=settings)


async def write(entries: Collection, event_id: str, revision: int) -> Envelope:
    """Write state and message in one update, as a store does."""
    message = envelope(published(event_id, revision))
    await entries.update_one({"_id": event_id}, {"$set": {"revision": revision}} | push([message]), upsert=True)
    return message


async def write_and_notify(to: Relay, entries: Collection, event_id: str, revision: int) -> Envelope:
    """Write, and tell the relay, as a store does."""
    message = await write(entries, event_id, revision)
    to.notify()
    return message


async def left(entries: Collection) -> int:
    return await entries.count_documents({"outbox.id": {"$exists": True}})


def ids(event_log: FakeEventLog) -> list[str]:
    headers = [dict(record.headers) for record in event_log.of(PROGRAMME.name)]
    return [(header["ce_id"] or b"").decode() for header in headers]


def revisions(event_log: FakeEventLog, event_id: str) -> list[int]:
    return [
        int((record.value or b"").split(b'"revision":')[1].split(b",")[0])
        for record in event_log.of(PROGRAMME.name)
        if record.key == event_id.encode()
    ]


@asynccontextmanager
async def having_looked(event_log: FakeEventLog, entries: Collection) -> AsyncIterator[Relay]:
    """A patient relay that works and has found and sent what there was, a message of ``first``."""
    await write(entries, "first", 1)
    at_work = relay(event_log, entries, PATIENT)
    async with running(at_work):
        await eventually(lambda: revisions(event_log, "first"))
        yield at_work


class Unsteady:
    """A log that takes its time, and fails as often as told."""

    def __init__(self, event_log: FakeEventLog, failures: Sequence[Exception | None] = ()) -> None:
        self.event_log = event_log
        self.failures = list(failures)
        self.random = random.Random(1)  # noqa: S311 - no secret
        self.under_way = 0
        self.most_under_way = 0

    async def send(self, outgoing: Outgoing) -> RecordPosition:
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            await asyncio.sleep(self.random.random() * 0.01)
            if self.failures and (failure := self.failures.pop(0)):
                raise failure
            return await self.event_log.send(outgoing)
        finally:
            self.under_way -= 1
