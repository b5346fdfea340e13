"""Crash-loop guard: notes the records in flight; one that keeps killing the process is dead-lettered."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from shared.database.client import Collection, Document, relax_write_concern
from shared.eventlog.consumer.partition import CrashRecord, PartitionStates
from shared.eventlog.port import Partition, Record

_LOCKS: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()


def get_suspect_lock() -> asyncio.Lock:
    # The process dies, whichever services run in it, so there is one lock for its event loop, not one for each group.
    return _LOCKS.setdefault(asyncio.get_running_loop(), asyncio.Lock())


@dataclass(frozen=True, slots=True)
class Batch:
    """Records to handle now, and the crashes held against the first of them."""

    records: Sequence[Record]
    crashes: int


class CrashGuard:
    """One small document a partition: what is in flight, written before handling and withdrawn after."""

    # A batch costs two writes, acknowledged by one node only, since the note need only survive a crash of this process.
    # After a crash in a batch its records are handled one by one, each committed before the next, and nothing else
    # suspect may be in flight meanwhile (:func:`get_suspect_lock`): both records would be blamed.

    def __init__(self, collection: Collection, group: str, states: PartitionStates) -> None:
        self._collection = relax_write_concern(collection)
        self._group = group
        self._states = states

    async def count_crashes(self, record: Record) -> int:
        return (await self._load_crash_record(record.partition)).count_crashes(record.offset)

    async def take(self, records: Sequence[Record]) -> Batch:
        """All of them are in flight, or the first alone if it is suspect."""
        first = records[0]
        noted = await self._load_crash_record(first.partition)
        crashes = noted.count_crashes(first.offset)
        taken = records[:1] if crashes else records
        note = {"first": first.offset, "last": taken[-1].offset, "deaths": crashes, "until": noted.until}
        await self._write(first.partition, note | {"in_hand": True})
        return Batch(taken, crashes)

    async def release(self, partition: Partition) -> None:
        await self._write(partition, {"in_hand": False})

    async def _load_crash_record(self, partition: Partition) -> CrashRecord:
        state = self._states[partition]
        if state.crash_record is None:
            found = await self._collection.find_one({"_id": self._get_key(partition)})
            state.crash_record = _parse(found) if found else CrashRecord()
        return state.crash_record

    async def _write(self, partition: Partition, note: Document) -> None:
        await self._collection.update_one({"_id": self._get_key(partition)}, {"$set": note}, upsert=True)

    def _get_key(self, partition: Partition) -> str:
        return f"{self._group}/{partition.topic}/{partition.number}"


def _parse(note: Document) -> CrashRecord:
    # Still in flight: the process that wrote the note died with it.
    if not note["in_hand"]:
        return CrashRecord(until=note["until"])
    until = max(note["until"], note["last"])
    if note["first"] == note["last"]:
        return CrashRecord(until, note["first"], note["deaths"] + 1)
    return CrashRecord(until)
