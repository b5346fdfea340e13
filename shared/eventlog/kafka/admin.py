"""Kafka administration for operators' commands: descriptions of topics, offsets of groups, deletion."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Final

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import (
    CommitFailedError,
    GroupCoordinatorNotAvailableError,
    GroupLoadInProgressError,
    NotCoordinatorForGroupError,
    UnknownMemberIdError,
)

from shared.eventlog.kafka.errors import Untyped, limit_call, stop_within
from shared.eventlog.kafka.settings import KafkaSettings
from shared.eventlog.kafka.topics import open_admin
from shared.eventlog.port import LogUnavailable, Partition

UNKNOWN_TOPIC: Final = 3
NO_COORDINATOR: Final = (GroupCoordinatorNotAvailableError, GroupLoadInProgressError, NotCoordinatorForGroupError)
RETRY_SECONDS: Final = 0.2
ASKED: Final = ("cleanup.policy", "min.insync.replicas")


class TopicDescription(msgspec.Struct, frozen=True):
    """``copies`` and ``in_sync`` are the fewest of any partition."""

    partitions: int
    copies: int
    in_sync: int
    leaderless: int
    settings: Mapping[str, str]


class KafkaAdmin:
    """Each call opens a connection of its own. All raise LogUnavailable if there is no answer in time."""

    def __init__(self, settings: KafkaSettings) -> None:
        self._settings = settings

    async def count_brokers(self) -> int:
        """Brokers that are up."""
        async with open_admin(self._settings) as admin:
            return len((await admin.describe_cluster())["brokers"])

    async def describe(self, topics: Sequence[str]) -> dict[str, TopicDescription]:
        """Only those that exist."""
        async with open_admin(self._settings) as admin:
            described = await admin.describe_topics(list(topics))
            found = {each["topic"]: each["partitions"] for each in described if not each["error_code"]}
            settings = await _read_settings(admin, list(found)) if found else {}
        return {name: _describe_topic(partitions, settings[name]) for name, partitions in found.items()}

    async def delete(self, topics: Sequence[str]) -> None:
        # The broker forgets the groups' offsets of deleted topics.
        async with open_admin(self._settings) as admin:
            answer = await admin.delete_topics(list(topics))
        for name, code in answer.topic_error_codes:
            if code not in {0, UNKNOWN_TOPIC}:
                raise LogUnavailable(f"the topic {name} was not deleted: error {code}")

    async def get_committed(self, group: str) -> dict[Partition, int]:
        """The offset of the next record of each partition."""
        async with open_admin(self._settings) as admin:
            offsets = await _retry_until_coordinated(lambda: admin.list_consumer_group_offsets(group))
        return {Partition(*where): kept.offset for where, kept in offsets.items() if kept.offset >= 0}

    async def count_members(self, groups: Sequence[str]) -> dict[str, int]:
        async with open_admin(self._settings) as admin:
            # One by one: the client reads an answer about several as that of an older version, and breaks off.
            return {group: await _count_members(admin, group) for group in groups}

    async def get_ends(self, partitions: Collection[Partition]) -> dict[Partition, int]:
        async with self._open_consumer(None) as consumer, limit_call(self._settings.answer):
            ends = await consumer.end_offsets([TopicPartition(*partition) for partition in partitions])
        return {Partition(*partition): offset for partition, offset in ends.items()}

    async def commit(self, group: str, offsets: Mapping[Partition, int]) -> bool:
        """False if the group has members: only they may commit."""
        async with self._open_consumer(group) as consumer:
            theirs = {TopicPartition(*partition): offset for partition, offset in offsets.items()}
            consumer.assign(list(theirs))
            try:
                async with limit_call(self._settings.commit):
                    await _commit(consumer, theirs)
            except _GroupHasMembers:
                return False
        return True

    @asynccontextmanager
    async def _open_consumer(self, group: str | None) -> AsyncIterator[Untyped]:
        consumer = AIOKafkaConsumer(group_id=group, **self._settings.build_reader_settings())
        try:
            async with limit_call(self._settings.answer):
                await consumer.start()
            yield consumer
        finally:
            await stop_within(self._settings.stop, consumer, "consumer")


class _GroupHasMembers(Exception):
    pass


async def _retry_until_coordinated(question: Callable[[], Awaitable[Untyped]]) -> Untyped:
    # A broker that just started has no coordinator for the group yet.
    while True:
        try:
            return await question()
        except NO_COORDINATOR:
            await asyncio.sleep(RETRY_SECONDS)


async def _count_members(admin: Untyped, group: str) -> int:
    answers = await _retry_until_coordinated(lambda: admin.describe_consumer_groups([group]))
    return sum(len(each["members"]) for answer in answers for each in answer.to_object()["groups"])


async def _commit(consumer: Untyped, offsets: Mapping[Untyped, int]) -> None:
    try:
        await consumer.commit(offsets)
    except (CommitFailedError, UnknownMemberIdError) as error:
        raise _GroupHasMembers from error


def _describe_topic(partitions: Sequence[Mapping[str, Untyped]], settings: Mapping[str, str]) -> TopicDescription:
    return TopicDescription(
        partitions=len(partitions),
        copies=min(len(each["replicas"]) for each in partitions),
        in_sync=min(len(each["isr"]) for each in partitions),
        leaderless=sum(each["leader"] < 0 for each in partitions),
        settings=settings,
    )


async def _read_settings(admin: Untyped, topics: Sequence[str]) -> dict[str, dict[str, str]]:
    asked = [ConfigResource(ConfigResourceType.TOPIC, name, dict.fromkeys(ASKED, "")) for name in topics]
    found: dict[str, dict[str, str]] = {name: {} for name in topics}
    for answer in await admin.describe_configs(asked):
        for resource in answer.to_object()["resources"]:
            for entry in resource["config_entries"]:
                if entry["config_names"] in ASKED:
                    found[resource["resource_name"]][entry["config_names"]] = entry["config_value"]
    return found
