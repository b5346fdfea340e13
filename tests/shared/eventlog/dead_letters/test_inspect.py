from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from shared.eventlog.consumer.loop import Consumer, Rejected
from shared.eventlog.dead_letters.inspect import (
    DeadLetter,
    NoSuchDeadLetter,
    find_dead_letter,
    list_dead_letters,
    replay,
)
from shared.eventlog.envelope import Envelope
from shared.eventlog.port import EventLog
from shared.eventlog.topics import PROGRAMME
from shared.messages import EventPublished
from tests.shared.eventlog.builders import HASTY, envelope, eventually, published, running
from tests.support.fakes import FakeEventLog

PLACE = "programme.v1.calendar.parked/0/0"


class Desk:
    """Rejects what it is told to, for as long as it is told to."""

    def __init__(self) -> None:
        self.handled: list[int] = []
        self.rejects = True

    async def handle(self, message: EventPublished, _: Envelope) -> None:
        if self.rejects:
            raise Rejected("not today")
        self.handled.append(message.revision)


@pytest.fixture
def event_log() -> FakeEventLog:
    return FakeEventLog([PROGRAMME], partitions=1)


def consumer(event_log: EventLog, desk: Desk) -> Consumer:
    return Consumer(event_log, group="calendar", handlers={EventPublished: desk.handle}, settings=HASTY)


async def park(event_log: FakeEventLog, desk: Desk, *event_ids: str) -> None:
    """Have a consumer park a message of each event."""
    at_work = consumer(event_log, desk)
    async with running(at_work):
        for event_id in event_ids:
            await event_log.send(envelope(published(event_id), message_id=f"m-{event_id}").to_outgoing())
        await eventually(lambda: at_work.progress.dead_lettered == len(event_ids))


async def test_nothing_is_listed_where_nothing_is_parked(event_log: FakeEventLog) -> None:
    assert await list_dead_letters(event_log) == []


async def test_a_parked_record_is_listed_with_where_and_why_and_itself_untouched(event_log: FakeEventLog) -> None:
    await park(event_log, Desk(), "e1")
    original = envelope(published("e1"), message_id="m-e1")
    (where,) = event_log.of(PROGRAMME.name)

    (record,) = await list_dead_letters(event_log)

    assert record == DeadLetter(
        place=PLACE,
        topic=PROGRAMME.name,
        partition=where.partition.number,
        offset=0,
        timestamp_ms=0,
        group="calendar",
        error="Rejected",
        reason="not today",
        attempts=1,
        dead_lettered_at=record.dead_lettered_at,
        replayed_at=None,
        key=b"e1",
        value=original.data,
        headers=original.build_headers(),
    )


async def test_the_list_can_be_narrowed(event_log: FakeEventLog) -> None:
    await park(event_log, Desk(), "e1")

    assert len(await list_dead_letters(event_log, topic=PROGRAMME.name, group="calendar")) == 1
    assert await list_dead_letters(event_log, topic="decisions.v1") == []
    assert await list_dead_letters(event_log, group="ingest") == []


async def test_one_is_shown_by_its_place(event_log: FakeEventLog) -> None:
    await park(event_log, Desk(), "e1", "e2")

    assert (await find_dead_letter(event_log, PLACE)).key == b"e1"
    with pytest.raises(NoSuchDeadLetter):
        await find_dead_letter(event_log, "programme.v1.calendar.parked/0/99")


async def test_a_chosen_record_is_sent_again_as_it_was_and_handled(event_log: FakeEventLog) -> None:
    desk = Desk()
    await park(event_log, desk, "e1", "e2")
    desk.rejects = False
    before = event_log.of(PROGRAMME.name)

    with capture_logs() as lines:
        await replay(event_log, [PLACE], by="curator")
    async with running(consumer(event_log, desk)):
        await eventually(lambda: desk.handled == [1])

    (again,) = [record for record in event_log.of(PROGRAMME.name) if record not in before]
    original = envelope(published("e1"), message_id="m-e1")
    assert (again.key, again.value) == (b"e1", original.data)
    assert list(again.headers) == [*original.build_headers(), ("replayed-from", PLACE.encode())]
    assert [(line["event"], line["place"], line["by"]) for line in lines] == [
        ("dead_letter_replayed", PLACE, "curator")
    ]
    assert [record.key for record in await list_dead_letters(event_log)] == [b"e2"]
    assert [record.replayed_at is None for record in await list_dead_letters(event_log, replayed=True)] == [False, True]


async def test_sending_again_twice_sends_once(event_log: FakeEventLog) -> None:
    await park(event_log, Desk(), "e1")

    first = await replay(event_log, [PLACE, PLACE], by="curator")
    second = await replay(event_log, [PLACE], by="curator")

    assert (len(first), second, len(event_log.of(PROGRAMME.name))) == (1, [], 2)


async def test_one_wrong_place_sends_nothing(event_log: FakeEventLog) -> None:
    await park(event_log, Desk(), "e1")

    with pytest.raises(NoSuchDeadLetter):
        await replay(event_log, [PLACE, "elsewhere.parked/0/0"], by="curator")

    assert len(event_log.of(PROGRAMME.name)) == 1


async def test_a_record_that_was_sent_again_and_fails_again_is_parked_again(event_log: FakeEventLog) -> None:
    desk = Desk()
    await park(event_log, desk, "e1")
    await replay(event_log, [PLACE], by="curator")

    at_work = consumer(event_log, desk)
    async with running(at_work):
        await eventually(lambda: at_work.progress.dead_lettered == 1)

    (record,) = await list_dead_letters(event_log)
    assert (record.place, record.offset) == ("programme.v1.calendar.parked/0/2", 1)
    assert ("replayed-from", PLACE.encode()) in record.headers
