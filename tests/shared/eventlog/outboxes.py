"""Documents with letters, a relay that empties them, and a log that is unsteady."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence

from shared.database import Collection, write_if
from shared.eventlog.envelope import Letter
from shared.eventlog.outbox import Relay, RelaySettings, push
from shared.eventlog.port import Outgoing, Sender, Sent
from shared.eventlog.topics import PROGRAMME
from shared.eventlog.unsent import Unsent
from tests.fakes import FakeEventLog
from tests.shared.eventlog.builders import letter, published

HASTY = RelaySettings(poll_seconds=0.05, first_wait=0.02, longest_wait=0.1, refused_wait=0.2, finish_seconds=1)


def relay(log: Sender, entries: Collection, settings: RelaySettings = HASTY) -> Relay:
    return Relay(log, entries, service="calendar", leases=entries.database["leases"], settings=settings)


async def write(entries: Collection, event_id: str, revision: int) -> Letter:
    """Write state and message in one update, as a store does."""
    message = letter(published(event_id, revision))
    await entries.update_one({"_id": event_id}, {"$set": {"revision": revision}} | push([message]), upsert=True)
    return message


async def write_and_hand_in(to: Relay, entries: Collection, event_id: str, revision: int) -> Letter:
    """Write, and tell the relay what was written if nothing waits beside it, as a store does."""
    message = letter(published(event_id, revision))
    update = {"$set": {"revision": revision}} | push([message])
    alone = await write_if(entries, event_id, {"outbox.0": {"$exists": False}}, update)
    if not alone:
        await entries.update_one({"_id": event_id}, update, upsert=True)
    to.wake([Unsent(event_id, [message])] if alone else None)
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


class Unsteady:
    """A log that takes its time, and fails as often as told."""

    def __init__(self, event_log: FakeEventLog, failures: Sequence[Exception | None] = ()) -> None:
        self.event_log = event_log
        self.failures = list(failures)
        self.random = random.Random(1)  # noqa: S311 - no secret
        self.under_way = 0
        self.most_under_way = 0

    async def send(self, outgoing: Outgoing) -> Sent:
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            await asyncio.sleep(self.random.random() * 0.01)
            if self.failures and (failure := self.failures.pop(0)):
                raise failure
            return await self.event_log.send(outgoing)
        finally:
            self.under_way -= 1
