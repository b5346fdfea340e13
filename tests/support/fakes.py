"""Stand-ins that know what the real things know, in memory and at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from zlib import crc32

from shared.eventlog.port import (
    LogUnavailable,
    Outgoing,
    Partition,
    PartitionLost,
    PollResult,
    Record,
    RecordPosition,
    RecordRefused,
    TopicMismatch,
)
from shared.eventlog.topics import DEAD_LETTER_SETTINGS, TOPICS, Topic, name_dead_letter_topic

MAX_BYTES = 1_048_588


class FakeEventLog:
    """An event log in memory: positions, pauses, seeks, commits, groups of several members, and lost assignments.

    Faults are switched on by the test: ``away`` makes every call that contacts the log fail, ``lose_assignments``
    assigns a group's partitions again, ``silent`` hands out nothing although records wait.
    """

    def __init__(self, topics: Sequence[Topic] = TOPICS, *, partitions: int = 3) -> None:
        self.records: dict[Partition, list[Record]] = {}
        self.offsets: dict[tuple[str, Partition], int] = {}
        self.commits: list[tuple[str, dict[Partition, int]]] = []
        self.members: dict[str, list[FakeSubscription]] = {}
        self.reads: list[dict[Partition, int]] = []
        self.away = False
        self.silent = False
        self.refuses: Callable[[Outgoing], bool] = lambda _: False
        self.appended = asyncio.Event()
        self._topics: dict[str, Topic] = {}
        for topic in topics:
            self.make(topic, partitions)

    def make(self, topic: Topic, partitions: int) -> None:
        """Make a topic if it is not there."""
        if topic.name not in self._topics:
            self._topics[topic.name] = topic
            self.records |= {Partition(topic.name, number): [] for number in range(partitions)}

    def of(self, topic: str) -> list[Record]:
        """Everything on a topic, partition after partition."""
        return [record for partition, records in self.records.items() if partition.topic == topic for record in records]

    def lose_assignments(self, group: str) -> None:
        """Assign the group's partitions again, from what is committed."""
        members = self.members.get(group, [])
        for index, member in enumerate(members):
            member.assign(
                self, [partition for partition in member.wanted(self) if partition.number % len(members) == index]
            )

    def check(self) -> None:
        """Fail if the log is away."""
        if self.away:
            raise LogUnavailable("the fake is away")

    async def list_topics(self) -> frozenset[str]:
        await asyncio.sleep(0)
        self.check()
        return frozenset(self._topics)

    async def send(self, outgoing: Outgoing) -> RecordPosition:
        await asyncio.sleep(0)
        self.check()
        self._refuse(outgoing)
        parts = [partition for partition in self.records if partition.topic == outgoing.topic]
        partition = parts[crc32(outgoing.key or b"") % len(parts)]
        offset = len(self.records[partition])
        headers = tuple(outgoing.headers)
        self.records[partition].append(Record(partition, offset, 0, outgoing.key, outgoing.value, headers))
        self.appended.set()
        self.appended = asyncio.Event()
        return RecordPosition(partition, offset)

    async def subscribe(self, topics: Sequence[str], group: str) -> FakeSubscription:
        await asyncio.sleep(0)
        self.check()
        for topic in topics:
            self.make(
                Topic(name_dead_letter_topic(topic, group), "as original", (), group, (), DEAD_LETTER_SETTINGS), 1
            )
        member = FakeSubscription(self, topics, group)
        self.members.setdefault(group, []).append(member)
        self.lose_assignments(group)
        return member

    async def read(self, topics: Sequence[str], start: Mapping[Partition, int] | None = None) -> FakeReader:
        await asyncio.sleep(0)
        self.check()
        for topic in topics:
            if topic not in self._topics:
                raise TopicMismatch(f"The topic {topic} does not exist.")
        self.reads.append(dict(start or {}))
        positions = dict.fromkeys((partition for partition in self.records if partition.topic in topics), 0)
        for partition, offset in (start or {}).items():
            positions[partition] = offset if offset <= len(self.records[partition]) else 0
        return FakeReader(self, positions)

    def _refuse(self, outgoing: Outgoing) -> None:
        settings = self._topics[outgoing.topic].settings
        size = len(outgoing.value or b"") + len(outgoing.key or b"")
        compact = settings.get("cleanup.policy") == "compact"
        if size > int(settings.get("max.message.bytes", MAX_BYTES)) or self.refuses(outgoing):
            raise RecordRefused("the fake will not take it")
        if compact and outgoing.key is None:
            raise RecordRefused("a record needs a key")


class FakeCursor:
    """Positions in the fake's partitions."""

    def __init__(self, log: FakeEventLog, positions: dict[Partition, int]) -> None:
        self.log = log
        self.positions = positions
        self.paused: set[Partition] = set()

    def take(self, max_records: int) -> dict[Partition, Sequence[Record]]:
        """Take what is there."""
        batches: dict[Partition, Sequence[Record]] = {}
        for partition, position in self.positions.items():
            records = self.log.records[partition][position : position + max_records]
            if records and partition not in self.paused and not self.log.silent and not self.log.away:
                batches[partition] = records
                max_records -= len(records)
        self.positions |= {partition: records[-1].offset + 1 for partition, records in batches.items()}
        return batches

    async def poll(self, seconds: float, max_records: int) -> dict[Partition, Sequence[Record]]:
        """Take what is there, or wait for it."""
        await asyncio.sleep(0)
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while not (batches := self.take(max_records)) and loop.time() < until:
            appended = asyncio.create_task(self.log.appended.wait())
            await asyncio.wait({appended}, timeout=min(0.01, until - loop.time()))
            appended.cancel()
        return batches

    def get_ends(self) -> dict[Partition, int]:
        """Where the partitions end."""
        self.log.check()
        return {partition: len(self.log.records[partition]) for partition in self.positions}


class FakeReader:
    """Reads the fake without a group."""

    def __init__(self, log: FakeEventLog, positions: dict[Partition, int]) -> None:
        self._cursor = FakeCursor(log, positions)

    @property
    def positions(self) -> Mapping[Partition, int]:
        return self._cursor.positions

    async def poll(self, *, timeout: float, max_records: int) -> Mapping[Partition, Sequence[Record]]:  # noqa: ASYNC109 - the port's word
        return await self._cursor.poll(timeout, max_records)

    async def get_ends(self) -> dict[Partition, int]:
        await asyncio.sleep(0)
        return self._cursor.get_ends()

    async def close(self) -> None:
        await asyncio.sleep(0)


class FakeSubscription:
    """A member of a group of the fake."""

    def __init__(self, log: FakeEventLog, topics: Sequence[str], group: str) -> None:
        self.epoch = 0
        self.joining = True
        self.broken: Exception | None = None
        self._log = log
        self._topics = topics
        self._group = group
        self._cursor = FakeCursor(log, {})

    def wanted(self, log: FakeEventLog) -> list[Partition]:
        """The partitions of its topics."""
        return [partition for partition in log.records if partition.topic in self._topics]

    def assign(self, log: FakeEventLog, partitions: Sequence[Partition]) -> None:
        """Take partitions, from what the group committed."""
        self.epoch += 1
        self.joining = False
        committed = {partition: log.offsets.get((self._group, partition), 0) for partition in partitions}
        self._cursor = FakeCursor(log, committed)

    async def poll(self, *, timeout: float, max_records: int) -> PollResult:  # noqa: ASYNC109 - the port's word
        if self.broken is not None:
            raise self.broken
        epoch = self.epoch
        batches = await self._cursor.poll(timeout, max_records)
        return PollResult(self.epoch, batches if epoch == self.epoch else {})

    async def commit(self, offsets: Mapping[Partition, int], epoch: int) -> None:
        await asyncio.sleep(0)
        self._log.check()
        if epoch != self.epoch:
            raise PartitionLost("the epoch is over")
        for partition, offset in offsets.items():
            self._ours(partition)
            self._log.offsets[self._group, partition] = offset
        self._log.commits.append((self._group, dict(offsets)))

    def seek(self, partition: Partition, offset: int) -> None:
        self._ours(partition).positions[partition] = offset

    def pause(self, partition: Partition) -> None:
        self._ours(partition).paused.add(partition)

    def resume(self, partition: Partition) -> None:
        self._ours(partition).paused.discard(partition)

    async def get_lag(self) -> dict[Partition, int]:
        await asyncio.sleep(0)
        return {
            partition: end - self._cursor.positions[partition] for partition, end in self._cursor.get_ends().items()
        }

    async def close(self) -> None:
        await asyncio.sleep(0)
        self._log.members[self._group].remove(self)
        self._log.lose_assignments(self._group)

    def _ours(self, partition: Partition) -> FakeCursor:
        if partition not in self._cursor.positions:
            raise PartitionLost(f"{partition} is not ours")
        return self._cursor
