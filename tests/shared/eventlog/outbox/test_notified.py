"""What a store tells the relay to have written goes at once, in order, and once."""

from __future__ import annotations

import asyncio

import pytest

from shared.database.client import Collection
from shared.eventlog.outbox.relay import RelaySettings
from shared.eventlog.port import LogUnavailable
from shared.eventlog.topics import PROGRAMME
from tests.shared.eventlog.builders import eventually, running
from tests.shared.eventlog.outboxes import (
    HASTY,
    Unsteady,
    ids,
    left,
    relay,
    revisions,
    write_and_notify,
)
from tests.support.fakes import FakeEventLog


@pytest.mark.parametrize("settings", [HASTY, RelaySettings(poll_seconds=0.005, documents=3, gather_from=2)])
async def test_while_writers_write_all_goes_once_and_in_order(
    event_log: FakeEventLog, entries: Collection, settings: RelaySettings
) -> None:
    written: list[str] = []
    at_work = relay(Unsteady(event_log), entries, settings)

    async def writer(number: int) -> None:
        for revision in range(1, 21):
            message = await write_and_notify(at_work, entries, f"e{number}", revision)
            written.append(message.id)

    async with running(at_work):
        await asyncio.gather(*(writer(number) for number in range(20)))
        await eventually(lambda: len(event_log.of(PROGRAMME.name)) >= 400)

    assert await left(entries) == 0
    assert sorted(ids(event_log)) == sorted(written)
    for number in range(20):
        assert revisions(event_log, f"e{number}") == list(range(1, 21))


async def test_after_failures_nothing_is_lost_or_overtaken(event_log: FakeEventLog, entries: Collection) -> None:
    failures = [LogUnavailable("no answer") if number % 5 == 0 else None for number in range(60)]
    at_work = relay(Unsteady(event_log, failures), entries)

    async def writer(number: int) -> None:
        for revision in range(1, 6):
            await write_and_notify(at_work, entries, f"e{number}", revision)

    async with running(at_work):
        await asyncio.gather(*(writer(number) for number in range(10)))
        await eventually(lambda: len(event_log.of(PROGRAMME.name)) >= 50)

    assert await left(entries) == 0
    for number in range(10):
        assert revisions(event_log, f"e{number}") == [1, 2, 3, 4, 5]


async def test_what_a_relay_that_does_not_work_is_told_is_sent_by_the_one_that_does(
    event_log: FakeEventLog, entries: Collection
) -> None:
    first, second = relay(event_log, entries), relay(event_log, entries)
    async with running(first), running(second):
        await eventually(lambda: first.working or second.working)
        idle = second if first.working else first
        await entries.insert_one({"_id": "e1", "outbox": []})
        await write_and_notify(idle, entries, "e1", 1)
        await eventually(lambda: event_log.of(PROGRAMME.name))

    assert revisions(event_log, "e1") == [1]
