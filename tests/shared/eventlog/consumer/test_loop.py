"""The loop's rules on a log in memory that knows positions, pauses, commits and lost assignments."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from shared.eventlog.consumer.loop import Consumer, ConsumerSettings, Rejected
from shared.eventlog.envelope import Envelope
from shared.eventlog.port import LogUnavailable
from shared.eventlog.topics import PROGRAMME
from shared.messages import EventPublished, EventWithdrawn
from shared.observability.logging import get_current_traceparent
from tests.shared.eventlog.builders import (
    HASTY,
    PATIENCE,
    TRACEPARENT,
    envelope,
    eventually,
    post,
    published,
    running,
    withdrawn,
)
from tests.shared.eventlog.desk import DEAD_LETTERS, GROUP, Desk, StoreIsDown, committed, consumer, ends
from tests.support.fakes import FakeEventLog


async def test_what_is_handled_is_committed_one_past_the_last_of_each_partition(
    event_log: FakeEventLog, desk: Desk
) -> None:
    for number in range(10):
        await post(event_log, published(f"e{number}"))

    async with running(consumer(event_log, desk.handle)):
        await eventually(lambda: committed(event_log) == ends(event_log))

    assert sorted(desk.handled) == [(f"e{number}", 1) for number in range(10)]


async def test_topics_are_those_of_the_handled_messages_and_other_types_are_passed_by(
    event_log: FakeEventLog, desk: Desk
) -> None:
    await post(event_log, withdrawn("e1"))

    async with running(consumer(event_log, desk.handle)):
        await eventually(lambda: committed(event_log) == ends(event_log))

    assert (desk.tried, event_log.of(DEAD_LETTERS)) == ([], [])


async def test_work_of_a_lost_assignment_is_dropped_without_a_commit(event_log: FakeEventLog, desk: Desk) -> None:
    """A7, A8: what was in hand when the partitions were assigned again is handed out again, and moves no offset."""
    for revision in (1, 2, 3):
        await post(event_log, published("e1", revision))
    lost: list[int] = []

    async def lose_once(message: EventPublished, _: Envelope) -> None:
        desk.handled.append((message.event_id, message.revision))
        if message.revision == 2 and not lost:
            lost.append(len(event_log.commits))
            event_log.lose_assignments(GROUP)

    at_work = consumer(event_log, lose_once)
    async with running(at_work):
        await eventually(lambda: committed(event_log) == ends(event_log))

    assert lost == [0]
    assert [revision for _, revision in desk.handled] == [1, 2, 1, 2, 3]
    assert at_work.progress.refused_commits == 1


async def test_a_wait_does_not_outlive_the_assignment(event_log: FakeEventLog, desk: Desk) -> None:
    """A7: a partition that was paused and then assigned again does not stay paused."""
    patient = ConsumerSettings(first_wait=30, longest_wait=30, poll_seconds=0.02)
    desk.fails = lambda _: StoreIsDown() if len(desk.tried) == 1 else None
    await post(event_log, published("e1"))
    at_work = consumer(event_log, desk.handle, patient)

    async with running(at_work):
        await eventually(lambda: at_work.progress.waiting == 1)
        event_log.lose_assignments(GROUP)
        await eventually(lambda: committed(event_log) == ends(event_log))


async def test_a_commit_without_an_answer_is_made_later(event_log: FakeEventLog, desk: Desk) -> None:
    """A10: an unknown commit holds nothing up."""

    async def then_away(message: EventPublished, _: Envelope) -> None:
        desk.handled.append((message.event_id, message.revision))
        event_log.away = True

    await post(event_log, published("e1"))
    async with running(consumer(event_log, then_away)):
        await eventually(lambda: desk.handled)
        await asyncio.sleep(0.05)
        assert committed(event_log) == {}
        event_log.away = False
        await eventually(lambda: committed(event_log) == ends(event_log))

    assert desk.handled == [("e1", 1)]


async def test_stopping_finishes_and_commits_the_record_in_hand_and_no_more(
    event_log: FakeEventLog, desk: Desk
) -> None:
    for revision in (1, 2, 3):
        partition = (await post(event_log, published("e1", revision))).partition
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow(message: EventPublished, _: Envelope) -> None:
        begun.set()
        await go_on.wait()
        desk.handled.append((message.event_id, message.revision))

    async with running(consumer(event_log, slow)) as stop:
        await begun.wait()
        stop.set()
        await asyncio.sleep(0.05)
        go_on.set()

    assert desk.handled == [("e1", 1)]
    assert committed(event_log) == {partition: 1}
    assert event_log.members[GROUP] == []


async def test_stopping_abandons_a_record_that_takes_too_long(event_log: FakeEventLog, desk: Desk) -> None:
    begun = asyncio.Event()

    async def endless(_: EventPublished, __: Envelope) -> None:
        begun.set()
        await asyncio.Event().wait()

    await post(event_log, published("e1"))
    hasty = ConsumerSettings(poll_seconds=0.02, finish_seconds=0.05)
    async with asyncio.timeout(PATIENCE), running(consumer(event_log, endless, hasty)) as stop:
        await begun.wait()
        stop.set()

    assert committed(event_log) == {}


async def test_a_log_that_is_away_at_the_start_is_waited_for(event_log: FakeEventLog, desk: Desk) -> None:
    await post(event_log, published("e1"))
    event_log.away = True
    at_work = consumer(event_log, desk.handle)

    async with running(at_work):
        await asyncio.sleep(0.1)
        assert at_work.progress.joined is False
        event_log.away = False
        await eventually(lambda: desk.handled == [("e1", 1)])


async def test_a_broken_subscription_is_replaced(event_log: FakeEventLog, desk: Desk) -> None:
    """A16: a client that raised is closed, and a new one made after a while."""
    async with running(consumer(event_log, desk.handle)):
        await eventually(lambda: event_log.members.get(GROUP))
        (broken,) = event_log.members[GROUP]
        broken.broken = LogUnavailable("this client is done for")
        await post(event_log, published("e1"))
        await eventually(lambda: desk.handled == [("e1", 1)])
        assert broken not in event_log.members[GROUP]


async def test_two_members_share_the_partitions(event_log: FakeEventLog, desk: Desk) -> None:
    other = Desk()
    async with running(consumer(event_log, desk.handle), consumer(event_log, other.handle)):
        await eventually(lambda: len(event_log.members.get(GROUP, [])) == 2)
        for number in range(20):
            await post(event_log, published(f"e{number}"))
        await eventually(lambda: committed(event_log) == ends(event_log))

    assert sorted({*desk.handled, *other.handled}) == sorted((f"e{number}", 1) for number in range(20))
    assert desk.handled
    assert other.handled


async def test_progress_tells_what_became_of_the_records(event_log: FakeEventLog, desk: Desk) -> None:
    desk.fails = lambda message: Rejected("never") if message.event_id == "e1" else None
    at_work = consumer(event_log, desk.handle)
    await post(event_log, published("e1"))
    await post(event_log, published("e2"))

    async with running(at_work):
        await eventually(lambda: committed(event_log) == ends(event_log))
        progress = at_work.progress

    assert (progress.handled, progress.dead_lettered, progress.attempts, progress.waiting) == (1, 1, 0, 0)
    assert progress.joined
    assert progress.last_poll_age < 5


async def test_a_record_is_one_line_in_the_log_and_works_inside_its_trace(event_log: FakeEventLog, desk: Desk) -> None:
    traces: list[str | None] = []

    async def note_trace(_: EventPublished, __: Envelope) -> None:
        traces.append(get_current_traceparent())

    sent = envelope(published("e1"), message_id="m-1", traceparent=TRACEPARENT)
    where = await event_log.send(sent.to_outgoing())
    with capture_logs(processors=[merge_contextvars]) as lines:
        async with running(consumer(event_log, note_trace)):
            await eventually(lambda: committed(event_log) == ends(event_log))

    (line,) = [line for line in lines if line["event"] == "record_handled"]
    assert line.pop("duration_ms") >= 0
    assert line == {
        "event": "record_handled",
        "log_level": "info",
        "message_id": "m-1",
        "type": EventPublished.TYPE,
        "key": "e1",
        "topic": PROGRAMME.name,
        "partition": where.partition.number,
        "offset": 0,
        "traceparent": TRACEPARENT,
    }
    assert [str(trace).split("-")[1] for trace in traces] == [TRACEPARENT.split("-")[1]]


async def test_withdrawals_and_publications_go_to_their_own_handlers(event_log: FakeEventLog, desk: Desk) -> None:
    other = Desk()
    both = Consumer(
        event_log, group=GROUP, handlers={EventPublished: desk.handle, EventWithdrawn: other.handle}, settings=HASTY
    )
    await post(event_log, published("e1"))
    await post(event_log, withdrawn("e1"))

    async with running(both):
        await eventually(lambda: committed(event_log) == ends(event_log))

    assert (desk.handled, other.handled) == ([("e1", 1)], [("e1", 2)])


async def test_after_many_records_the_next_ones_come_together(event_log: FakeEventLog, desk: Desk) -> None:
    rounds: list[int] = []
    at_work = Consumer(
        event_log,
        group=GROUP,
        handlers={EventPublished: desk.handle},
        expect=lambda records: rounds.append(len(records)),
        settings=replace(HASTY, many=2, gather_seconds=0.5),
    )
    for number in range(3):
        await post(event_log, published(f"e{number}"))

    async with running(at_work):
        await eventually(lambda: rounds)
        for number in range(3, 10):
            await post(event_log, published(f"e{number}"))
        await eventually(lambda: len(desk.handled) == 10)

    assert rounds == [3, 7]
