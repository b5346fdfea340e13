"""What calendar does with the messages it reads, while curators decide at the same moment."""

from __future__ import annotations

import asyncio

import pytest

from services.calendar.board.repository import KnownActivities
from services.calendar.call.repository import YearCalls
from services.calendar.consumer import make_consumer, make_handlers, on_own_record, on_submission
from services.calendar.entry.publication import make_programme_message
from services.calendar.entry.repository import MAX_UNSENT, Entries
from services.calendar.request.repository import EventRequests
from services.calendar.review.model import accept, cancel
from shared.database.client import Database
from shared.eventlog.consumer.loop import Rejected
from shared.eventlog.envelope import wrap
from shared.eventlog.topics import TOPICS
from shared.messages import MESSAGES, SubmissionReviewed
from tests.services.calendar.builders import LATER, NOW, make_message
from tests.shared.eventlog.builders import HASTY, eventually, running
from tests.support.fakes import FakeEventLog


async def test_messages_of_one_submission_that_come_at_once_end_with_the_newest(entries: Entries) -> None:
    messages = [make_message(version, sent_at=NOW) for version in range(1, 9)]

    await asyncio.gather(*(on_submission(entries, message, now=lambda: NOW) for message in reversed(messages)))

    found = await entries.find("0195-a")
    assert found
    assert (found.received_version, found.proposal.version if found.proposal else None) == (8, 8)


async def test_message_and_decision_at_the_same_moment_are_both_kept(entries: Entries) -> None:
    await on_submission(entries, make_message(1), now=lambda: NOW)
    before = await entries.find("0195-a")
    assert before

    async def decide() -> bool:
        accepted, said = accept(before, by="Anna", now=LATER)
        return await entries.save(before, accepted, said, at=LATER)

    won, _ = await asyncio.gather(decide(), on_submission(entries, make_message(2), now=lambda: NOW))

    found = await entries.find("0195-a")
    assert found
    assert found.proposal
    assert found.proposal.version == 2
    assert (found.live is not None, found.review_number) == (won, 3 if won else 2)


async def test_repeated_message_writes_nothing(entries: Entries) -> None:
    await on_submission(entries, make_message(2), now=lambda: NOW)
    before = await entries.collection.find_one({"_id": "0195-a"})

    await on_submission(entries, make_message(2), now=lambda: LATER)
    await on_submission(entries, make_message(1), now=lambda: LATER)

    assert await entries.collection.find_one({"_id": "0195-a"}) == before


async def test_event_that_cannot_be_read_is_refused_for_good(entries: Entries) -> None:
    with pytest.raises(Rejected, match="cannot be read"):
        await on_submission(entries, make_message(1, event={"title": "Żagle"}), now=lambda: NOW)

    assert await entries.find("0195-a") is None


async def test_record_from_before_an_outage_is_followed_by_the_present_state(entries: Entries) -> None:
    await on_submission(entries, make_message(1), now=lambda: NOW)
    entry = await entries.find("0195-a")
    assert entry
    live, said = accept(entry, by="Anna", now=NOW)
    await entries.save(entry, live, said, at=NOW)
    off, said = cancel(live, by="Anna", now=NOW)
    await entries.save(live, off, said, at=NOW)
    await entries.collection.update_one({"_id": "0195-a"}, {"$set": {"outbox": []}})
    stale = make_programme_message(live)

    for _again in range(2):
        await on_own_record(entries, stale, now=lambda: LATER)

    found = await entries.collection.find_one({"_id": "0195-a"})
    assert found
    assert len(found["outbox"]) == 1


def test_every_message_that_is_read_has_its_handler(entries: Entries, database: Database) -> None:
    table = make_handlers(
        entries,
        YearCalls(database, notify=lambda: None),
        KnownActivities(database),
        EventRequests(database, notify=lambda: None),
        now=lambda: NOW,
    )

    assert set(table) == set(MESSAGES) - {SubmissionReviewed}


async def test_a_record_of_an_entry_with_a_full_outbox_waits_and_is_not_parked(
    entries: Entries, database: Database
) -> None:
    log = FakeEventLog(TOPICS)
    for version in range(1, MAX_UNSENT + 2):
        await on_submission(entries, make_message(version, sent_at=NOW), now=lambda: NOW)
    late = wrap(make_message(99, sent_at=NOW), id="m99", source="/ingest", time=NOW)
    await log.send(late.to_outgoing())
    calls = YearCalls(database, notify=lambda: None)
    at_work = make_consumer(
        log,
        entries,
        calls,
        KnownActivities(database),
        EventRequests(database, notify=lambda: None),
        now=lambda: NOW,
        settings=HASTY,
    )

    async with running(at_work):
        await eventually(lambda: at_work.progress.attempts > 5)  # more often than a bug is tried
        await entries.collection.update_one({"_id": "0195-a"}, {"$set": {"outbox": []}})
        await eventually(lambda: at_work.progress.handled)

    found = await entries.find("0195-a")
    assert (found and found.received_version, at_work.progress.dead_lettered) == (99, 0)
