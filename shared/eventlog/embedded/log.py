"""The event log on MongoDB, for one consuming process."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from uuid import uuid4

import structlog

from shared.database import Database, PyMongoError, ReturnDocument, is_away
from shared.eventlog.embedded.answers import as_facts
from shared.eventlog.embedded.cursor import Cursor
from shared.eventlog.embedded.house import House, house_of
from shared.eventlog.embedded.offsets import Offsets
from shared.eventlog.embedded.reader import EmbeddedReader
from shared.eventlog.embedded.right import ConsumingRight
from shared.eventlog.embedded.subscription import EmbeddedSubscription
from shared.eventlog.embedded.topic import PREFIX, StoredTopic
from shared.eventlog.port import AnotherProcessConsumes, Outgoing, Partition, Sent, TopicMismatch
from shared.eventlog.stopping import cancelled
from shared.eventlog.topics import PARKED_SETTINGS, TOPICS, Topic, parked_topic

log = structlog.get_logger(__name__)

OFFSETS = "eventlog_offsets"
STATE = "eventlog_state"
TIDY_SECONDS = 600.0


class EmbeddedLog:
    """One collection a topic, one partition, an offset a group. Commands may append and read beside the process."""

    def __init__(self, database: Database, topics: Sequence[Topic] = TOPICS, *, lease_seconds: float = 10.0) -> None:
        self._database = database
        self._topics = {topic.name: StoredTopic(database, topic) for topic in topics}
        self._lease_seconds = lease_seconds
        self._house: House | None = None
        self._right: ConsumingRight | None = None
        self._members: set[str] = set()
        self._tidying: asyncio.Task[None] | None = None

    async def topics(self) -> frozenset[str]:
        """Name the topics there are; errors as the port says."""
        with as_facts():
            names = await self._database.list_collection_names()
        stored = {name.removeprefix(PREFIX) for name in names if name.startswith(PREFIX)}
        return frozenset(stored | self._topics.keys())

    async def send(self, outgoing: Outgoing) -> Sent:
        """Keep one record by a majority; errors as the port says."""
        topic = self._topic(outgoing.topic)
        with as_facts():
            house = await self._home()
            offset = await topic.append(outgoing)
        house.ring(outgoing.topic)
        return Sent(topic.partition, offset)

    async def subscribe(self, topics: Sequence[str], group: str) -> EmbeddedSubscription:
        """Be the group's one member; errors as the port says."""
        with as_facts():
            house = await self._home()
            if group in house.members:
                raise AnotherProcessConsumes(f"The group {group} has a member in this process already.")
            house.members.add(group)
            try:
                right = await self._consuming_right(house)
            except BaseException:
                house.members.discard(group)
                raise
        self._members.add(group)

        async def closed() -> None:
            await self._left(house, right, group)

        offsets = Offsets(self._database[OFFSETS], group)
        for topic in topics:
            self._topic(parked_topic(topic, group))
        return EmbeddedSubscription(house, right, offsets, [self._topic(topic) for topic in topics], closed)

    async def read(self, topics: Sequence[str], start: Mapping[Partition, int] | None = None) -> EmbeddedReader:
        """Read topics without a group; errors as the port says."""
        there = await self.topics()
        for name in topics:
            if name not in there:
                raise TopicMismatch(f"The topic {name} does not exist.")
        stored = [self._topic(name) for name in topics]
        with as_facts():
            positions = {
                topic.partition: await _position(topic, (start or {}).get(topic.partition)) for topic in stored
            }
            return EmbeddedReader(Cursor(await self._home(), stored, positions))

    async def tidy(self) -> int:
        """Compact what is kept compact and remove what is too old; how many records went."""
        return sum([await topic.tidy() for topic in self._topics.values()])

    async def close(self) -> None:
        """Stop what goes on in the background."""
        if self._tidying is not None:
            await cancelled(self._tidying)
            self._tidying = None
        if self._right is not None:
            await self._right.stop()

    def _topic(self, name: str) -> StoredTopic:
        if name not in self._topics:  # only parked topics are made on the way
            self._topics[name] = StoredTopic(self._database, Topic(name, "as original", (), "", (), PARKED_SETTINGS))
        return self._topics[name]

    async def _home(self) -> House:
        """Find this process's house by the identity that the database keeps."""
        if self._house is None:
            kept = await self._database[STATE].find_one_and_update(
                {"_id": "identity"},
                {"$setOnInsert": {"token": uuid4().hex}},
                upsert=True,
                return_document=ReturnDocument.AFTER,
            )
            self._house = house_of(str(kept["token"] if kept else ""))
        return self._house

    async def _consuming_right(self, house: House) -> ConsumingRight:
        if self._right is None:
            self._right = ConsumingRight(self._database[STATE], house.name, seconds=self._lease_seconds)
        await self._right.take()
        if self._tidying is None:
            self._tidying = asyncio.create_task(self._keep_tidy())
        return self._right

    async def _left(self, house: House, right: ConsumingRight, group: str) -> None:
        house.members.discard(group)
        self._members.discard(group)
        if not house.members:
            await right.give_up()
        elif not self._members:
            await right.stop()

    async def _keep_tidy(self) -> None:
        while True:
            await asyncio.sleep(TIDY_SECONDS)
            try:
                removed = await self.tidy()
            except PyMongoError as error:
                if not is_away(error):
                    raise
                log.warning("event_log_not_tidied", reason=repr(error))
            else:
                log.info("event_log_tidied", removed=removed)


async def _position(topic: StoredTopic, start: int | None) -> int:
    first = await topic.first()
    return start if start is not None and first <= start <= await topic.end() else first
