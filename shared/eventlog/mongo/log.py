"""Embedded event log: on MongoDB, for one consuming process."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from uuid import uuid4

import structlog

from shared.aio.cancellation import cancel_and_wait
from shared.database.client import Database, PyMongoError, ReturnDocument, is_unavailable
from shared.eventlog.mongo.consumer_lease import ConsumerLease
from shared.eventlog.mongo.cursor import Cursor
from shared.eventlog.mongo.errors import translate_errors
from shared.eventlog.mongo.offsets import Offsets
from shared.eventlog.mongo.process import ProcessRegistry, get_process_registry
from shared.eventlog.mongo.reader import EmbeddedReader
from shared.eventlog.mongo.subscription import EmbeddedSubscription
from shared.eventlog.mongo.topic import PREFIX, StoredTopic
from shared.eventlog.port import AnotherProcessConsumes, Outgoing, Partition, RecordPosition, TopicMismatch
from shared.eventlog.topics import DEAD_LETTER_SETTINGS, TOPICS, Topic, name_dead_letter_topic

log = structlog.get_logger(__name__)

OFFSETS = "eventlog_offsets"
STATE = "eventlog_state"
COMPACT_SECONDS = 600.0


class EmbeddedLog:
    """One collection a topic, one partition, an offset a group. Commands may append and read next to the process."""

    def __init__(self, database: Database, topics: Sequence[Topic] = TOPICS, *, lease_seconds: float = 10.0) -> None:
        self._database = database
        self._topics = {topic.name: StoredTopic(database, topic) for topic in topics}
        self._lease_seconds = lease_seconds
        self._registry: ProcessRegistry | None = None
        self._lease: ConsumerLease | None = None
        self._members: set[str] = set()
        self._compacting: asyncio.Task[None] | None = None

    async def list_topics(self) -> frozenset[str]:
        with translate_errors():
            names = await self._database.list_collection_names()
        stored = {name.removeprefix(PREFIX) for name in names if name.startswith(PREFIX)}
        return frozenset(stored | self._topics.keys())

    async def send(self, outgoing: Outgoing) -> RecordPosition:
        topic = self._get_topic(outgoing.topic)
        with translate_errors():
            registry = await self._load_registry()
            offset = await topic.append(outgoing)
        registry.ring(outgoing.topic)
        return RecordPosition(topic.partition, offset)

    async def subscribe(self, topics: Sequence[str], group: str) -> EmbeddedSubscription:
        with translate_errors():
            registry = await self._load_registry()
            if group in registry.members:
                raise AnotherProcessConsumes(f"The group {group} has a member in this process already.")
            registry.members.add(group)
            try:
                lease = await self._acquire_lease(registry)
            except BaseException:
                registry.members.discard(group)
                raise
        self._members.add(group)

        async def closed() -> None:
            await self._leave(registry, lease, group)

        offsets = Offsets(self._database[OFFSETS], group)
        for topic in topics:
            self._get_topic(name_dead_letter_topic(topic, group))
        return EmbeddedSubscription(registry, lease, offsets, [self._get_topic(topic) for topic in topics], closed)

    async def read(self, topics: Sequence[str], start: Mapping[Partition, int] | None = None) -> EmbeddedReader:
        there = await self.list_topics()
        for name in topics:
            if name not in there:
                raise TopicMismatch(f"The topic {name} does not exist.")
        stored = [self._get_topic(name) for name in topics]
        with translate_errors():
            positions = {
                topic.partition: await _find_position(topic, (start or {}).get(topic.partition)) for topic in stored
            }
            return EmbeddedReader(Cursor(await self._load_registry(), stored, positions))

    async def compact(self) -> int:
        """Remove what is superseded or too old; returns the number of records removed."""
        return sum([await topic.compact() for topic in self._topics.values()])

    async def close(self) -> None:
        if self._compacting is not None:
            await cancel_and_wait(self._compacting)
            self._compacting = None
        if self._lease is not None:
            await self._lease.stop()

    def _get_topic(self, name: str) -> StoredTopic:
        if name not in self._topics:  # only dead-letter topics are made on demand
            self._topics[name] = StoredTopic(
                self._database, Topic(name, "as original", (), "", (), DEAD_LETTER_SETTINGS)
            )
        return self._topics[name]

    async def _load_registry(self) -> ProcessRegistry:
        if self._registry is None:
            found = await self._database[STATE].find_one_and_update(
                {"_id": "identity"},
                {"$setOnInsert": {"token": uuid4().hex}},
                upsert=True,
                return_document=ReturnDocument.AFTER,
            )
            self._registry = get_process_registry(str(found["token"] if found else ""))
        return self._registry

    async def _acquire_lease(self, registry: ProcessRegistry) -> ConsumerLease:
        if self._lease is None:
            self._lease = ConsumerLease(self._database[STATE], registry.name, seconds=self._lease_seconds)
        await self._lease.acquire()
        if self._compacting is None:
            self._compacting = asyncio.create_task(self._compact_regularly())
        return self._lease

    async def _leave(self, registry: ProcessRegistry, lease: ConsumerLease, group: str) -> None:
        registry.members.discard(group)
        self._members.discard(group)
        if not registry.members:
            await lease.release()
        elif not self._members:
            await lease.stop()

    async def _compact_regularly(self) -> None:
        while True:
            await asyncio.sleep(COMPACT_SECONDS)
            try:
                removed = await self.compact()
            except PyMongoError as error:
                if not is_unavailable(error):
                    raise
                log.warning("event_log_not_compacted", reason=repr(error))
            else:
                log.info("event_log_compacted", removed=removed)


async def _find_position(topic: StoredTopic, start: int | None) -> int:
    first = await topic.find_first()
    return start if start is not None and first <= start <= await topic.find_end() else first
