"""What calendar does with the messages it reads, while curators decide at the same moment."""

from __future__ import annotations

import asyncio

import pytest

from services.calendar.consumer import handlers, on_own_record, on_submission
from services.calendar.domain.public import programme_message
from services.calendar.domain.review import accept, cancel
from services.calendar.store import Entries, EntryMoved
from shared.eventlog.consumer import Rejected
from shared.messages import MESSAGES, SubmissionReviewed
from tests.services.calendar.builders import LATER, NOW, make_message


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
        try:
            await entries.keep(before, accepted, said, at=LATER)
        except EntryMoved:
            return False
        return True

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
    await entries.keep(entry, live, said, at=NOW)
    off, said = cancel(live, by="Anna", now=NOW)
    await entries.keep(live, off, said, at=NOW)
    await entries.collection.update_one({"_id": "0195-a"}, {"$set": {"outbox": []}})
    stale = programme_message(live)

    for _again in range(2):
        await on_own_record(entries, stale, now=lambda: LATER)

    found = await entries.collection.find_one({"_id": "0195-a"})
    assert found
    assert len(found["outbox"]) == 1


def test_every_message_that_is_read_has_its_handler(entries: Entries) -> None:
    table = handlers(entries, now=lambda: NOW)

    assert set(table) == set(MESSAGES) - {SubmissionReviewed}
