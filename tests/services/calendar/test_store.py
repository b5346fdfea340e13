"""The store on a real MongoDB: one write or none, and the questions that lists ask."""

from __future__ import annotations

import asyncio

import pytest

from services.calendar.domain.arrival import receive
from services.calendar.domain.entry import Entry, EventContent, Matter
from services.calendar.domain.public import Outcome
from services.calendar.domain.review import accept, cancel, reject, withdraw
from services.calendar.domain.selection import Selection
from services.calendar.store import MOST_UNSENT, Entries, EntryMoved, LettersPileUp, Place, place_of
from shared.database import Database
from shared.eventlog.envelope import read_document, read_message
from shared.telemetry import tracing
from tests.services.calendar.builders import LATER, NOW, make_event, make_live, make_message, make_waiting

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


async def kept(entries: Entries, outcome: Outcome, before: Entry | None = None) -> Entry:
    entry, messages = outcome
    await entries.keep(before, entry, messages, at=NOW)
    return entry


async def waiting(
    entries: Entries, submission_id: str = "0195-a", *, sent: int = 1, event: EventContent | None = None
) -> Entry:
    """Keep an entry that waits since a day of November."""
    sent_at = f"2026-11-{sent:02}T08:00:00.000Z"
    message = make_message(1, submission_id=submission_id, sent_at=sent_at, event=event or make_event())
    return await kept(entries, receive(None, message, now=NOW))


async def live(entries: Entries, submission_id: str, event: EventContent | None = None) -> Entry:
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

    await entries.keep(entry, accepted, messages, at=LATER)

    found = await database["entries"].find_one({"_id": "0195-a"})
    assert found
    letters = [read_document(each) for each in found["outbox"]]
    assert [read_message(letter) for letter in letters[1:]] == list(messages)
    assert [letter.topic for letter in letters] == ["decisions.v1", "programme.v1", "decisions.v1"]
    assert len({letter.id for letter in letters}) == 3


async def test_decision_carries_on_the_trace_that_was_read_with_the_entry(entries: Entries, database: Database) -> None:
    with tracing(TRACE):
        await waiting(entries)
    entry = await entries.find("0195-a")
    assert entry
    await database["entries"].update_one({"_id": entry.id}, {"$unset": {"trace": ""}})  # it is not read once more

    await kept(entries, accept(entry, by="Anna", now=LATER), entry)

    found = await database["entries"].find_one({"_id": entry.id})
    assert found
    traces = [read_document(each).traceparent for each in found["outbox"]]
    assert {each.split("-")[1] for each in traces if each} == {TRACE.split("-")[1]}
    assert None not in traces


async def test_of_decisions_at_the_same_moment_exactly_one_wins(entries: Entries, database: Database) -> None:
    entry = await waiting(entries)

    async def decide(number: int) -> bool:
        outcome = (
            accept(entry, by=f"Anna {number}", now=LATER)
            if number % 2
            else reject(entry, reason="duplicate", by=f"Jan {number}", now=LATER)
        )
        try:
            await kept(entries, outcome, entry)
        except EntryMoved:
            return False
        return True

    won = await asyncio.gather(*(decide(number) for number in range(20)))

    found = await entries.find("0195-a")
    assert won.count(True) == 1
    assert found
    assert [act.who for act in found.history if act.by == "curator"] == [
        f"{'Anna' if (winner := won.index(True)) % 2 else 'Jan'} {winner}"
    ]


async def test_of_first_messages_at_the_same_moment_exactly_one_opens_the_entry(entries: Entries) -> None:
    results = await asyncio.gather(*(waiting(entries) for _ in range(10)), return_exceptions=True)

    assert sum(isinstance(each, Entry) for each in results) == 1
    assert sum(isinstance(each, EntryMoved) for each in results) == 9


async def test_nothing_more_is_taken_while_too_much_waits_to_be_sent(entries: Entries) -> None:
    entry = await waiting(entries)
    for version in range(2, MOST_UNSENT + 2):
        entry = await kept(entries, receive(entry, make_message(version, sent_at=NOW), now=NOW), entry)

    with pytest.raises(LettersPileUp):
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
    again = read_document(found["outbox"][0])
    assert (read_message(again).number, again.topic, len(found["outbox"])) == (2, "programme.v1", 1)
    assert again.id not in {letter["id"] for letter in before["outbox"]}
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

    asked = Selection(state=("waiting",))
    queue = await entries.queue(asked, limit=10)

    assert [entry.id for entry in queue] == ["0195-c", "0195-a", "0195-b"]
    assert [each.id for each in await entries.queue(asked, after=place_of(queue[0]), limit=1)] == ["0195-a"]
    assert [each.id for each in await entries.queue(asked, after=place_of(queue[1]), limit=9)] == ["0195-b"]
    assert await entries.count(asked) == 3
    assert await entries.count(asked, before=place_of(queue[2])) == 2
    assert await entries.neighbours(asked, place_of(queue[1])) == ("0195-c", "0195-b")
    assert await entries.neighbours(asked, place_of(queue[0])) == (None, "0195-a")
    assert await entries.neighbours(asked, Place(since="2026-11-30", id="")) == ("0195-b", None)


async def test_queue_is_narrowed_by_what_is_proposed(entries: Entries) -> None:
    await waiting(entries, "0195-a", event=make_event(also=["family"]))
    await waiting(entries, "0195-b", event=make_event(venue={"town": "Koszalin", "county": "3261"}))
    await waiting(entries, "0195-c", event=make_event(dates=on("2027-12-30", "2028-01-02")))

    async def found(asked: Selection) -> list[str]:
        return [entry.id for entry in await entries.queue(asked, limit=10)]

    assert await found(Selection(category=("family",))) == ["0195-a"]
    assert await found(Selection(category=("family", "maritime"))) == ["0195-a", "0195-b", "0195-c"]
    assert await found(Selection(county=("3261",))) == ["0195-b"]
    assert await found(Selection(county=("3261",), category=("family",))) == []
    assert await found(Selection(year=2028)) == ["0195-c"]
    assert await found(Selection(year=2027)) == ["0195-a", "0195-b", "0195-c"]
    assert await found(Selection(organisation=("lot-inny",))) == []
    assert await found(Selection(state=("accepted",))) == []


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

    programme = await entries.programme(Selection(year=2027))

    assert [entry.id[-1] for entry in programme] == ["e", "b", "c", "a", "h"]
    assert [entry.id[-1] for entry in await entries.programme(Selection(year=2028))] == ["d"]


async def test_programme_shows_the_live_version_while_an_edit_waits(entries: Entries) -> None:
    entry = await live(entries, "0195-a")
    moved = make_event(dates=on("2028-05-01"), category="film")
    await kept(entries, receive(entry, make_message(2, event=moved), now=NOW), entry)

    found = await entries.programme(Selection(year=2027, category=("maritime",)))

    assert [(each.id, each.live.version if each.live else None) for each in found] == [("0195-a", 1)]
    assert await entries.programme(Selection(year=2028)) == []
    assert [each.id for each in await entries.queue(Selection(year=2028), limit=1)] == ["0195-a"]


async def test_months_of_a_year_are_counted_by_where_events_begin(entries: Entries) -> None:
    days = {
        "a": on("2026-12-30", "2027-01-02"),
        "b": on("2027-01-31"),
        "c": on("2027-12-31"),
        "d": on("2027-12-01T18:00"),
    }
    for name, dates in days.items():
        await live(entries, f"0195-{name}", make_event(dates=dates))

    asked = Selection(year=2027)

    assert await entries.months(asked) == {1: 2, 12: 2}
    assert await entries.months(Selection(year=2027, category=("maritime",))) == {1: 2, 12: 2}
    assert await entries.months(Selection(year=2026)) == {12: 1}
    assert [each.id[-1] for each in await entries.programme(asked, month=1)] == ["a", "b"]
    assert [each.id[-1] for each in await entries.programme(asked, month=12)] == ["d", "c"]
    assert await entries.programme(asked, month=2) == []


async def test_organisations_are_those_that_sent_something(entries: Entries) -> None:
    await waiting(entries)

    assert await entries.organisations() == ["lot-szczecin"]


async def test_queue_is_narrowed_by_why_an_entry_comes(entries: Entries) -> None:
    await waiting(entries, "0195-a")
    edited = await live(entries, "0195-b")
    await kept(entries, receive(edited, make_message(2, submission_id="0195-b"), now=NOW), edited)
    rejected = await waiting(entries, "0195-c")
    rejected = await kept(entries, reject(rejected, reason="duplicate", by="Anna", now=NOW), rejected)
    await kept(entries, receive(rejected, make_message(2, submission_id="0195-c"), now=NOW), rejected)

    async def found(matter: Matter) -> list[str]:
        return [entry.id for entry in await entries.queue(Selection(state=("waiting",), matter=(matter,)), limit=9)]

    assert (await found("new"), await found("change"), await found("answer")) == (["0195-a"], ["0195-b"], ["0195-c"])


async def test_several_entries_are_found_at_once(entries: Entries) -> None:
    await waiting(entries, "0195-a")
    await waiting(entries, "0195-b")

    assert sorted(await entries.several(["0195-b", "0195-a", "0195-x"])) == ["0195-a", "0195-b"]


def test_place_of_an_entry_is_since_when_it_waits() -> None:
    assert place_of(make_waiting(3)) == Place(since="2026-11-03T08:00:00.000Z", id="0195-a")
    assert place_of(make_live(3)) == Place(since="2026-11-03T08:00:00.000Z", id="0195-a")
