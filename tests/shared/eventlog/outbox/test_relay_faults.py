"""A relay whose log fails, refuses, stalls or is silent, and a relay that is not alone."""

from __future__ import annotations

import asyncio
import random

from shared.database.client import Collection
from shared.eventlog.outbox.relay import Relay, RelaySettings
from shared.eventlog.port import LogUnavailable, Outgoing, RecordPosition, RecordRefused
from shared.eventlog.topics import PROGRAMME
from tests.shared.eventlog.builders import PATIENCE, eventually, running
from tests.shared.eventlog.outboxes import Unsteady, left, relay, revisions, write
from tests.support.fakes import FakeEventLog


async def test_nothing_is_lost_or_overtaken_when_sends_fail(event_log: FakeEventLog, entries: Collection) -> None:
    """A4: a failure may have arrived all the same, so an envelope may come twice, but never late."""
    failures = [random.Random(n).choice([None, LogUnavailable("no answer")]) for n in range(40)]  # noqa: S311 - no secret

    async def writer(number: int) -> None:
        for revision in range(1, 6):
            await write(entries, f"e{number}", revision)

    async with running(relay(Unsteady(event_log, failures), entries)):
        await asyncio.gather(*(writer(number) for number in range(10)))
        await eventually(lambda: len(event_log.of(PROGRAMME.name)) >= 50)

    assert await left(entries) == 0
    for number in range(10):
        assert revisions(event_log, f"e{number}") == [1, 2, 3, 4, 5]


async def test_a_log_that_is_away_is_waited_for(event_log: FakeEventLog, entries: Collection) -> None:
    event_log.away = True
    await write(entries, "e1", 1)

    async with running(relay(event_log, entries)):
        await asyncio.sleep(0.3)
        assert await left(entries) == 1
        event_log.away = False
        await eventually(lambda: event_log.of(PROGRAMME.name), patience=2)

    assert await left(entries) == 0


async def test_a_refused_letter_holds_up_its_own_document_only_and_goes_when_it_is_taken(
    event_log: FakeEventLog, entries: Collection
) -> None:
    """A1: what the broker will not take must not stand in the way of the rest."""
    event_log.refuses = lambda outgoing: outgoing.key == b"e1"
    await write(entries, "e1", 1)
    await write(entries, "e1", 2)
    await write(entries, "e2", 1)

    async with running(relay(event_log, entries)):
        await eventually(lambda: revisions(event_log, "e2") == [1])
        assert revisions(event_log, "e1") == []
        event_log.refuses = lambda _: False
        await eventually(lambda: revisions(event_log, "e1") == [1, 2])


async def test_what_is_no_letter_holds_up_its_own_document_only(event_log: FakeEventLog, entries: Collection) -> None:
    await entries.insert_one({"_id": "e1", "outbox": [{"id": "1", "of": "nobody"}]})
    await write(entries, "e2", 1)

    async with running(relay(event_log, entries)):
        await eventually(lambda: revisions(event_log, "e2") == [1])

    assert await left(entries) == 1


async def test_of_two_relays_one_sends_and_the_other_takes_over(event_log: FakeEventLog, entries: Collection) -> None:
    first, second = relay(event_log, entries), relay(event_log, entries)
    async with running(second):
        async with running(first):
            await eventually(lambda: first.working or second.working)
            for number in range(30):
                await write(entries, f"e{number}", 1)
            await eventually(lambda: len(event_log.of(PROGRAMME.name)) == 30)
            assert (first.sent, second.sent) in {(30, 0), (0, 30)}
        await write(entries, "e30", 1)
        await eventually(lambda: len(event_log.of(PROGRAMME.name)) == 31)


async def test_a_relay_that_stalled_past_its_lease_sends_no_more(event_log: FakeEventLog, entries: Collection) -> None:
    """A woken relay finds that its lease ran out before it sends the next envelope."""
    seconds = 0.0
    asleep = asyncio.Event()

    class Falls:
        async def send(self, outgoing: Outgoing) -> RecordPosition:
            nonlocal seconds
            if not asleep.is_set():
                asleep.set()
                seconds = 100.0  # the process was stopped for so long, with this envelope in hand
            return await event_log.send(outgoing)

    stalled = Relay(
        Falls(),
        entries,
        service="calendar",
        leases=entries.database["leases"],
        settings=RelaySettings(poll_seconds=0.05, lease_seconds=1),
        clock=lambda: asyncio.get_running_loop().time() + seconds,
    )
    second = relay(event_log, entries)
    await write(entries, "e1", 1)
    await write(entries, "e1", 2)
    async with running(stalled):
        await eventually(asleep.is_set)
        async with running(second):
            await eventually(lambda: len(event_log.of(PROGRAMME.name)) >= 2)

    assert revisions(event_log, "e1") == [1, 2]


async def test_stopping_waits_for_the_answer_under_way_and_takes_the_letter_out(
    event_log: FakeEventLog, entries: Collection
) -> None:
    begun, answer = asyncio.Event(), asyncio.Event()

    class Slow:
        async def send(self, outgoing: Outgoing) -> RecordPosition:
            begun.set()
            await answer.wait()
            return await event_log.send(outgoing)

    await write(entries, "e1", 1)
    await write(entries, "e1", 2)
    async with running(relay(Slow(), entries)) as stop:
        await begun.wait()
        stop.set()
        await asyncio.sleep(0.05)
        answer.set()

    document = await entries.find_one({"_id": "e1"})
    assert revisions(event_log, "e1") == [1]
    assert document is not None
    assert len(document["outbox"]) == 1


async def test_stopping_does_not_wait_for_ever(entries: Collection) -> None:
    """A3: an answer may never come."""
    begun = asyncio.Event()

    class Silent:
        async def send(self, _: Outgoing) -> RecordPosition:
            begun.set()
            await asyncio.Event().wait()
            raise RecordRefused("never reached")

    await write(entries, "e1", 1)
    async with asyncio.timeout(PATIENCE), running(relay(Silent(), entries)) as stop:
        await begun.wait()
        stop.set()

    assert await left(entries) == 1
