from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from shared.eventlog.envelope import InvalidMessage, parse, parse_message
from shared.eventlog.port import Partition, Record, TopicMismatch
from shared.eventlog.topic_reader import TopicReader, TopicReaderSettings, compute_checkpoint
from shared.eventlog.topics import PROGRAMME
from tests.shared.eventlog.builders import eventually, post, published, running
from tests.support.fakes import FakeEventLog

HASTY = TopicReaderSettings(
    poll_seconds=0.02, look_seconds=0.05, stalled_after_seconds=0.2, first_wait=0.01, longest_wait=0.05
)


class Shelf:
    """Keeps the newest revision of each event, as distribution does."""

    def __init__(self) -> None:
        self.revisions: dict[str, int] = {}
        self.largest_batch = 0

    def put(self, records: Sequence[Record]) -> None:
        self.largest_batch = max(self.largest_batch, len(records))
        for record in records:
            envelope = parse(topic=record.topic, key=record.key, value=record.value, headers=record.headers)
            message = parse_message(envelope)
            self.revisions[message.subject] = max(message.number, self.revisions.get(message.subject, 0))


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


def replay(event_log: FakeEventLog, shelf: Shelf, start: dict[int, int] | None = None) -> TopicReader:
    return TopicReader(event_log, PROGRAMME.name, shelf.put, start=start, settings=HASTY)


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
            raise InvalidMessage("the type is unknown")
        shelf.put(records)

    for event_id in ("e0", "e1", "e2"):
        await post(event_log, published(event_id))
    reading = TopicReader(event_log, PROGRAMME.name, put, settings=HASTY)

    async with running(reading):
        await reading.caught_up.wait()

    assert shelf.revisions == {"e0": 1, "e2": 1}
    assert [(skipped.key, skipped.reason) for skipped in reading.skipped] == [
        ("e1", "InvalidMessage: the type is unknown")
    ]
    assert (reading.skipped_count, list(await event_log.list_topics())) == (1, [PROGRAMME.name])


async def test_a_bug_skips_what_it_is_in_the_way_of_and_no_more(event_log: FakeEventLog, shelf: Shelf) -> None:
    def put(records: Sequence[Record]) -> None:
        shelf.put(records)
        if any(record.key == b"e1" for record in records):
            raise ZeroDivisionError("a bug")

    for event_id in ("e0", "e1", "e2"):
        await post(event_log, published(event_id))
    reading = TopicReader(event_log, PROGRAMME.name, put, settings=HASTY)

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

    assert reading.read_count == 2


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


async def test_everything_written_is_known_to_be_read_up_to_when_the_log_was_last_asked(
    event_log: FakeEventLog, shelf: Shelf
) -> None:
    seconds = [100.0]
    reading = TopicReader(event_log, PROGRAMME.name, shelf.put, settings=HASTY, now=lambda: seconds[0])
    async with running(reading):
        await reading.caught_up.wait()
        assert reading.complete_at == 100
        event_log.away = True
        seconds[0] = 200.0
        await eventually(lambda: reading.is_unavailable)
        assert reading.complete_at == 100
        event_log.away = False
        await eventually(lambda: reading.complete_at == 200)
        assert not reading.is_unavailable


def test_a_witness_tells_a_record_from_every_other() -> None:
    def record(timestamp_ms: int = 0, key: bytes | None = b"k", value: bytes | None = b"v") -> Record:
        return Record(Partition("t", 0), 0, timestamp_ms, key, value, ())

    others = [record(1), record(key=b"kv", value=b""), record(key=None), record(value=None), record(value=b"")]

    assert compute_checkpoint(record()) == compute_checkpoint(record())
    assert len({compute_checkpoint(each) for each in (record(), *others)}) == 6


class Snapshot:
    """What a first reader saw of a log with ten events."""

    def __init__(self, positions: dict[int, int], checkpoints: dict[int, bytes]) -> None:
        self.positions, self.checkpoints = positions, checkpoints

    def read_on(self, event_log: FakeEventLog, shelf: Shelf, replaced: list[str]) -> TopicReader:
        return TopicReader(
            event_log,
            PROGRAMME.name,
            shelf.put,
            start=self.positions,
            checkpoints=self.checkpoints,
            on_reset=lambda: replaced.append("replaced"),
            settings=HASTY,
        )


async def read_ten(event_log: FakeEventLog) -> Snapshot:
    for number in range(10):
        await post(event_log, published(f"e{number}"))
    first = replay(event_log, Shelf())
    async with running(first):
        await first.caught_up.wait()
    return Snapshot(first.positions, first.checkpoints)


async def test_the_same_log_is_read_on_from_the_snapshot(event_log: FakeEventLog, shelf: Shelf) -> None:
    snapshot, replaced = await read_ten(event_log), list[str]()
    await post(event_log, published("later"))
    reading = snapshot.read_on(event_log, shelf, replaced)

    async with running(reading):
        await reading.caught_up.wait()

    assert (shelf.revisions, replaced, reading.read_count) == ({"later": 1}, [], 1)


@pytest.mark.parametrize("count", [0, 9, 10, 11, 500])
async def test_another_log_is_read_from_its_beginning_however_long_it_is(
    event_log: FakeEventLog, shelf: Shelf, count: int
) -> None:
    snapshot, replaced = await read_ten(event_log), list[str]()
    other = FakeEventLog([PROGRAMME])
    for number in range(count):
        await post(other, published(f"other{number}"))
    reading = snapshot.read_on(other, shelf, replaced)

    async with running(reading):
        await eventually(lambda: replaced)
        await reading.caught_up.wait()

    assert replaced == ["replaced"]
    assert {f"other{number}" for number in range(count)} <= shelf.revisions.keys()


async def test_a_log_whose_witness_was_compacted_away_is_read_from_its_beginning(
    event_log: FakeEventLog, shelf: Shelf
) -> None:
    snapshot, replaced = await read_ten(event_log), list[str]()
    for number in range(10):
        await post(event_log, published(f"e{number}", 2))
    for partition, offset in ((partition, snapshot.positions[partition.number]) for partition in event_log.records):
        event_log.records[partition][offset - 1] = event_log.records[partition][offset]
    reading = snapshot.read_on(event_log, shelf, replaced)

    async with running(reading):
        await eventually(lambda: replaced)
        await reading.caught_up.wait()

    assert replaced == ["replaced"]
    assert set(shelf.revisions.values()) == {2}


async def test_a_log_that_is_replaced_while_it_is_read_is_read_from_its_beginning(
    event_log: FakeEventLog, shelf: Shelf
) -> None:
    snapshot, replaced = await read_ten(event_log), list[str]()
    reading = snapshot.read_on(event_log, shelf, replaced)
    async with running(reading):
        await reading.caught_up.wait()
        for records in event_log.records.values():
            records.clear()
        await post(event_log, published("new"))
        await eventually(lambda: replaced and reading.caught_up.is_set())

    assert shelf.revisions["new"] == 1


async def test_a_missing_topic_ends_it(shelf: Shelf) -> None:
    with pytest.raises(TopicMismatch):
        await replay(FakeEventLog([]), shelf).run(asyncio.Event())


async def test_other_tasks_get_their_turn_between_slices(event_log: FakeEventLog, shelf: Shelf) -> None:
    for number in range(2000):
        await post(event_log, published("e1", number))
    reading = TopicReader(event_log, PROGRAMME.name, shelf.put, settings=TopicReaderSettings(max_records=100))
    turns = 0

    async with running(reading):
        while not reading.caught_up.is_set():
            turns += 1
            await asyncio.sleep(0)

    assert shelf.largest_batch <= 100
    assert turns >= 20
