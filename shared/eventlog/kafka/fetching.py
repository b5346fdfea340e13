"""Takes records from an aiokafka consumer without ever cancelling it, and past what it cannot read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress

import structlog
from aiokafka import TopicPartition

from shared import crash_points
from shared.eventlog.kafka.answers import Untyped, as_facts
from shared.eventlog.port import Partition, PartitionLost, Record
from shared.eventlog.stopping import cancelled

GRACE = 0.1
ONE_BY_ONE_SECONDS = 0.3

UNREADABLE = (("unreadable", b"a header's name is not UTF-8, which the client cannot read"),)
"""The headers of the record that stands for one that the client cannot read; it has no key and no value."""

Batches = dict[Partition, Sequence[Record]]
log = structlog.get_logger(__name__)


class Fetching:
    """One ``getmany`` at a time, which is waited for again if it takes longer than its time-out.

    During a rebalance ``getmany`` waits without regard to its time-out, and a cancelled one leaves the client's idle
    clock stopped for good, so that a stuck member would keep its partitions. What was taken in an epoch that is over
    when it is asked for is dropped: its partitions start again from what is committed.
    """

    def __init__(
        self, consumer: Untyped, epoch: Callable[[], int], start: Mapping[Partition, int] | None = None
    ) -> None:
        self._consumer = consumer
        self._epoch = epoch
        self._next: tuple[int, dict[Partition, int]] = (epoch(), dict(start or {}))
        self._under_way: asyncio.Task[tuple[int, Batches]] | None = None

    async def poll(self, seconds: float, max_records: int) -> Batches:
        """Take what there is, or wait; nothing is a normal answer.

        Raises:
            LogAway: the consumer is broken.

        """
        if self._under_way is None:
            self._under_way = asyncio.create_task(self._take(seconds, max_records))
        await asyncio.wait({self._under_way}, timeout=seconds + GRACE)
        if not self._under_way.done():
            return {}
        taken, self._under_way = self._under_way, None
        with suppress(PartitionLost), as_facts():
            epoch, batches = taken.result()
            if epoch == self._epoch():
                self._positions().update({partition: batch[-1].offset + 1 for partition, batch in batches.items()})
                return batches
        return {}

    def seek(self, partition: Partition, offset: int) -> None:
        """Take this record next.

        Raises:
            PartitionLost: it is not ours.

        """
        with as_facts():
            self._consumer.seek(TopicPartition(*partition), offset)
        self._positions()[partition] = offset

    async def end(self) -> None:
        """Give up what is under way."""
        if self._under_way is not None:
            await cancelled(self._under_way)
            self._under_way = None

    def _positions(self) -> dict[Partition, int]:
        """What comes next of each partition of which something was handed out in this epoch."""
        if self._next[0] != self._epoch():
            self._next = (self._epoch(), {})
        return self._next[1]

    async def _take(self, seconds: float, max_records: int) -> tuple[int, Batches]:
        if crash_points.comes_to(crash_points.FETCH_TASK):
            self._consumer._fetcher._fetch_task.cancel()  # noqa: SLF001 - what cannot happen by any public way
        try:
            taken = await self._consumer.getmany(timeout_ms=round(seconds * 1000), max_records=max_records)
        except UnicodeDecodeError:
            return await self._one_by_one()
        return self._epoch(), {Partition(*theirs): _records(theirs, records) for theirs, records in taken.items()}

    async def _one_by_one(self) -> tuple[int, Batches]:
        """Take one record of each partition: what comes before the one that the client cannot read, or its stand-in.

        The client raises for a header's name that is not UTF-8 before anybody sees the record, would raise for it for
        ever (A5), and has by then moved past what it had taken of other partitions; so all go back first.
        """
        epoch = self._epoch()
        assigned = list(self._consumer.assignment())
        for theirs in assigned:
            self._consumer.seek(theirs, await self._position(theirs))
        batches = await asyncio.gather(*(self._one(theirs) for theirs in assigned))
        return epoch, {Partition(*theirs): batch for theirs, batch in zip(assigned, batches, strict=True) if batch}

    async def _position(self, theirs: Untyped) -> int:
        """What was handed out says it, or else what is committed, or the beginning."""
        if (handed_out := self._positions().get(Partition(*theirs))) is not None:
            return handed_out
        if (committed := await self._consumer.committed(theirs)) is not None:
            return int(committed)
        return int((await self._consumer.beginning_offsets([theirs]))[theirs])

    async def _one(self, theirs: Untyped) -> list[Record]:
        try:
            taken = await self._consumer.getmany(theirs, timeout_ms=round(ONE_BY_ONE_SECONDS * 1000), max_records=1)
        except UnicodeDecodeError as error:
            position = await self._consumer.position(theirs)
            self._consumer.seek(theirs, position + 1)
            log.error("record_unreadable", partition=Partition(*theirs), offset=position, reason=str(error))  # noqa: TRY400 - the record is to blame
            return [Record(Partition(*theirs), position, 0, None, None, UNREADABLE)]
        return _records(theirs, taken.get(theirs, ()))


def _records(theirs: Untyped, records: Iterable[Untyped]) -> list[Record]:
    partition = Partition(*theirs)
    return [
        Record(partition, record.offset, record.timestamp, record.key, record.value, record.headers)
        for record in records
    ]
