"""The outbox on a real MongoDB, because races with its updates are what it must survive."""

from __future__ import annotations

import asyncio
from uuid import uuid4

from shared.database.client import Collection
from shared.eventlog.topics import PROGRAMME
from tests.shared.eventlog.builders import eventually, running
from tests.shared.eventlog.outboxes import HASTY, Unsteady, having_looked, ids, left, relay, revisions, write
from tests.support.fakes import FakeEventLog


async def test_a_letter_is_sent_and_taken_out(event_log: FakeEventLog, entries: Collection) -> None:
    sent = await write(entries, "e1", 1)

    async with running(relay(event_log, entries)):
        await eventually(lambda: event_log.of(PROGRAMME.name))
    (record,) = event_log.of(PROGRAMME.name)

    assert await entries.find_one({"_id": "e1"}) == {"_id": "e1", "revision": 1, "outbox": []}
    assert (record.key, record.value, list(record.headers)) == (b"e1", sent.data, sent.build_headers())


async def test_a_documents_letters_go_in_order(event_log: FakeEventLog, entries: Collection) -> None:
    for revision in range(1, 21):
        await write(entries, "e1", revision)

    async with running(relay(Unsteady(event_log), entries)):
        await eventually(lambda: len(event_log.of(PROGRAMME.name)) == 20)

    assert revisions(event_log, "e1") == list(range(1, 21))


async def test_different_documents_go_side_by_side_but_not_all_at_once(
    event_log: FakeEventLog, entries: Collection
) -> None:
    for number in range(60):
        await write(entries, f"e{number}", 1)
    unsteady = Unsteady(event_log)

    async with running(relay(unsteady, entries)):
        await eventually(lambda: len(event_log.of(PROGRAMME.name)) == 60)

    assert 4 < unsteady.most_under_way <= HASTY.parallel


async def test_letters_written_while_the_relay_works_are_all_sent_in_order(
    event_log: FakeEventLog, entries: Collection
) -> None:
    """The race that stranded hundreds of a thousand with a pending flag: writers push while the relay takes out."""
    written: list[str] = []

    async def writer(number: int) -> None:
        written.extend([(await write(entries, f"e{number}", revision)).id for revision in range(1, 26)])

    at_work = relay(Unsteady(event_log), entries)
    async with running(at_work):
        await asyncio.gather(*(writer(number) for number in range(20)))
        await eventually(lambda: len(event_log.of(PROGRAMME.name)) >= 500)

    assert await left(entries) == 0
    assert sorted(ids(event_log)) == sorted(written)
    for number in range(20):
        assert revisions(event_log, f"e{number}") == list(range(1, 26))


async def test_a_notification_sends_at_once(event_log: FakeEventLog, entries: Collection) -> None:
    async with having_looked(event_log, entries) as slow:
        await write(entries, "e1", 1)
        slow.notify()
        await eventually(lambda: revisions(event_log, "e1"))


async def test_without_a_notification_the_poll_sends(event_log: FakeEventLog, entries: Collection) -> None:
    async with running(relay(event_log, entries)):
        await asyncio.sleep(0.2)
        await write(entries, "e1", 1)
        await eventually(lambda: event_log.of(PROGRAMME.name))


async def test_the_backlog_is_counted_and_its_age_told(event_log: FakeEventLog, entries: Collection) -> None:
    idle = relay(event_log, entries)
    assert (await idle.measure_backlog()).count == 0

    await write(entries, "e1", 1)
    await write(entries, "e1", 2)
    await write(entries, "e2", 1)

    backlog = await idle.measure_backlog()
    assert backlog.count == 3
    assert backlog.oldest_seconds >= 0


async def test_documents_without_letters_are_not_looked_at(entries: Collection) -> None:
    await entries.insert_many([{"_id": f"{uuid4()}", "outbox": []} for _ in range(200)])
    await write(entries, "e1", 1)

    find = {"find": "entries", "filter": {"outbox.id": {"$exists": True}}, "hint": "outbox"}
    explained = await entries.database.command("explain", find, verbosity="executionStats")

    assert explained["executionStats"]["totalDocsExamined"] == 1
