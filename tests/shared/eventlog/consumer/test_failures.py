"""What the loop does with records that fail: tried again, tried five times, or parked."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from shared.eventlog.consumer.loop import Rejected
from shared.eventlog.port import Outgoing
from shared.eventlog.topics import PROGRAMME
from tests.shared.eventlog.builders import envelope, eventually, post, published, running
from tests.shared.eventlog.desk import DEAD_LETTERS, GROUP, Desk, StoreIsDown, committed, consumer, ends
from tests.support.fakes import FakeEventLog


async def test_an_outage_is_tried_again_in_order_and_for_ever_and_never_parked(
    event_log: FakeEventLog, desk: Desk
) -> None:
    desk.fails = lambda _: StoreIsDown() if len(desk.tried) <= 12 else None
    for revision in (1, 2, 3):
        await post(event_log, published("e1", revision))

    async with running(consumer(event_log, desk.handle)):
        await eventually(lambda: committed(event_log) == ends(event_log))

    assert desk.tried[:12] == [("e1", 1)] * 12
    assert (desk.handled, event_log.of(DEAD_LETTERS)) == ([("e1", 1), ("e1", 2), ("e1", 3)], [])


async def test_other_partitions_go_on_while_one_waits(event_log: FakeEventLog, desk: Desk) -> None:
    stuck = (await post(event_log, published("e0"))).partition
    desk.fails = lambda message: StoreIsDown() if message.event_id == "e0" else None
    at_work = consumer(event_log, desk.handle)

    async with running(at_work):
        await eventually(lambda: at_work.progress.attempts > 0)
        for number in range(1, 20):
            await post(event_log, published(f"e{number}"))
        others = {partition: end for partition, end in ends(event_log).items() if partition != stuck}
        await eventually(lambda: others.items() <= committed(event_log).items())
        assert stuck not in committed(event_log)
        assert at_work.progress.waiting <= 1

    assert ("e0", 1) not in desk.handled


async def test_only_what_came_before_a_failure_is_committed(event_log: FakeEventLog, desk: Desk) -> None:
    for revision in (1, 2, 3):
        partition = (await post(event_log, published("e1", revision))).partition
    desk.fails = lambda message: StoreIsDown() if message.revision == 2 else None

    async with running(consumer(event_log, desk.handle)):
        await eventually(lambda: len(desk.tried) > 4)

    assert committed(event_log) == {partition: 1}


async def test_a_rejected_message_is_parked_at_once_and_the_next_handled(event_log: FakeEventLog, desk: Desk) -> None:
    desk.fails = lambda message: Rejected("never") if message.revision == 1 else None
    for revision in (1, 2):
        await post(event_log, published("e1", revision))

    async with running(consumer(event_log, desk.handle)):
        await eventually(lambda: committed(event_log) == ends(event_log))

    assert desk.tried == [("e1", 1), ("e1", 2)]
    assert [record.key for record in event_log.of(DEAD_LETTERS)] == [b"e1"]


async def test_a_bug_is_tried_five_times_and_then_parked(event_log: FakeEventLog, desk: Desk) -> None:
    desk.fails = lambda message: ValueError("a bug") if message.revision == 1 else None
    for revision in (1, 2):
        await post(event_log, published("e1", revision))

    async with running(consumer(event_log, desk.handle)):
        await eventually(lambda: committed(event_log) == ends(event_log))

    (parked,) = event_log.of(DEAD_LETTERS)
    where = {name: value for name, value in parked.headers if name.startswith("parked_")}
    assert desk.tried == [("e1", 1)] * 5 + [("e1", 2)]
    assert (where["parked_error"], where["parked_reason"], where["parked_attempts"]) == (b"ValueError", b"a bug", b"5")


async def test_an_outage_between_does_not_count_as_a_bug(event_log: FakeEventLog, desk: Desk) -> None:
    errors = [ValueError(), ValueError(), ValueError(), ValueError(), *[StoreIsDown()] * 6]
    desk.fails = lambda _: errors.pop() if errors else None
    await post(event_log, published("e1"))

    async with running(consumer(event_log, desk.handle)):
        await eventually(lambda: committed(event_log) == ends(event_log))

    assert (len(desk.tried), desk.handled, event_log.of(DEAD_LETTERS)) == (11, [("e1", 1)], [])


BROKEN = {
    "truncated": lambda sent: Outgoing(sent.topic, sent.key, (sent.value or b"")[:20], sent.headers),
    "wrong type": lambda sent: Outgoing(sent.topic, sent.key, b'{"event_id": 5}', sent.headers),
    "not UTF-8": lambda sent: Outgoing(sent.topic, sent.key, b'{"event_id": "\xff"}', sent.headers),
    "no value": lambda sent: Outgoing(sent.topic, sent.key, None, sent.headers),
    "endless nesting": lambda sent: Outgoing(sent.topic, sent.key, b"[" * 100_000, sent.headers),
    "unknown type": lambda sent: Outgoing(
        sent.topic, sent.key, sent.value, _with(sent, ce_type=b"pl.kalendarium.X.v9")
    ),
    "header not UTF-8": lambda sent: Outgoing(sent.topic, sent.key, sent.value, _with(sent, ce_id=b"\xff")),
    "header without value": lambda sent: Outgoing(sent.topic, sent.key, sent.value, _with(sent, ce_id=None)),
    "no envelope": lambda sent: Outgoing(sent.topic, sent.key, sent.value, ()),
    "another key": lambda sent: Outgoing(sent.topic, b"other", sent.value, sent.headers),
    "a key that is not UTF-8": lambda sent: Outgoing(sent.topic, b"\xff", sent.value, sent.headers),
}


def _with(sent: Outgoing, **headers: bytes | None) -> list[tuple[str, bytes | None]]:
    return [(name, headers.get(name, value)) for name, value in sent.headers]


@pytest.mark.parametrize("breaking", BROKEN.values(), ids=BROKEN)
async def test_a_record_that_cannot_be_read_is_parked_untouched_and_the_next_handled(
    event_log: FakeEventLog, desk: Desk, breaking: Callable[[Outgoing], Outgoing]
) -> None:
    """A5: reading fails inside the loop's try, so the position moves on."""
    broken = breaking(envelope(published("e1")).to_outgoing())
    sent = await event_log.send(broken)
    await post(event_log, published("e1", 2))

    async with running(consumer(event_log, desk.handle)):
        await eventually(lambda: committed(event_log) == ends(event_log))

    (parked,) = event_log.of(DEAD_LETTERS)
    where = {name: value for name, value in parked.headers if name.startswith("parked_")}
    untouched = tuple(header for header in parked.headers if not header[0].startswith("parked_"))
    assert (parked.key, parked.value, untouched) == (broken.key, broken.value, tuple(broken.headers))
    assert (where["parked_topic"], where["parked_group"]) == (PROGRAMME.name.encode(), GROUP.encode())
    assert (int(where["parked_partition"] or b""), int(where["parked_offset"] or b"")) == (
        sent.partition.number,
        sent.offset,
    )
    assert where["parked_error"] == b"NotReadable"
    assert desk.handled == [("e1", 2)]


async def test_nothing_is_committed_past_a_record_until_its_parking_was_acknowledged(
    event_log: FakeEventLog, desk: Desk
) -> None:
    desk.fails = lambda message: Rejected("never") if message.revision == 1 else None
    event_log.refuses = lambda outgoing: outgoing.topic == DEAD_LETTERS
    for revision in (1, 2):
        await post(event_log, published("e1", revision))
    at_work = consumer(event_log, desk.handle)

    async with running(at_work):
        await eventually(lambda: at_work.progress.attempts > 2)
        assert committed(event_log) == {}
        event_log.refuses = lambda _: False
        await eventually(lambda: committed(event_log) == ends(event_log))

    assert (len(event_log.of(DEAD_LETTERS)), at_work.progress.dead_lettered) == (1, 1)
