"""Groups on a real broker: what the client does behind our back, and what we make of it."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from shared.eventlog.consumer.loop import Consumer, ConsumerSettings, ConsumerStalled
from shared.eventlog.dead_letters.inspect import list_dead_letters
from shared.eventlog.envelope import Envelope
from shared.eventlog.kafka.log import KafkaLog
from shared.eventlog.kafka.settings import KafkaSettings
from shared.eventlog.kafka.subscription import KafkaSubscription
from shared.eventlog.port import EventLog, Outgoing, Partition, PartitionLost
from shared.eventlog.topics import Topic
from shared.messages import EventPublished
from tests.shared.eventlog.builders import HASTY, envelope, eventually, published, running
from tests.shared.eventlog.taking import after, joined, new_topic, nothing_comes, take

pytestmark = pytest.mark.connected


@pytest.fixture
def topic() -> Topic:
    return new_topic()


@pytest.fixture
def group() -> str:
    return f"group-{uuid4().hex[:8]}"


@pytest.fixture
def settings(kafka_bootstrap: str) -> KafkaSettings:
    return KafkaSettings(bootstrap=kafka_bootstrap, session=6, request=5, answer=10)


@pytest.fixture
async def event_log(settings: KafkaSettings, topic: Topic) -> AsyncIterator[KafkaLog]:
    log = KafkaLog(settings, [topic], partitions=4)
    yield log
    await log.close()


class Desk:
    """Notes what it handled, and by which member."""

    def __init__(self) -> None:
        self.handled: list[str] = []
        self.begun = asyncio.Event()
        self.go_on = asyncio.Event()
        self.go_on.set()

    async def handle(self, message: EventPublished, _: Envelope) -> None:
        self.begun.set()
        await self.go_on.wait()
        self.handled.append(message.event_id)


def consumer(event_log: EventLog, topic: Topic, group: str, desk: Desk, settings: ConsumerSettings = HASTY) -> Consumer:
    return Consumer(
        event_log, group=group, topics=[topic.name], handlers={EventPublished: desk.handle}, settings=settings
    )


async def post(event_log: EventLog, topic: Topic, event_id: str) -> Partition:
    there = msgspec.structs.replace(envelope(published(event_id)), topic=topic.name)
    return (await event_log.send(there.to_outgoing())).partition


async def client(member: KafkaSubscription) -> Any:  # noqa: ANN401 - aiokafka is untyped
    """The member's client, whose inside these tests hurt."""
    return member._consumer  # noqa: SLF001 - there is no other way in


async def test_two_members_share_the_work_and_miss_nothing(event_log: KafkaLog, topic: Topic, group: str) -> None:
    first, second = Desk(), Desk()
    both = [consumer(event_log, topic, group, desk) for desk in (first, second)]
    async with running(*both):
        await eventually(lambda: all(one.progress.joined for one in both))
        for number in range(80):
            await post(event_log, topic, f"e{number}")
        await eventually(lambda: len({*first.handled, *second.handled}) == 80)

    assert first.handled
    assert second.handled


async def test_members_that_come_and_go_cost_nothing_but_repeats(event_log: KafkaLog, topic: Topic, group: str) -> None:
    """A7, A8: every record is handled at least once, however often partitions change hands."""
    steady, passing = Desk(), Desk()

    async def come_and_go() -> None:
        for _ in range(4):
            async with running(consumer(event_log, topic, group, passing)):
                await asyncio.sleep(0.5)

    async with running(consumer(event_log, topic, group, steady)):
        coming = asyncio.create_task(come_and_go())
        for number in range(300):
            await post(event_log, topic, f"e{number}")
        await coming
        await eventually(lambda: len({*steady.handled, *passing.handled}) == 300)


async def test_work_from_before_a_rebalance_moves_no_offset(event_log: KafkaLog, topic: Topic, group: str) -> None:
    """A7, A8: a second member comes while records are in hand; they are void, and are handed out again."""
    for number in range(8):
        await post(event_log, topic, f"e{number}")
    first = await event_log.subscribe([topic.name], group)
    records = await take(first, 8)
    epoch = first.epoch

    second = await event_log.subscribe([topic.name], group)
    await asyncio.gather(joined(first), joined(second))

    with pytest.raises(PartitionLost):
        await first.commit(after(records), epoch)
    again = [*await take(first, 1), *await take(second, 1)]
    assert first.epoch > epoch
    assert {record.key for record in again} <= {record.key for record in records}
    await first.close()
    await second.close()


async def test_a_commit_for_a_partition_of_somebody_else_is_refused(
    event_log: KafkaLog, topic: Topic, group: str
) -> None:
    """A9: ``CommitFailedError`` and ``IllegalStateError`` are told as a lost partition."""
    first = await event_log.subscribe([topic.name], group)
    second = await event_log.subscribe([topic.name], group)
    await asyncio.gather(joined(first), joined(second))
    theirs = next(iter(await second.get_lag()))

    with pytest.raises(PartitionLost):
        await first.commit({theirs: 0}, first.epoch)

    await first.close()
    await second.close()


async def test_a_handler_that_hangs_does_not_hold_up_a_rebalance(event_log: KafkaLog, topic: Topic, group: str) -> None:
    """A15: the rebalance waits for nothing of ours."""
    hanging, other = Desk(), Desk()
    hanging.go_on.clear()
    await post(event_log, topic, "e0")
    async with running(consumer(event_log, topic, group, hanging)):
        await hanging.begun.wait()
        newcomer = consumer(event_log, topic, group, other)
        async with running(newcomer):
            await eventually(lambda: newcomer.progress.joined)
            hanging.go_on.set()
            await eventually(lambda: "e0" in hanging.handled + other.handled)


async def test_a_fetch_task_that_dies_in_silence_ends_the_consumer(
    event_log: KafkaLog, topic: Topic, group: str
) -> None:
    """A6: heartbeats go on, the partitions stay ours, nothing arrives; only the log's own end tells."""
    desk = Desk()
    watchful = ConsumerSettings(poll_seconds=0.1, stalled_after_seconds=1.5)
    working = consumer(event_log, topic, group, desk, watchful)
    running_it = asyncio.create_task(working.run(asyncio.Event()))
    await eventually(lambda: working.progress.joined)
    await post(event_log, topic, "e0")
    await eventually(lambda: desk.handled == ["e0"])

    inside = await client(working._watchdog.subscription)  # type: ignore[arg-type] # noqa: SLF001 - there is no other way in
    inside._fetcher._fetch_task.cancel()  # noqa: SLF001 - what an error in it would do
    for number in range(1, 9):
        await post(event_log, topic, f"e{number}")

    with pytest.raises(ConsumerStalled, match="none arrived"):
        await asyncio.wait_for(running_it, 30)
    async with running(consumer(event_log, topic, group, desk)):
        await eventually(lambda: len(desk.handled) == 9)


async def test_offsets_that_are_gone_start_at_the_earliest_that_is_left(group: str, settings: KafkaSettings) -> None:
    """A13: not at the latest, which would skip what came meanwhile."""
    topic = new_topic(**{"cleanup.policy": "delete"})
    event_log = KafkaLog(settings, [topic], partitions=1)
    for number in range(20):
        await event_log.send(Outgoing(topic.name, b"a", b"%d" % number))
    member = await event_log.subscribe([topic.name], group)
    await member.commit(after((await take(member, 20))[:2]), member.epoch)
    await member.close()
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.bootstrap)
    await admin.start()
    await admin.delete_records({TopicPartition(topic.name, 0): RecordsToDelete(15)})
    await admin.close()

    member = await event_log.subscribe([topic.name], group)
    records = await take(member, 5)
    await member.close()
    await event_log.close()

    assert [record.offset for record in records] == [15, 16, 17, 18, 19]


@pytest.mark.slow
async def test_a_handler_that_blocks_the_event_loop_past_its_session_costs_a_repeat(
    event_log: KafkaLog, topic: Topic, group: str
) -> None:
    """A14: the broker gives the partitions away, the commit is refused, the record comes again, and all goes on."""
    desk = Desk()
    blocked: list[str] = []

    async def blocks_once(message: EventPublished, opened: Envelope) -> None:
        if not blocked:
            blocked.append(message.event_id)
            time.sleep(8)  # noqa: ASYNC251 - blocking is the point
        await desk.handle(message, opened)

    await post(event_log, topic, "e0")
    working = Consumer(
        event_log, group=group, topics=[topic.name], handlers={EventPublished: blocks_once}, settings=HASTY
    )
    async with running(working):
        await eventually(lambda: desk.handled)
        await post(event_log, topic, "e1")
        await eventually(lambda: "e1" in desk.handled)
        await eventually(lambda: working.progress.joined)

    member = await event_log.subscribe([topic.name], group)
    await joined(member)
    assert await nothing_comes(member)
    await member.close()


async def test_polling_in_vain_leaves_nothing_behind(event_log: KafkaLog, topic: Topic, group: str) -> None:
    """A20: no waiter, task or stopped clock is left by polls that time out or are given up."""
    member = await event_log.subscribe([topic.name], group)
    await joined(member)
    tasks = len(asyncio.all_tasks())
    for _ in range(20):
        await member.poll(timeout=0.005, max_records=10)
        given_up = asyncio.create_task(member.poll(timeout=0.05, max_records=10))
        await asyncio.sleep(0.001)
        given_up.cancel()
        await asyncio.wait({given_up})
    await member.poll(timeout=0.2, max_records=10)
    inside = await client(member)

    assert len(asyncio.all_tasks()) <= tasks + 1
    assert len(inside._fetcher._fetch_waiters) <= 1  # noqa: SLF001 - where waiters gathered in #628
    assert inside._subscription._fetch_count <= 1  # noqa: SLF001 - a cancelled getmany would leave it raised
    await member.close()


async def test_a_record_that_the_client_itself_cannot_read_is_parked_and_the_next_handled(
    event_log: KafkaLog, topic: Topic, group: str, settings: KafkaSettings
) -> None:
    """A5: a header's name that is not UTF-8 makes the client raise, for ever, before anybody sees the record."""
    await event_log.list_topics()
    forged = await asyncio.create_subprocess_exec(
        sys.executable,
        str(Path(__file__).with_name("forge.py")),
        settings.bootstrap,
        topic.name,
        env={**os.environ, "AIOKAFKA_NO_EXTENSIONS": "1"},
    )
    assert await forged.wait() == 0
    desk = Desk()
    working = consumer(event_log, topic, group, desk)

    async with running(working):
        await post(event_log, topic, "e1")
        await eventually(lambda: desk.handled == ["e1"] and working.progress.dead_lettered == 3)

    parked = await list_dead_letters(event_log, group=group)
    assert [(record.offset, record.value) for record in parked] == [(0, b"1"), (1, b""), (2, b"3")]
    assert ("unreadable", b"a header's name is not UTF-8, which the client cannot read") in parked[1].headers
