"""Fetching: takes records from an aiokafka consumer without cancelling it, and skips what it cannot decode."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress

import structlog
from aiokafka import TopicPartition

from shared.aio.cancellation import cancel_and_wait
from shared.eventlog.kafka.errors import Untyped, translate_errors
from shared.eventlog.port import Partition, PartitionLost, Record

GRACE = 0.1
ONE_BY_ONE_SECONDS = 0.3

# Of the record that stands for one that the client cannot read; it has no key and no value.
UNREADABLE = (("unreadable", b"a header's name is not UTF-8, which the client cannot read"),)

Batches = dict[Partition, Sequence[Record]]
log = structlog.get_logger(__name__)


class Fetching:
    """One ``getmany`` at a time; it is awaited again if it takes longer than its timeout."""

    # In a rebalance ``getmany`` ignores its timeout, and a cancelled one stops the client's idle clock for good, so
    # that a stuck member would keep its partitions. What was taken in an earlier epoch is dropped: its partitions start
    # again from what is committed.

    def __init__(
        self, consumer: Untyped, epoch: Callable[[], int], start: Mapping[Partition, int] | None = None
    ) -> None:
        self._consumer = consumer
        self._epoch = epoch
        self._next: tuple[int, dict[Partition, int]] = (epoch(), dict(start or {}))
        self._under_way: asyncio.Task[tuple[int, Batches]] | None = None

    async def poll(self, seconds: float, max_records: int) -> Batches:
        """Nothing is a normal answer; raises LogUnavailable if the consumer is broken."""
        if self._under_way is None:
            self._under_way = asyncio.create_task(self._take(seconds, max_records))
        await asyncio.wait({self._under_way}, timeout=seconds + GRACE)
        if not self._under_way.done():
            return {}
        taken, self._under_way = self._under_way, None
        with suppress(PartitionLost), translate_errors():
            epoch, batches = taken.result()
            if epoch == self._epoch():
                self._get_positions().update({partition: batch[-1].offset + 1 for partition, batch in batches.items()})
                return batches
        return {}

    def seek(self, partition: Partition, offset: int) -> None:
        """Raises PartitionLost."""
        with translate_errors():
            self._consumer.seek(TopicPartition(*partition), offset)
        self._get_positions()[partition] = offset

    async def close(self) -> None:
        if self._under_way is not None:
            await cancel_and_wait(self._under_way)
            self._under_way = None

    def _get_positions(self) -> dict[Partition, int]:
        """The next offset of each partition that handed out something in this epoch."""
        if self._next[0] != self._epoch():
            self._next = (self._epoch(), {})
        return self._next[1]

    async def _take(self, seconds: float, max_records: int) -> tuple[int, Batches]:
        try:
            taken = await self._consumer.getmany(timeout_ms=round(seconds * 1000), max_records=max_records)
        except UnicodeDecodeError:
            return await self._poll_one_by_one()
        return self._epoch(), {Partition(*theirs): _convert(theirs, records) for theirs, records in taken.items()}

    async def _poll_one_by_one(self) -> tuple[int, Batches]:
        """One record of each partition; the one that the client cannot read is replaced by a stand-in."""
        # The client raises for a header name that is not UTF-8 before anybody sees the record, and again on every call;
        # by then it has moved past what it took of other partitions. So all go back first.
        epoch = self._epoch()
        assigned = list(self._consumer.assignment())
        for theirs in assigned:
            self._consumer.seek(theirs, await self._find_position(theirs))
        batches = await asyncio.gather(*(self._poll_one(theirs) for theirs in assigned))
        return epoch, {Partition(*theirs): batch for theirs, batch in zip(assigned, batches, strict=True) if batch}

    async def _find_position(self, theirs: Untyped) -> int:
        # After what was handed out, else what is committed, else the beginning.
        if (handed_out := self._get_positions().get(Partition(*theirs))) is not None:
            return handed_out
        if (committed := await self._consumer.committed(theirs)) is not None:
            return int(committed)
        return int((await self._consumer.beginning_offsets([theirs]))[theirs])

    async def _poll_one(self, theirs: Untyped) -> list[Record]:
        try:
            taken = await self._consumer.getmany(theirs, timeout_ms=round(ONE_BY_ONE_SECONDS * 1000), max_records=1)
        except UnicodeDecodeError as error:
            position = await self._consumer.position(theirs)
            self._consumer.seek(theirs, position + 1)
            log.error("record_unreadable", partition=Partition(*theirs), offset=position, reason=str(error))  # noqa: TRY400 - the record is to blame
            return [Record(Partition(*theirs), position, 0, None, None, UNREADABLE)]
        return _convert(theirs, taken.get(theirs, ()))


def _convert(theirs: Untyped, records: Iterable[Untyped]) -> list[Record]:
    partition = Partition(*theirs)
    return [
        Record(partition, record.offset, record.timestamp, record.key, record.value, record.headers)
        for record in records
    ]
