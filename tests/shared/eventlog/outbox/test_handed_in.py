"""What a store hands to the relay after a write goes at once, in order, once, and is found if it cannot."""

from __future__ import annotations

import asyncio

import pytest

from shared.database.client import Collection
from shared.eventlog.outbox.pending import PendingMessages
from shared.eventlog.outbox.relay import MOST_HANDED_OVER, RelaySettings
from shared.eventlog.port import LogUnavailable
from shared.eventlog.topics import PROGRAMME
from tests.shared.eventlog.builders import envelope, eventually, published, running
from tests.shared.eventlog.outboxes import (
    HASTY,
    Unsteady,
    having_looked,
    ids,
    left,
    relay,
    revisions,
    write,
    write_and_hand_in,
)
from tests.support.fakes import FakeEventLog


async def test_it_is_sent_without_being_looked_for(event_log: FakeEventLog, entries: Collection) -> None:
    async with having_looked(event_log, entries) as at_work:
        at_work.notify([PendingMessages("nowhere", [envelope(published("nowhere", 1))])])
        await eventually(lambda: revisions(event_log, "nowhere"))


async def test_it_is_taken_out_of_the_outbox(event_log: FakeEventLog, entries: Collection) -> None:
    async with having_looked(event_log, entries) as at_work:
        await entries.insert_one({"_id": "e1", "outbox": []})
        await write_and_hand_in(at_work, entries, "e1", 1)
        await eventually(lambda: revisions(event_log, "e1"))
    assert await left(entries) == 0


@pytest.mark.parametrize("settings", [HASTY, RelaySettings(poll_seconds=0.005, documents=3, many=2)])
async def test_while_writers_hand_in_and_the_relay_looks_all_goes_once_and_in_order(
    event_log: FakeEventLog, entries: Collection, settings: RelaySettings
) -> None:
    written: list[str] = []
    at_work = relay(Unsteady(event_log), entries, settings)

    async def writer(number: int) -> None:
        for revision in range(1, 21):
            message = await write_and_hand_in(at_work, entries, f"e{number}", revision)
            written.append(message.id)

    async with running(at_work):
        await asyncio.gather(*(writer(number) for number in range(20)))
        await eventually(lambda: len(event_log.of(PROGRAMME.name)) >= 400)

    assert await left(entries) == 0
    assert sorted(ids(event_log)) == sorted(written)
    for number in range(20):
        assert revisions(event_log, f"e{number}") == list(range(1, 21))


async def test_after_failures_it_is_found_and_nothing_is_lost_or_overtaken(
    event_log: FakeEventLog, entries: Collection
) -> None:
    failures = [LogUnavailable("no answer") if number % 5 == 0 else None for number in range(60)]
    at_work = relay(Unsteady(event_log, failures), entries)

    async def writer(number: int) -> None:
        for revision in range(1, 6):
            await write_and_hand_in(at_work, entries, f"e{number}", revision)

    async with running(at_work):
        await asyncio.gather(*(writer(number) for number in range(10)))
        await eventually(lambda: len(event_log.of(PROGRAMME.name)) >= 50)

    assert await left(entries) == 0
    for number in range(10):
        assert revisions(event_log, f"e{number}") == [1, 2, 3, 4, 5]


async def test_what_is_handed_to_a_relay_that_does_not_work_is_found_by_the_one_that_does(
    event_log: FakeEventLog, entries: Collection
) -> None:
    first, second = relay(event_log, entries), relay(event_log, entries)
    async with running(first), running(second):
        await eventually(lambda: first.working or second.working)
        idle = second if first.working else first
        await entries.insert_one({"_id": "e1", "outbox": []})
        await write_and_hand_in(idle, entries, "e1", 1)
        await eventually(lambda: event_log.of(PROGRAMME.name))

    assert revisions(event_log, "e1") == [1]


async def test_more_than_it_remembers_is_found(event_log: FakeEventLog, entries: Collection) -> None:
    async with having_looked(event_log, entries) as at_work:
        await write(entries, "e1", 1)
        at_work.notify(
            [
                PendingMessages(f"n{number}", [envelope(published(f"n{number}", 1))])
                for number in range(MOST_HANDED_OVER + 1)
            ]
        )
        await eventually(lambda: revisions(event_log, "e1"))

    assert [record.key for record in event_log.of(PROGRAMME.name)] == [b"first", b"e1"]


async def test_what_was_found_before_it_is_handed_in_is_not_sent_again(
    event_log: FakeEventLog, entries: Collection
) -> None:
    """After it a newer envelope may have gone, and the log would end with the older one."""
    async with having_looked(event_log, entries) as at_work:
        message = await write(entries, "e1", 1)
        at_work.notify()
        await eventually(lambda: revisions(event_log, "e1"))
        at_work.notify([PendingMessages("e1", [message])])
        at_work.notify([PendingMessages("e2", [envelope(published("e2", 1))])])
        await eventually(lambda: revisions(event_log, "e2"))

    assert revisions(event_log, "e1") == [1]
