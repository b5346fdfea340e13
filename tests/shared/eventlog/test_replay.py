from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from shared.eventlog.envelope import NotReadable, open_letter, read_message
from shared.eventlog.port import Record, TopicMismatch
from shared.eventlog.replay import Replay, ReplaySettings
from shared.eventlog.topics import PROGRAMME
from tests.fakes import FakeEventLog
from tests.shared.eventlog.builders import eventually, post, published, running

HASTY = ReplaySettings(
    poll_seconds=0.02, look_seconds=0.05, stuck_after_seconds=0.2, first_wait=0.01, longest_wait=0.05
)


class Shelf:
    """Keeps the newest revision of each event, as distribution does."""

    def __init__(self) -> None:
        self.revisions: dict[str, int] = {}
        self.largest_batch = 0

    def put(self, records: Sequence[Record]) -> None:
        self.largest_batch = max(self.largest_batch, len(records))
        for record in records:
            letter = open_letter(topic=record.topic, key=record.key, value=record.value, headers=record.headers)
            message = read_message(letter)
            self.revisions[message.subject] = max(message.number, self.revisions.get(message.subject, 0))


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


def replay(event_log: FakeEventLog, shelf: Shelf, start: dict[int, int] | None = None) -> Replay:
    return Replay(event_log, PROGRAMME.name, shelf.put, start=start, settings=HASTY)


async def test_it_has_caught_up_once_it_read_all_that_was_there_at_the_start(
    event_log: FakeEventLog, shelf: Shelf
) -> None:
    for number in range(20):
        await post(event_log, published(f"e{number}"))
    reading = replay(event_log, shelf)
    assert not reading.caught_up.is_set()

    async with running(reading):
        await asyncio.wait_for(reading.caught_up.wait(), 5)
        assert len(shelf.revisions) == 20

    assert (reading.read_count, reading.lag) == (20, 0)


async def test_an_empty_topic_is_caught_up_at_once(event_log: FakeEventLog, shelf: Shelf) -> None:
    reading = replay(event_log, shelf)

    async with running(reading):
        await asyncio.wait_for(reading.caught_up.wait(), 5)


async def test_it_follows(event_log: FakeEventLog, shelf: Shelf) -> None:
    reading = replay(event_log, shelf)

    async with running(reading):
        await reading.caught_up.wait()
        await post(event_log, published("e1", 3))
        await eventually(lambda: shelf.revisions == {"e1": 3})


async def test_positions_are_those_after_what_was_taken_and_a_snapshot_starts_there(
    event_log: FakeEventLog, shelf: Shelf
) -> None:
    for number in range(20):
        await post(event_log, published(f"e{number}"))
    first = replay(event_log, shelf)
    async with running(first):
        await first.caught_up.wait()
    await post(event_log, published("e20"))
    later = Shelf()

    second = replay(event_log, later, start=first.positions)
    async with running(second):
        await second.caught_up.wait()

    assert sum(first.positions.values()) == 20
    assert later.revisions == {"e20": 1}


async def test_a_record_that_cannot_be_read_is_skipped_listed_and_counted_and_nothing_is_parked(
    event_log: FakeEventLog, shelf: Shelf
) -> None:
    def put(records: Sequence[Record]) -> None:
        if any(record.key == b"e1" for record in records):
            raise NotReadable("the type is unknown")
        shelf.put(records)

    for event_id in ("e0", "e1", "e2"):
        await post(event_log, published(event_id))
    reading = Replay(event_log, PROGRAMME.name, put, settings=HASTY)

    async with running(reading):
        await reading.caught_up.wait()

    assert shelf.revisions == {"e0": 1, "e2": 1}
    assert [(skipped.key, skipped.reason) for skipped in reading.skipped] == [
        ("e1", "NotReadable: the type is unknown")
    ]
    assert (reading.skipped_count, list(await event_log.topics())) == (1, [PROGRAMME.name])


async def test_a_bug_skips_what_it_is_in_the_way_of_and_no_more(event_log: FakeEventLog, shelf: Shelf) -> None:
    def put(records: Sequence[Record]) -> None:
        shelf.put(records)
        if any(record.key == b"e1" for record in records):
            raise ZeroDivisionError("a bug")

    for event_id in ("e0", "e1", "e2"):
        await post(event_log, published(event_id))
    reading = Replay(event_log, PROGRAMME.name, put, settings=HASTY)

    async with running(reading):
        await reading.caught_up.wait()

    assert (len(shelf.revisions), reading.skipped_count) == (3, 1)


async def test_a_log_that_is_away_is_waited_for_at_the_start_and_later(event_log: FakeEventLog, shelf: Shelf) -> None:
    event_log.away = True
    reading = replay(event_log, shelf)
    async with running(reading):
        await asyncio.sleep(0.1)
        assert not reading.caught_up.is_set()
        event_log.away = False
        await reading.caught_up.wait()
        event_log.away = True
        await asyncio.sleep(0.2)
        event_log.away = False
        await post(event_log, published("e1"))
        await eventually(lambda: shelf.revisions == {"e1": 1})


async def test_a_reader_that_gets_nothing_although_there_is_something_is_opened_anew(
    event_log: FakeEventLog, shelf: Shelf
) -> None:
    """A6: a fetch task that died in silence; reading goes on where it stood."""
    reading = replay(event_log, shelf)
    await post(event_log, published("e1"))
    async with running(reading):
        await reading.caught_up.wait()
        event_log.silent = True
        await post(event_log, published("e2"))
        await eventually(lambda: len(event_log.reads) > 1)
        event_log.silent = False
        await eventually(lambda: shelf.revisions == {"e1": 1, "e2": 1})

    assert sum(event_log.reads[1].values()) == 1


async def test_lag_is_told_while_it_lasts(event_log: FakeEventLog, shelf: Shelf) -> None:
    reading = replay(event_log, shelf)
    assert reading.lag is None
    async with running(reading):
        await reading.caught_up.wait()
        event_log.silent = True
        await post(event_log, published("e1"))
        await eventually(lambda: reading.lag == 1)
        event_log.silent = False
        await eventually(lambda: reading.lag == 0)


async def test_a_missing_topic_ends_it(shelf: Shelf) -> None:
    with pytest.raises(TopicMismatch):
        await replay(FakeEventLog([]), shelf).run(asyncio.Event())


async def test_other_tasks_get_their_turn_between_slices(event_log: FakeEventLog, shelf: Shelf) -> None:
    for number in range(2000):
        await post(event_log, published("e1", number))
    reading = Replay(event_log, PROGRAMME.name, shelf.put, settings=ReplaySettings(max_records=100))
    turns = 0

    async with running(reading):
        while not reading.caught_up.is_set():
            turns += 1
            await asyncio.sleep(0)

    assert shelf.largest_batch <= 100
    assert turns >= 20
