"""What an operator's commands ask of Kafka beyond the port: how it is kept, how far groups are, topics made anew."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Final

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import (
    CommitFailedError,
    GroupCoordinatorNotAvailableError,
    GroupLoadInProgressError,
    NotCoordinatorForGroupError,
    UnknownMemberIdError,
)

from shared.eventlog.kafka.answers import Untyped, answered_within, stop_within
from shared.eventlog.kafka.settings import KafkaSettings
from shared.eventlog.port import LogAway, Partition

UNKNOWN_TOPIC: Final = 3
NOBODY_YET: Final = (GroupCoordinatorNotAvailableError, GroupLoadInProgressError, NotCoordinatorForGroupError)
ASK_AGAIN_SECONDS: Final = 0.2
ASKED: Final = ("cleanup.policy", "min.insync.replicas")


class TopicKept(msgspec.Struct, frozen=True):
    """How a topic is kept: partitions, the fewest copies of any, those without a leader, and its settings."""

    partitions: int
    copies: int
    in_sync: int
    leaderless: int
    settings: Mapping[str, str]


class KafkaOperator:
    """Kafka for commands; each call opens a connection of its own. All raise LogAway if there is no answer in time."""

    def __init__(self, settings: KafkaSettings) -> None:
        self._settings = settings

    async def brokers(self) -> int:
        """Count the brokers that are up."""
        async with self._administration() as admin:
            return len((await admin.describe_cluster())["brokers"])

    async def kept(self, topics: Sequence[str]) -> dict[str, TopicKept]:
        """Tell how topics are kept, those that there are."""
        async with self._administration() as admin:
            described = await admin.describe_topics(list(topics))
            found = {each["topic"]: each["partitions"] for each in described if not each["error_code"]}
            settings = await _settings(admin, list(found)) if found else {}
        return {name: _kept(partitions, settings[name]) for name, partitions in found.items()}

    async def delete(self, topics: Sequence[str]) -> None:
        """Delete topics with all that is in them; the broker forgets how far groups were with them."""
        async with self._administration() as admin:
            answer = await admin.delete_topics(list(topics))
        for name, code in answer.topic_error_codes:
            if code not in {0, UNKNOWN_TOPIC}:
                raise LogAway(f"the topic {name} was not deleted: error {code}")

    async def committed(self, group: str) -> dict[Partition, int]:
        """Tell how far a group is: the offset of the next record by partition, those that it has ever committed."""
        async with self._administration() as admin:
            offsets = await _coordinated(lambda: admin.list_consumer_group_offsets(group))
        return {Partition(*where): kept.offset for where, kept in offsets.items() if kept.offset >= 0}

    async def members(self, groups: Sequence[str]) -> dict[str, int]:
        """Count the members of groups."""
        async with self._administration() as admin:
            # One by one: the client reads an answer about several as that of an older version, and breaks off.
            return {group: await _members(admin, group) for group in groups}

    async def ends(self, partitions: Collection[Partition]) -> dict[Partition, int]:
        """Ask for the offset after the last record of each partition."""
        async with self._consumer(None) as consumer, answered_within(self._settings.answer):
            ends = await consumer.end_offsets([TopicPartition(*partition) for partition in partitions])
        return {Partition(*partition): offset for partition, offset in ends.items()}

    async def commit(self, group: str, offsets: Mapping[Partition, int]) -> bool:
        """Say how far a group is; False if it has members: only they may."""
        async with self._consumer(group) as consumer:
            theirs = {TopicPartition(*partition): offset for partition, offset in offsets.items()}
            consumer.assign(list(theirs))
            try:
                async with answered_within(self._settings.commit):
                    await _commit(consumer, theirs)
            except _HasMembers:
                return False
        return True

    @asynccontextmanager
    async def _administration(self) -> AsyncIterator[Untyped]:
        admin = AIOKafkaAdminClient(**self._settings.client_settings())
        try:
            async with answered_within(self._settings.answer):
                await admin.start()
                yield admin
        finally:
            await stop_within(self._settings.stop, admin, "administration")

    @asynccontextmanager
    async def _consumer(self, group: str | None) -> AsyncIterator[Untyped]:
        consumer = AIOKafkaConsumer(group_id=group, **self._settings.reader_settings())
        try:
            async with answered_within(self._settings.answer):
                await consumer.start()
            yield consumer
        finally:
            await stop_within(self._settings.stop, consumer, "consumer")


class _HasMembers(Exception):
    pass


async def _coordinated(question: Callable[[], Awaitable[Untyped]]) -> Untyped:
    """Ask who coordinates a group until somebody does: a broker that just started has yet to find out."""
    while True:
        try:
            return await question()
        except NOBODY_YET:
            await asyncio.sleep(ASK_AGAIN_SECONDS)


async def _members(admin: Untyped, group: str) -> int:
    answers = await _coordinated(lambda: admin.describe_consumer_groups([group]))
    return sum(len(each["members"]) for answer in answers for each in answer.to_object()["groups"])


async def _commit(consumer: Untyped, offsets: Mapping[Untyped, int]) -> None:
    try:
        await consumer.commit(offsets)
    except (CommitFailedError, UnknownMemberIdError) as error:
        raise _HasMembers from error


def _kept(partitions: Sequence[Mapping[str, Untyped]], settings: Mapping[str, str]) -> TopicKept:
    return TopicKept(
        partitions=len(partitions),
        copies=min(len(each["replicas"]) for each in partitions),
        in_sync=min(len(each["isr"]) for each in partitions),
        leaderless=sum(each["leader"] < 0 for each in partitions),
        settings=settings,
    )


async def _settings(admin: Untyped, topics: Sequence[str]) -> dict[str, dict[str, str]]:
    asked = [ConfigResource(ConfigResourceType.TOPIC, name, dict.fromkeys(ASKED, "")) for name in topics]
    found: dict[str, dict[str, str]] = {name: {} for name in topics}
    for answer in await admin.describe_configs(asked):
        for resource in answer.to_object()["resources"]:
            for entry in resource["config_entries"]:
                if entry["config_names"] in ASKED:
                    found[resource["resource_name"]][entry["config_names"]] = entry["config_value"]
    return found
