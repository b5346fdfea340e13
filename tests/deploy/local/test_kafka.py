import asyncio
import socket
from pathlib import Path
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import UnknownTopicOrPartitionError

from deploy.local.errors import PortTaken
from deploy.local.kafka import start_kafka
from deploy.local.polling import poll_until
from deploy.local.ports import LOOPBACK, is_taken
from deploy.local.probes import count_kafka_brokers

pytestmark = pytest.mark.connected


async def make_topic(bootstrap: str, *, copies: int = 1) -> str:
    name = f"test-{uuid4().hex[:12]}"
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(name, 1, copies)])
    finally:
        await admin.close()
    return name


async def send(bootstrap: str, topic: str, value: bytes) -> None:
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", request_timeout_ms=10_000) as producer:
        await producer.send_and_wait(topic, value)


async def receive(bootstrap: str, topic: str) -> bytes | None:
    """The first value, read by a group."""
    consumer = AIOKafkaConsumer(
        topic, bootstrap_servers=bootstrap, group_id=f"group-of-{topic}", auto_offset_reset="earliest"
    )
    async with consumer, asyncio.timeout(30):
        value: bytes | None = (await consumer.getone()).value
        return value


async def test_sent_record_is_received_by_a_group(kafka_bootstrap: str) -> None:
    topic = await make_topic(kafka_bootstrap)

    await send(kafka_bootstrap, topic, b"Zagle 2027")

    assert await receive(kafka_bootstrap, topic) == b"Zagle 2027"


async def test_topic_is_not_made_by_naming_it(kafka_bootstrap: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_bootstrap)
    await admin.start()
    try:
        described = await admin.describe_topics(["submisions.v1"])
    finally:
        await admin.close()

    assert [topic["error_code"] for topic in described] == [UnknownTopicOrPartitionError.errno]


async def test_records_are_there_again_after_a_start_on_another_port(tmp_path: Path, kafka_libs: Path) -> None:
    with start_kafka(tmp_path) as kafka:
        topic = await make_topic(kafka.bootstrap)
        await send(kafka.bootstrap, topic, b"kept")
    stopped = is_taken(kafka.ports[0].clients)

    with start_kafka(tmp_path) as kafka:
        received = await receive(kafka.bootstrap, topic)

    assert (stopped, received) == (False, b"kept")


def test_kafka_is_refused_a_taken_port(tmp_path: Path, kafka_libs: Path) -> None:
    with socket.create_server((LOOPBACK, 0)) as server, pytest.raises(PortTaken, match="wanted for Kafka, is taken"):
        start_kafka(tmp_path, ports=[server.getsockname()[1]])


@pytest.mark.slow
async def test_three_nodes_go_on_without_a_killed_one_and_take_it_back(tmp_path: Path, kafka_libs: Path) -> None:
    settings = {"broker.session.timeout.ms": "3000", "broker.heartbeat.interval.ms": "500"}
    with start_kafka(tmp_path, nodes=3, settings=settings) as kafka:
        topic = await make_topic(kafka.bootstrap, copies=3)
        killed, other = kafka.nodes[0], kafka.ports[1].clients

        killed.kill()
        left = await asyncio.to_thread(poll_until, lambda: count_kafka_brokers(other) == 2, within=20)
        await send(f"{LOOPBACK}:{other}", topic, b"kept")
        await asyncio.to_thread(killed.start)

        assert left
        assert count_kafka_brokers(other) == 3
        assert await receive(kafka.bootstrap, topic) == b"kept"
        kafka.kill()
