"""Event-log port: what the services need of an event log.

Two adapters implement it, ``kafka`` and ``mongo`` (embedded, one process). One contract suite runs on both and on the
tests' fake. Values are bytes: the consumer parses the envelope, where an error can be handled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

import msgspec

Headers = Sequence[tuple[str, bytes | None]]


class Partition(NamedTuple):
    """The records of one key are all in one partition, in order."""

    topic: str
    number: int


class Record(msgspec.Struct, frozen=True, gc=False):
    """``timestamp_ms`` is in milliseconds since 1970."""

    partition: Partition
    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    headers: Headers

    @property
    def topic(self) -> str:
        return self.partition.topic


class Outgoing(msgspec.Struct, frozen=True):
    """The key chooses the partition."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers = ()


class RecordPosition(NamedTuple):
    partition: Partition
    offset: int


class PollResult(NamedTuple):
    """``epoch`` is that of the assignment."""

    epoch: int
    batches: Mapping[Partition, Sequence[Record]]


class LogUnavailable(Exception):
    """No answer in time; whether the call had an effect is unknown."""


class RecordRefused(Exception):
    """The log will never accept this record: too large, without a key where one is needed, or not allowed."""


class PartitionLost(Exception):
    """The partition was assigned to another member, or again to us: drop what is in flight."""


class AnotherProcessConsumes(Exception):
    """Another process already consumes from this embedded log, which is made for one."""

    # The operator needs the text and no traceback.
    says_all = True


class TopicMismatch(Exception):
    """A topic is missing or has other settings than this release needs; the text says how to mend it."""

    says_all = True


class Sender(Protocol):
    async def send(self, outgoing: Outgoing) -> RecordPosition:
        """Raises LogUnavailable (it may have been written all the same), RecordRefused, TopicMismatch."""
        ...


class Subscription(Protocol):
    """A member of a group, for one task. All but ``poll`` and ``close`` raise PartitionLost."""

    @property
    def epoch(self) -> int:
        """Rises whenever partitions may have been reassigned; what was handed out before is void."""
        ...

    @property
    def joining(self) -> bool:
        """Whether our partitions are not assigned yet."""
        ...

    async def poll(self, *, timeout: float, max_records: int) -> PollResult:  # noqa: ASYNC109 - how long to wait for records, not a deadline
        """None is a normal answer, also while the log is unavailable.

        Cancelling it loses nothing that is not handed out again after closing. Raises LogUnavailable (close and
        subscribe again), and AnotherProcessConsumes on the embedded log.
        """
        ...

    async def commit(self, offsets: Mapping[Partition, int], epoch: int) -> None:
        """``offsets`` are those of the next records to handle. Raises LogUnavailable: repeat it."""
        ...

    def seek(self, partition: Partition, offset: int) -> None: ...

    def pause(self, partition: Partition) -> None: ...

    def resume(self, partition: Partition) -> None: ...

    async def get_lag(self) -> dict[Partition, int]:
        """Asks the log itself, not the client; raises LogUnavailable."""
        ...

    async def close(self) -> None:
        """Leaves the group; returns within a deadline also while the log is unavailable."""
        ...


class Reader(Protocol):
    """Reads every partition of topics from a position, without a group and without committing."""

    @property
    def positions(self) -> Mapping[Partition, int]: ...

    async def poll(self, *, timeout: float, max_records: int) -> Mapping[Partition, Sequence[Record]]:  # noqa: ASYNC109 - how long to wait for records, not a deadline
        """Raises LogUnavailable: close it and read again from its positions."""
        ...

    async def get_ends(self) -> dict[Partition, int]:
        """The offset after the last record of each partition; raises LogUnavailable."""
        ...

    async def close(self) -> None:
        """Returns within a deadline also while the log is unavailable."""
        ...


class EventLog(Sender, Protocol):
    """The event log. Opening it contacts nobody: an outage shows with the first call."""

    async def list_topics(self) -> frozenset[str]:
        """Raises LogUnavailable."""
        ...

    async def subscribe(self, topics: Sequence[str], group: str) -> Subscription:
        """The first ever member starts at the beginning. Creates missing dead-letter topics.

        Raises LogUnavailable, TopicMismatch, and on the embedded log AnotherProcessConsumes.
        """
        ...

    async def read(self, topics: Sequence[str], start: Mapping[Partition, int] | None = None) -> Reader:
        """From the beginning, or from ``start`` where that still exists; raises LogUnavailable, TopicMismatch."""
        ...
