"""What the services need of an event log, and nothing more.

Two adapters keep this port: ``kafka`` and ``embedded`` (MongoDB, one process). One contract suite runs on both, and
on the fake that tests use. Bytes go in and bytes come out: reading an envelope is the consumer's business, where it
may fail (reliability A5).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

import msgspec

Headers = Sequence[tuple[str, bytes | None]]


class Partition(NamedTuple):
    """One part of a topic; the records of one key are all in one, in order."""

    topic: str
    number: int


class Record(msgspec.Struct, frozen=True, gc=False):
    """What was read: bytes, and where they stand; ``timestamp_ms`` is in milliseconds since 1970."""

    partition: Partition
    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    headers: Headers

    @property
    def topic(self) -> str:
        """The topic it was read from."""
        return self.partition.topic


class Outgoing(msgspec.Struct, frozen=True):
    """What is to be written: bytes, and to which topic; the key chooses the partition."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers = ()


class Sent(NamedTuple):
    """Where a record was kept."""

    partition: Partition
    offset: int


class Polled(NamedTuple):
    """What one poll gave: records by partition, in order, and the epoch of the assignment that they belong to."""

    epoch: int
    batches: Mapping[Partition, Sequence[Record]]


class LogAway(Exception):
    """The event log did not answer in time; whether it did what it was asked is unknown."""


class RecordRefused(Exception):
    """The event log will never accept this record: too large, without a key where one is needed, or not allowed."""


class PartitionLost(Exception):
    """The partition was given to somebody else, or given anew to us: forget what was in hand."""


class AnotherProcessConsumes(Exception):
    """Another process already consumes from this embedded log, which is made for one."""

    says_all = True
    """An operator needs the text, and no trace."""


class TopicMismatch(Exception):
    """A topic is missing or is kept in another way than this release needs; the text says how to mend it."""

    says_all = True


class Sender(Protocol):
    """Writes records."""

    async def send(self, outgoing: Outgoing) -> Sent:
        """Write one record and wait until it is kept.

        Raises:
            LogAway: no answer in time; the record may have been kept all the same.
            RecordRefused: it will never be accepted.
            TopicMismatch: the topic is missing, or kept in another way.

        """
        ...


class Subscription(Protocol):
    """A member of a group. One task uses it; nothing of it is shared with the group's own rebalancing (A15)."""

    @property
    def epoch(self) -> int:
        """Rises whenever partitions may have gone to somebody else; what was handed out before is void."""
        ...

    @property
    def joining(self) -> bool:
        """Whether the group has yet to say which partitions are ours."""
        ...

    async def poll(self, *, timeout: float, max_records: int) -> Polled:  # noqa: ASYNC109 - how long to wait for records, not a deadline
        """Wait up to ``timeout`` seconds for records; none is a normal answer, also while the log is away.

        Cancelling it loses nothing that is not handed out again after closing.

        Raises:
            LogAway: this subscription is broken; close it and subscribe again.
            AnotherProcessConsumes: somebody took over (embedded log only).

        """
        ...

    async def commit(self, offsets: Mapping[Partition, int], epoch: int) -> None:
        """Keep for the group how far each partition is done: the offset of the next record to handle.

        Raises:
            PartitionLost: the assignment is no longer that of ``epoch``.
            LogAway: no answer in time; repeat it, or commit more later.

        """
        ...

    def seek(self, partition: Partition, offset: int) -> None:
        """Hand out this record next.

        Raises:
            PartitionLost: it is not ours.

        """
        ...

    def pause(self, partition: Partition) -> None:
        """Hand out nothing of a partition until it is resumed.

        Raises:
            PartitionLost: it is not ours.

        """
        ...

    def resume(self, partition: Partition) -> None:
        """Hand out records of a partition again.

        Raises:
            PartitionLost: it is not ours.

        """
        ...

    async def lag(self) -> dict[Partition, int]:
        """Ask the log itself how many offsets each of our partitions is behind its end.

        Raises:
            LogAway: no answer in time.
            PartitionLost: a rebalance is under way.

        """
        ...

    async def close(self) -> None:
        """Leave the group; returns within a deadline also when the log is away."""
        ...


class Reader(Protocol):
    """Reads topics from a position, every partition, without a group and without keeping how far it came."""

    @property
    def positions(self) -> Mapping[Partition, int]:
        """The next offset of each partition."""
        ...

    async def poll(self, *, timeout: float, max_records: int) -> Mapping[Partition, Sequence[Record]]:  # noqa: ASYNC109 - how long to wait for records, not a deadline
        """Wait up to ``timeout`` seconds for records.

        Raises:
            LogAway: this reader is broken; close it and read again from its positions.

        """
        ...

    async def ends(self) -> dict[Partition, int]:
        """Ask the log for the offset after the last record of each partition.

        Raises:
            LogAway: no answer in time.

        """
        ...

    async def close(self) -> None:
        """Stop reading; returns within a deadline also when the log is away."""
        ...


class EventLog(Sender, Protocol):
    """The event log. Opening it contacts nobody: what is away shows with the first call."""

    async def topics(self) -> frozenset[str]:
        """Name the topics there are.

        Raises:
            LogAway: no answer in time.

        """
        ...

    async def subscribe(self, topics: Sequence[str], group: str) -> Subscription:
        """Join a group; the first ever member starts at the beginning. Makes the group's parked topics if need be.

        Raises:
            LogAway: no answer in time.
            TopicMismatch: a topic is missing, or kept in another way.
            AnotherProcessConsumes: embedded log only.

        """
        ...

    async def read(self, topics: Sequence[str], start: Mapping[Partition, int] | None = None) -> Reader:
        """Read topics from their beginning, or from where ``start`` says (where that still exists).

        Raises:
            LogAway: no answer in time.
            TopicMismatch: a topic is missing, or kept in another way.

        """
        ...
