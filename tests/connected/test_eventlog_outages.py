"""A broker that is stalled, killed, or not there yet: nothing hangs, nothing is lost, all goes on by itself."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest

from deploy.local.kafka import Kafka, start_kafka
from deploy.local.ports import LOOPBACK, find_free_port
from shared.eventlog.consumer.loop import Consumer, ConsumerSettings
from shared.eventlog.envelope import Envelope
from shared.eventlog.factory import open_event_log
from shared.eventlog.kafka.log import KafkaLog
from shared.eventlog.kafka.settings import KafkaSettings
from shared.eventlog.outbox.relay import OUTBOX_INDEX, Relay, RelaySettings, push
from shared.eventlog.port import EventLog, LogUnavailable, Outgoing, Record
from shared.eventlog.topic_reader import TopicReader
from shared.eventlog.topics import PROGRAMME, Topic
from shared.messages import EventPublished
from shared.settings import CommonSettings
from tests.shared.eventlog.builders import HASTY, PATIENCE, envelope, eventually, post, published, running
from tests.shared.eventlog.taking import after, new_topic, nothing_comes, take
from tests.support.databases import open_patiently

pytestmark = pytest.mark.connected


@pytest.fixture(scope="module")
def kafka(kafka_libs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    """A broker of our own to hurt."""
    folder = tmp_path_factory.mktemp("kafka-to-hurt")
    kafka = start_kafka(folder)
    yield kafka
    kafka.kill()
    shutil.rmtree(folder)


@contextmanager
def stalled(kafka: Kafka) -> Iterator[None]:
    """Stop the broker's process in its tracks (SIGSTOP): its connections stay open and nothing answers."""
    (node,) = kafka.nodes
    node.suspend()
    time.sleep(0.2)  # on a busy machine its threads take a moment to stop
    try:
        yield
    finally:
        node.resume()


def hasty(bootstrap: str) -> KafkaSettings:
    """Deadlines that a test can sit out."""
    return KafkaSettings(bootstrap=bootstrap, request=1.5, answer=6, commit=2.5, stop=3, session=6)


@pytest.fixture
def topic() -> Topic:
    return new_topic()


@pytest.fixture
async def event_log(kafka: Kafka, topic: Topic) -> AsyncIterator[KafkaLog]:
    log = KafkaLog(hasty(kafka.bootstrap), [topic], partitions=1)
    yield log
    await log.close()


@pytest.fixture
def group() -> str:
    return f"group-{uuid4().hex[:8]}"


class Desk:
    def __init__(self) -> None:
        self.handled: list[str] = []

    async def handle(self, message: EventPublished, _: Envelope) -> None:
        self.handled.append(message.event_id)


def consumer(event_log: EventLog, topic: str, group: str, desk: Desk, settings: ConsumerSettings = HASTY) -> Consumer:
    return Consumer(event_log, group=group, topics=[topic], handlers={EventPublished: desk.handle}, settings=settings)


def on(topic: Topic, event_id: str) -> Outgoing:
    return msgspec.structs.replace(envelope(published(event_id)), topic=topic.name).to_outgoing()


async def until_kept(log: KafkaLog, outgoing: Outgoing) -> None:
    """Repeat a send as the relay would; a broker that was just hurt may need its time."""
    async with asyncio.timeout(30):
        while True:
            try:
                await log.send(outgoing)
            except LogUnavailable:
                await asyncio.sleep(0.2)
            else:
                return


async def everything(event_log: EventLog, topic: Topic) -> list[Record]:
    reader = await event_log.read([topic.name])
    records = await take(reader, sum((await reader.get_ends()).values()))
    await reader.close()
    return records


async def test_where_nobody_listens_every_call_says_so_in_time(topic: Topic) -> None:
    """A3, A16: what was half opened is closed, and closing returns."""
    log = KafkaLog(hasty(f"{LOOPBACK}:{find_free_port()}"), [topic])
    async with asyncio.timeout(10):
        for call in (
            log.send(on(topic, "e1")),
            log.subscribe([topic.name], "g"),
            log.read([topic.name]),
            log.list_topics(),
        ):
            with pytest.raises(LogUnavailable):
                await call
        await log.close()


async def test_a_send_to_a_stalled_broker_ends_in_time_and_the_next_one_is_kept_once_it_wakes(
    kafka: Kafka, event_log: KafkaLog, topic: Topic
) -> None:
    """A2, A3: the producer is replaced, and nothing of what went wrong stands in the way."""
    await until_kept(event_log, on(topic, "e1"))
    with stalled(kafka):
        for _ in range(2):
            async with asyncio.timeout(10):
                with pytest.raises(LogUnavailable):
                    await event_log.send(on(topic, "e2"))

    async with asyncio.timeout(15):
        await event_log.send(on(topic, "e3"))

    assert (await everything(event_log, topic))[-1].key == b"e3"


async def test_a_send_without_an_answer_may_have_arrived_but_never_comes_late(
    kafka: Kafka, event_log: KafkaLog, topic: Topic
) -> None:
    """A4: so a caller repeats it, and consumers write only if newer; a copy never overtakes what was sent later."""
    await until_kept(event_log, on(topic, "e1"))
    with stalled(kafka):
        sending = [asyncio.create_task(event_log.send(on(topic, "e2"))) for _ in range(3)]
        outcomes = await asyncio.gather(*sending, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [LogUnavailable] * 3
    await event_log.send(on(topic, "e2"))
    await event_log.send(on(topic, "e3"))
    await asyncio.sleep(2)

    keys = [record.key for record in await everything(event_log, topic)]
    copies = keys.count(b"e2")
    assert 1 <= copies <= 4
    assert keys == [b"e1", *[b"e2"] * copies, b"e3"]


async def test_closing_while_a_send_has_no_answer_returns(kafka: Kafka, topic: Topic) -> None:
    """A3: ``stop()`` of the client waits for what it has."""
    log = KafkaLog(hasty(kafka.bootstrap), [topic], partitions=1)
    await until_kept(log, on(topic, "e1"))
    with stalled(kafka):
        sending = asyncio.create_task(log.send(on(topic, "e2")))
        await asyncio.sleep(0.2)
        async with asyncio.timeout(PATIENCE):
            await log.close()
            with pytest.raises(LogUnavailable):
                await sending


async def test_a_commit_without_an_answer_ends_in_time_and_so_does_leaving(
    kafka: Kafka, event_log: KafkaLog, topic: Topic, group: str
) -> None:
    """A10, A11: both are tried for ever by the client."""
    await until_kept(event_log, on(topic, "e1"))
    member = await event_log.subscribe([topic.name], group)
    records = await take(member, 1)
    with stalled(kafka):
        async with asyncio.timeout(PATIENCE):
            with pytest.raises(LogUnavailable):
                await member.commit(after(records), member.epoch)
        async with asyncio.timeout(PATIENCE):
            with pytest.raises(LogUnavailable):
                await member.get_lag()
        assert await nothing_comes(member)
        async with asyncio.timeout(PATIENCE):
            await member.close()


async def test_a_consumer_sits_out_a_stall_and_goes_on(
    kafka: Kafka, event_log: KafkaLog, topic: Topic, group: str
) -> None:
    """A6, A9: an outage is no standstill; a first commit may be refused, and nothing is parked."""
    desk = Desk()
    watchful = ConsumerSettings(poll_seconds=0.1, first_wait=0.05, longest_wait=0.5, stalled_after_seconds=3)
    working = consumer(event_log, topic.name, group, desk, watchful)
    async with running(working):
        await until_kept(event_log, on(topic, "e1"))
        await eventually(lambda: desk.handled == ["e1"])
        with stalled(kafka):
            await asyncio.sleep(9)  # longer than the session and the watchdog's patience
        await event_log.send(on(topic, "e2"))
        await eventually(lambda: "e2" in desk.handled)

    assert working.progress.dead_lettered == 0


async def test_a_broker_that_was_killed_and_started_again_is_found_again(
    kafka: Kafka, topic: Topic, group: str
) -> None:
    desk, shelf = Desk(), list[bytes | None]()
    log = KafkaLog(hasty(kafka.bootstrap), [topic], partitions=1)
    reading = TopicReader(log, topic.name, lambda records: shelf.extend(record.key for record in records))
    async with running(consumer(log, topic.name, group, desk), reading):
        await until_kept(log, on(topic, "e1"))
        await eventually(lambda: desk.handled == ["e1"] and shelf == [b"e1"])
        (node,) = kafka.nodes
        node.kill()
        with pytest.raises(LogUnavailable):
            await log.send(on(topic, "lost"))
        await asyncio.to_thread(node.start)
        await until_kept(log, on(topic, "e2"))
        await eventually(lambda: "e2" in desk.handled and b"e2" in shelf)
    await log.close()


async def test_what_is_written_while_the_log_is_away_is_sent_when_it_is_back(
    kafka: Kafka, event_log: KafkaLog, topic: Topic, mongo_url: str, database_name: str
) -> None:
    """Invariants 1 and 6: accepted meanwhile, and nothing is left waiting afterwards."""
    async with open_patiently(mongo_url, database_name) as database:
        entries = database["entries"]
        await entries.create_indexes([OUTBOX_INDEX])
        pace = RelaySettings(poll_seconds=0.1, first_wait=0.05, longest_wait=0.5)
        relay = Relay(event_log, entries, service="calendar", leases=database["leases"], settings=pace)
        await until_kept(event_log, on(topic, "before"))
        async with running(relay):
            with stalled(kafka):
                for number in range(20):
                    there = msgspec.structs.replace(envelope(published(f"e{number}")), topic=topic.name)
                    await entries.update_one({"_id": f"e{number}"}, push([there]), upsert=True)
                relay.notify()
                await asyncio.sleep(4)
                assert (await relay.measure_backlog()).count == 20
            await eventually(lambda: relay.sent >= 20)
        assert (await relay.measure_backlog()).count == 0

    keys = {record.key for record in await everything(event_log, topic)}
    assert {f"e{number}".encode() for number in range(20)} <= keys


async def test_a_service_starts_while_the_log_is_away_and_goes_on_once_it_is_there(
    kafka_libs: Path, tmp_path: Path
) -> None:
    """Opening contacts nobody; topics are made and checked when the broker is first reached."""
    port, desk, shelf = find_free_port(), Desk(), list[bytes | None]()
    settings = CommonSettings(kafka_bootstrap=f"{LOOPBACK}:{port}")
    async with open_event_log(settings, service="calendar") as log:
        reading = TopicReader(log, PROGRAMME.name, lambda records: shelf.extend(record.key for record in records))
        async with running(consumer(log, PROGRAMME.name, "calendar", desk), reading):
            await asyncio.sleep(0.5)
            assert not reading.caught_up.is_set()
            with await asyncio.to_thread(start_kafka, tmp_path, ports=[port]):
                await asyncio.wait_for(reading.caught_up.wait(), 60)
                await post(log, published("e1"))
                await eventually(lambda: desk.handled == ["e1"] and shelf == [b"e1"])
