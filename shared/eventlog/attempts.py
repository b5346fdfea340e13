"""Remembers in whose hand a process died, so that one record cannot restart it for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from shared.database import Collection, Document, acknowledged_by_one
from shared.eventlog.port import Partition, Record

NEVER = -1
_ALONE: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()


def alone_in_this_process() -> asyncio.Lock:
    """Give what is to be held while a suspect record is in hand.

    It is the process that dies, whichever services run in it; so there is one for its event loop, and not for a group.
    """
    return _ALONE.setdefault(asyncio.get_running_loop(), asyncio.Lock())


@dataclass(frozen=True, slots=True)
class Suspicion:
    """What earlier lives left of a partition: records up to ``until`` are suspect, ``offset`` was alone in hand.

    ``deaths`` is how often the process died with that one record in hand, the first death in its batch included.
    """

    until: int = NEVER
    offset: int = NEVER
    deaths: int = 0

    def of(self, offset: int) -> int:
        """How many deaths are held against a record: one for each in a batch that somebody died in."""
        if offset == self.offset:
            return self.deaths
        return 1 if offset <= self.until else 0


@dataclass(frozen=True, slots=True)
class Batch:
    """What to handle now, and how many deaths are held against its first record."""

    records: Sequence[Record]
    deaths: int


class Attempts:
    """One small document a partition: what is in hand, written before handling and taken back after.

    Normally that is a whole batch, so it costs two writes a batch, acknowledged by one node only: the note survives the
    death of this process, which is all that it is for. After a death in a batch its records are taken one by one, each
    committed before the next, so that the next death has a name. That takes a caller who has nothing else suspect in
    hand meanwhile (:func:`alone_in_this_process`): of two records, in whatever partitions, both would be blamed.
    """

    def __init__(self, collection: Collection, group: str) -> None:
        self._collection = acknowledged_by_one(collection)
        self._group = group
        self._suspicions: dict[Partition, Suspicion] = {}

    def forget(self) -> None:
        """Read again what is noted, because the partitions were given anew and others may have had them."""
        self._suspicions.clear()

    async def deaths(self, record: Record) -> int:
        """Tell how many deaths are held against a record.

        Raises:
            PyMongoError: if the database is away.

        """
        return (await self._suspicion(record.partition)).of(record.offset)

    async def take(self, records: Sequence[Record]) -> Batch:
        """Note that records of one partition are taken in hand: all of them, or the first alone if it is suspect.

        Raises:
            PyMongoError: if the database is away.

        """
        first = records[0]
        suspicion = await self._suspicion(first.partition)
        deaths = suspicion.of(first.offset)
        taken = records[:1] if deaths else records
        note = {"first": first.offset, "last": taken[-1].offset, "deaths": deaths, "until": suspicion.until}
        await self._write(first.partition, note | {"in_hand": True})
        return Batch(taken, deaths)

    async def let_go(self, partition: Partition) -> None:
        """Note that the process outlived what it had in hand, whatever came of it.

        Raises:
            PyMongoError: if the database is away.

        """
        await self._write(partition, {"in_hand": False})

    async def _suspicion(self, partition: Partition) -> Suspicion:
        if partition not in self._suspicions:
            noted = await self._collection.find_one({"_id": self._key(partition)})
            self._suspicions[partition] = _suspicion(noted) if noted else Suspicion()
        return self._suspicions[partition]

    async def _write(self, partition: Partition, note: Document) -> None:
        await self._collection.update_one({"_id": self._key(partition)}, {"$set": note}, upsert=True)

    def _key(self, partition: Partition) -> str:
        return f"{self._group}/{partition.topic}/{partition.number}"


def _suspicion(noted: Document) -> Suspicion:
    """Read an earlier life's note: still in hand means that it died so."""
    if not noted["in_hand"]:
        return Suspicion(until=noted["until"])
    until = max(noted["until"], noted["last"])
    if noted["first"] == noted["last"]:
        return Suspicion(until, noted["first"], noted["deaths"] + 1)
    return Suspicion(until)
