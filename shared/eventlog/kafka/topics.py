"""Topic administration: creates the topics on the broker and checks their settings."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from shared.eventlog.kafka.errors import Untyped, limit_call, stop_within
from shared.eventlog.kafka.settings import KafkaSettings
from shared.eventlog.port import LogUnavailable, TopicMismatch
from shared.eventlog.topics import PARTITIONS, Topic

MAX_COPIES = 3
ALREADY_THERE = 36
# A new topic is not known to every broker at once.
READY_SECONDS = 0.05
NOT_ALLOWED = frozenset({29, 31})


@asynccontextmanager
async def open_admin(settings: KafkaSettings) -> AsyncIterator[Untyped]:
    """Everything inside has one deadline; raises LogUnavailable."""
    admin = AIOKafkaAdminClient(**settings.build_client_settings())
    try:
        async with limit_call(settings.answer):
            await admin.start()
            yield admin
    finally:
        await stop_within(settings.stop, admin, "administration")


class KafkaTopics:
    """Each call opens a connection of its own. All raise LogUnavailable if there is no answer in time."""

    def __init__(self, settings: KafkaSettings) -> None:
        self._settings = settings

    async def list_names(self) -> frozenset[str]:
        async with open_admin(self._settings) as admin:
            return frozenset(await admin.list_topics())

    async def count_partitions(self, topics: Sequence[str]) -> dict[str, int]:
        """Raises TopicMismatch if a topic does not exist."""
        async with open_admin(self._settings) as admin:
            counts = _count_partitions(await admin.describe_topics(list(topics)))
        for topic in topics:
            if not counts.get(topic):
                raise TopicMismatch(f"The topic {topic} does not exist.")
        return counts

    async def ensure(self, topics: Sequence[Topic], *, partitions: int = PARTITIONS) -> None:
        """Raises TopicMismatch if a topic has another number of partitions or another clean-up policy."""
        async with open_admin(self._settings) as admin:
            while missing := _list_missing(topics, counts := await _count_existing(admin, topics)):
                await _create(admin, missing, partitions)
                await asyncio.sleep(READY_SECONDS)
            for topic in topics:
                _check_count(topic, counts[topic.name], partitions)
            policies = await _read_policies(admin, topics)
            for topic in topics:
                _check_policy(topic, policies[topic.name])


async def _count_existing(admin: Untyped, topics: Sequence[Topic]) -> dict[str, int]:
    return _count_partitions(await admin.describe_topics([topic.name for topic in topics]))


def _list_missing(topics: Sequence[Topic], counts: Mapping[str, int]) -> list[Topic]:
    return [topic for topic in topics if not counts.get(topic.name)]


def _count_partitions(described: Iterable[dict[str, Untyped]]) -> dict[str, int]:
    return {topic["topic"]: len(topic["partitions"]) for topic in described if not topic["error_code"]}


async def _create(admin: Untyped, topics: Sequence[Topic], partitions: int) -> None:
    nodes = len((await admin.describe_cluster())["brokers"])
    answer = await admin.create_topics(
        [
            NewTopic(topic.name, partitions, min(MAX_COPIES, nodes), topic_configs=dict(topic.settings))
            for topic in topics
        ]
    )
    for name, code, *text in answer.topic_errors:
        if code in NOT_ALLOWED:
            raise TopicMismatch(
                _explain_missing_right(next(topic for topic in topics if topic.name == name), partitions)
            )
        if code not in {0, ALREADY_THERE}:
            raise LogUnavailable(f"the topic {name} was not made: error {code} {text}")


async def _read_policies(admin: Untyped, topics: Sequence[Topic]) -> dict[str, str]:
    asked = [ConfigResource(ConfigResourceType.TOPIC, topic.name, {"cleanup.policy": ""}) for topic in topics]
    policies = {topic.name: "" for topic in topics}
    for answer in await admin.describe_configs(asked):
        for resource in answer.to_object()["resources"]:
            for entry in resource["config_entries"]:
                if entry["config_names"] == "cleanup.policy":
                    policies[resource["resource_name"]] = entry["config_value"]
    return policies


def _check_count(topic: Topic, found: int, wanted: int) -> None:
    if found != wanted:
        raise TopicMismatch(
            f"The topic {topic.name} has {found} partitions, not {wanted}; adding some would break the order of its "
            f"keys. If it is empty, delete it with kafka-topics.sh --delete --topic {topic.name} and start the service "
            f"again, which makes it anew; otherwise copy its records to a new cluster."
        )


def _check_policy(topic: Topic, found: str) -> None:
    wanted = topic.settings.get("cleanup.policy", "delete")
    if found and found != wanted:
        raise TopicMismatch(
            f"The topic {topic.name} has cleanup.policy={found}, not {wanted}. Mend it with kafka-configs.sh --alter "
            f"--entity-type topics --entity-name {topic.name} --add-config cleanup.policy={wanted}"
        )


def _explain_missing_right(topic: Topic, partitions: int) -> str:
    configs = " ".join(f"--config {name}={value}" for name, value in topic.settings.items())
    return (
        f"The topic {topic.name} does not exist and this service may not make it. Make it with kafka-topics.sh "
        f"--create --topic {topic.name} --partitions {partitions} {configs}"
    )
