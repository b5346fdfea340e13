"""The store on a real MongoDB: one write or none, and the questions that lists ask."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from services.calendar.entry.arrival import receive
from services.calendar.entry.model import Entry, QueueReason
from services.calendar.entry.publication import EntryChange
from services.calendar.entry.repository import MAX_UNSENT, Entries, OutboxFull, QueuePosition, get_position
from services.calendar.entry.selection import EntrySelection
from services.calendar.review.model import accept, cancel, reject, withdraw
from shared.database.client import Database
from shared.eventlog.envelope import parse_document, parse_message
from shared.observability.logging import enter_trace
from tests.services.calendar.builders import LATER, NOW, make_event, make_live, make_message, make_waiting

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


async def kept(entries: Entries, outcome: EntryChange, before: Entry | None = None) -> Entry:
    entry, messages = outcome
    assert await entries.save(before, entry, messages, at=NOW)
    return entry


async def waiting(
    entries: Entries, submission_id: str = "0195-a", *, sent: int = 1, event: dict[str, Any] | None = None
) -> Entry:
    """Keep an entry that waits since a day of November."""
    sent_at = f"2026-11-{sent:02}T08:00:00.000Z"
    message = make_message(1, submission_id=submission_id, sent_at=sent_at, event=event or make_event())
    return await kept(entries, receive(None, message, now=NOW))


async def live(entries: Entries, submission_id: str, event: dict[str, Any] | None = None) -> Entry:
    """Keep an entry that was accepted."""
    entry = await waiting(entries, submission_id, event=event)
    return await kept(entries, accept(entry, by="Anna", now=NOW), entry)


def on(start: str, end: str | None = None) -> dict[str, str]:
    return {"certainty": "exact", "start": start, "end": end or start}


async def test_entry_is_found_as_it_was_kept(entries: Entries) -> None:
    entry = await waiting(entries)
    rejected = await kept(entries, reject(entry, reason="other", comment="Nie.", by="Anna", now=NOW), entry)

    assert await entries.find("0195-a") == rejected
    assert await entries.find("0195-b") is None


async def test_state_and_what_it_says_are_one_document(entries: Entries, database: Database) -> None:
    entry = await waiting(entries)
    accepted, messages = accept(entry, by="Anna", now=LATER)

    await entries.save(entry, accepted, messages, at=LATER)

    found = await database["entries"].find_one({"_id": "0195-a"})
    assert found
    envelopes = [parse_document(each) for each in found["outbox"]]
    assert [parse_message(envelope) for envelope in envelopes[1:]] == list(messages)
    assert [envelope.topic for envelope in envelopes] == ["decisions.v1", "programme.v1", "decisions.v1"]
    assert len({envelope.id for envelope in envelopes}) == 3


async def test_decision_carries_on_the_trace_that_was_read_with_the_entry(entries: Entries, database: Database) -> None:
    with enter_trace(TRACE):
        await waiting(entries)
    entry = await entries.find("0195-a")
    assert entry
    await database["entries"].update_one({"_id": entry.id}, {"$unset": {"trace": ""}})  # it is not read once more

    await kept(entries, accept(entry, by="Anna", now=LATER), entry)

    found = await database["entries"].find_one({"_id": entry.id})
    assert found
    traces = [parse_document(each).traceparent for each in found["outbox"]]
    assert {each.split("-")[1] for each in traces if each} == {TRACE.split("-")[1]}
    assert None not in traces


async def test_of_decisions_at_the_same_moment_exactly_one_wins(entries: Entries, database: Database) -> None:
    entry = await waiting(entries)

    async def decide(number: int) -> bool:
        decided, messages = (
            accept(entry, by=f"Anna {number}", now=LATER)
            if number % 2
            else reject(entry, reason="duplicate", by=f"Jan {number}", now=LATER)
        )
        return await entries.save(entry, decided, messages, at=NOW)

    won = await asyncio.gather(*(decide(number) for number in range(20)))

    found = await entries.find("0195-a")
    assert won.count(True) == 1
    assert found
    assert [act.who for act in found.history if act.by == "curator"] == [
        f"{'Anna' if (winner := won.index(True)) % 2 else 'Jan'} {winner}"
    ]


async def test_of_first_messages_at_the_same_moment_exactly_one_opens_the_entry(entries: Entries) -> None:
    entry, messages = receive(None, make_message(1), now=NOW)

    results = await asyncio.gather(*(entries.save(None, entry, messages, at=NOW) for _ in range(10)))

    assert sorted(results) == [False] * 9 + [True]


async def test_nothing_more_is_taken_while_too_much_waits_to_be_sent(entries: Entries) -> None:
    entry = await waiting(entries)
    for version in range(2, MAX_UNSENT + 2):
        entry = await kept(entries, receive(entry, make_message(version, sent_at=NOW), now=NOW), entry)

    with pytest.raises(OutboxFull):
        await kept(entries, receive(entry, make_message(99, sent_at=NOW), now=NOW), entry)


async def test_older_record_of_our_own_makes_the_present_state_be_said_again(
    entries: Entries, database: Database
) -> None:
    entry = await live(entries, "0195-a")
    cancelled = await kept(entries, cancel(entry, by="Anna", now=LATER), entry)
    before = await database["entries"].find_one({"_id": "0195-a"})
    await database["entries"].update_one({"_id": "0195-a"}, {"$set": {"outbox": []}})

    repaired = await entries.repair("0195-a", 1, at=LATER)

    found = await database["entries"].find_one({"_id": "0195-a"})
    assert repaired
    assert found
    assert before
    again = parse_document(found["outbox"][0])
    assert (parse_message(again).number, again.topic, len(found["outbox"])) == (2, "programme.v1", 1)
    assert again.id not in {envelope["id"] for envelope in before["outbox"]}
    assert await entries.find("0195-a") == cancelled


async def test_nothing_is_said_again_while_the_present_state_is_still_to_be_sent(
    entries: Entries, database: Database
) -> None:
    entry = await live(entries, "0195-a")
    await kept(entries, withdraw(entry, by="Anna", now=LATER), entry)

    assert not await entries.repair("0195-a", 1, at=LATER)


async def test_present_or_unknown_records_of_our_own_need_nothing(entries: Entries, database: Database) -> None:
    await live(entries, "0195-a")
    await database["entries"].update_one({"_id": "0195-a"}, {"$set": {"outbox": []}})

    assert not await entries.repair("0195-a", 1, at=LATER)
    assert not await entries.repair("0195-a", 2, at=LATER)
    assert not await entries.repair("0195-x", 1, at=LATER)


async def test_queue_lists_those_that_wait_longest_first(entries: Entries) -> None:
    for name, sent in (("b", 3), ("a", 3), ("c", 1)):
        await waiting(entries, f"0195-{name}", sent=sent)
    await live(entries, "0195-d")

    asked = EntrySelection(state=("waiting",))
    queue = await entries.list_queue(asked, limit=10)

    assert [entry.id for entry in queue] == ["0195-c", "0195-a", "0195-b"]
    assert [each.id for each in await entries.list_queue(asked, after=get_position(queue[0]), limit=1)] == ["0195-a"]
    assert [each.id for each in await entries.list_queue(asked, after=get_position(queue[1]), limit=9)] == ["0195-b"]
    assert await entries.count(asked) == 3
    assert await entries.count(asked, before=get_position(queue[2])) == 2
    assert await entries.find_neighbours(asked, get_position(queue[1])) == ("0195-c", "0195-b")
    assert await entries.find_neighbours(asked, get_position(queue[0])) == (None, "0195-a")
    assert await entries.find_neighbours(asked, QueuePosition(since="2026-11-30", id="")) == ("0195-b", None)


async def test_queue_is_narrowed_by_what_is_proposed(entries: Entries) -> None:
    await waiting(entries, "0195-a", event=make_event(also=["family"]))
    await waiting(entries, "0195-b", event=make_event(venue={"town": "Koszalin", "county": "3261"}))
    await waiting(entries, "0195-c", event=make_event(dates=on("2027-12-30", "2028-01-02")))

    async def found(asked: EntrySelection) -> list[str]:
        return [entry.id for entry in await entries.list_queue(asked, limit=10)]

    assert await found(EntrySelection(category=("family",))) == ["0195-a"]
    assert await found(EntrySelection(category=("family", "maritime"))) == ["0195-a", "0195-b", "0195-c"]
    assert await found(EntrySelection(county=("3261",))) == ["0195-b"]
    assert await found(EntrySelection(county=("3261",), category=("family",))) == []
    assert await found(EntrySelection(year=2028)) == ["0195-c"]
    assert await found(EntrySelection(year=2027)) == ["0195-a", "0195-b", "0195-c"]
    assert await found(EntrySelection(organisation=("lot-inny",))) == []
    assert await found(EntrySelection(state=("accepted",))) == []


async def test_programme_has_what_is_public_in_order(entries: Entries) -> None:
    days = {
        "a": on("2027-08-14T18:00"),
        "b": on("2027-08-14"),
        "c": on("2027-08-14", "2027-08-15"),
        "d": on("2028-01-01"),
    }
    for name, dates in days.items():
        await live(entries, f"0195-{name}", make_event(dates=dates))
    await live(entries, "0195-e", make_event(dates=on("2027-08-14"), title={"pl": "Dni Morza"}))
    await waiting(entries, "0195-f")
    gone = await live(entries, "0195-g", make_event(dates=on("2027-01-01")))
    await kept(entries, withdraw(gone, by="Anna", now=LATER), gone)
    off = await live(entries, "0195-h", make_event(dates=on("2027-09-01")))
    await kept(entries, cancel(off, by="Anna", now=LATER), off)

    programme = await entries.list_programme(EntrySelection(year=2027))

    assert [entry.id[-1] for entry in programme] == ["e", "b", "c", "a", "h"]
    assert [entry.id[-1] for entry in await entries.list_programme(EntrySelection(year=2028))] == ["d"]


async def test_programme_shows_the_live_version_while_an_edit_waits(entries: Entries) -> None:
    entry = await live(entries, "0195-a")
    moved = make_event(dates=on("2028-05-01"), category="film")
    await kept(entries, receive(entry, make_message(2, event=moved), now=NOW), entry)

    found = await entries.list_programme(EntrySelection(year=2027, category=("maritime",)))

    assert [(each.id, each.live.version if each.live else None) for each in found] == [("0195-a", 1)]
    assert await entries.list_programme(EntrySelection(year=2028)) == []
    assert [each.id for each in await entries.list_queue(EntrySelection(year=2028), limit=1)] == ["0195-a"]


async def test_months_of_a_year_are_counted_by_where_events_begin(entries: Entries) -> None:
    days = {
        "a": on("2026-12-30", "2027-01-02"),
        "b": on("2027-01-31"),
        "c": on("2027-12-31"),
        "d": on("2027-12-01T18:00"),
        "e": on("2026-12-31T18:00", "2027-01-01T00:00"),
    }
    for name, dates in days.items():
        await live(entries, f"0195-{name}", make_event(dates=dates))

    asked = EntrySelection(year=2027)

    assert await entries.count_months(asked) == {1: 2, 12: 2}
    assert await entries.count_months(EntrySelection(year=2027, category=("maritime",))) == {1: 2, 12: 2}
    assert await entries.count_months(EntrySelection(year=2026)) == {12: 2}
    assert [each.id[-1] for each in await entries.list_programme(asked, month=1)] == ["a", "b"]
    assert [each.id[-1] for each in await entries.list_programme(asked, month=12)] == ["d", "c"]
    assert await entries.list_programme(asked, month=2) == []


async def test_organisations_are_those_that_sent_something(entries: Entries) -> None:
    await waiting(entries)

    assert await entries.list_organisations() == ["lot-szczecin"]


async def test_queue_is_narrowed_by_why_an_entry_comes(entries: Entries) -> None:
    await waiting(entries, "0195-a")
    edited = await live(entries, "0195-b")
    await kept(entries, receive(edited, make_message(2, submission_id="0195-b"), now=NOW), edited)
    rejected = await waiting(entries, "0195-c")
    rejected = await kept(entries, reject(rejected, reason="duplicate", by="Anna", now=NOW), rejected)
    await kept(entries, receive(rejected, make_message(2, submission_id="0195-c"), now=NOW), rejected)

    async def found(matter: QueueReason) -> list[str]:
        return [
            entry.id
            for entry in await entries.list_queue(EntrySelection(state=("waiting",), queue_reason=(matter,)), limit=9)
        ]

    assert (await found("new"), await found("change"), await found("answer")) == (["0195-a"], ["0195-b"], ["0195-c"])


async def test_several_entries_are_found_at_once(entries: Entries) -> None:
    await waiting(entries, "0195-a")
    await waiting(entries, "0195-b")

    assert sorted(await entries.find_many(["0195-b", "0195-a", "0195-x"])) == ["0195-a", "0195-b"]


def test_place_of_an_entry_is_since_when_it_waits() -> None:
    assert get_position(make_waiting(3)) == QueuePosition(since="2026-11-03T08:00:00.000Z", id="0195-a")
    assert get_position(make_live(3)) == QueuePosition(since="2026-11-03T08:00:00.000Z", id="0195-a")
