"""Topics on a real broker: made as described, and checked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import msgspec
import pytest
from aiokafka.admin import AIOKafkaAdminClient

from shared.eventlog.consumer.loop import Consumer
from shared.eventlog.kafka.log import KafkaLog
from shared.eventlog.kafka.settings import KafkaSettings
from shared.eventlog.kafka.topics import KafkaTopics
from shared.eventlog.port import Outgoing, TopicMismatch
from shared.eventlog.topics import Topic
from tests.shared.eventlog.taking import new_topic

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


async def test_topics_are_made_as_they_are_described(
    event_log: KafkaLog, topic: Topic, settings: KafkaSettings
) -> None:
    names = await event_log.list_topics()

    assert topic.name in names
    assert await KafkaTopics(settings).count_partitions([topic.name]) == {topic.name: 4}


async def test_a_reader_makes_the_topics_anew_when_the_log_lost_them(
    event_log: KafkaLog, topic: Topic, settings: KafkaSettings
) -> None:
    await event_log.list_topics()
    await deleted(settings, topic)

    reader = await event_log.read([topic.name])

    assert {partition.number: position for partition, position in (await reader.get_ends()).items()} == dict.fromkeys(
        range(4), 0
    )
    await reader.close()


async def deleted(settings: KafkaSettings, topic: Topic) -> None:
    """Delete a topic, and wait until the broker no longer names it."""
    admin = AIOKafkaAdminClient(**settings.build_client_settings())
    await admin.start()
    try:
        await admin.delete_topics([topic.name])
        async with asyncio.timeout(30):
            while topic.name in await admin.list_topics():  # noqa: ASYNC110 - the broker is asked
                await asyncio.sleep(0.1)
    finally:
        await admin.close()


async def test_another_number_of_partitions_is_told_with_how_to_mend_it(
    event_log: KafkaLog, topic: Topic, settings: KafkaSettings
) -> None:
    await event_log.list_topics()
    other = KafkaLog(settings, [topic], partitions=6)

    with pytest.raises(TopicMismatch, match=r"has 4 partitions, not 6.*kafka-topics.sh --delete"):
        await other.send(Outgoing(topic.name, b"a", b"1"))
    await other.close()


async def test_another_way_of_keeping_is_told_with_how_to_mend_it(
    event_log: KafkaLog, topic: Topic, settings: KafkaSettings
) -> None:
    await event_log.list_topics()
    kept_otherwise = msgspec.convert({"cleanup.policy": "delete"}, dict[str, str])
    other = KafkaLog(settings, [Topic(topic.name, "", (), "", (), kept_otherwise)], partitions=4)

    with pytest.raises(TopicMismatch, match=r"cleanup.policy=compact, not delete.*kafka-configs.sh --alter"):
        await other.read([topic.name])
    await other.close()


async def test_a_consumer_ends_with_the_mismatch(event_log: KafkaLog, topic: Topic, settings: KafkaSettings) -> None:
    await event_log.list_topics()
    other = KafkaLog(settings, [topic], partitions=6)

    with pytest.raises(TopicMismatch):
        await Consumer(other, group="any", topics=[topic.name], handlers={}).run(asyncio.Event())
    await other.close()
