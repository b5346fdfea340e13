"""Repository of the register of venues: the database, and a copy in memory that suggestions are made of.

Every write is stamped by the database's own clock; each replica asks once a second for what is stamped later than what
it knows, with some seconds of overlap, since a write may be seen after a later one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection as Several
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
import structlog

from services.ingest.venue.model import MAX_VENUES, RegisteredVenue
from services.ingest.venue.venue_index import VenueIndex
from shared.aio.cancellation import wait_or_stop
from shared.database.client import (
    ASCENDING,
    Collection,
    Database,
    Document,
    IndexModel,
    PyMongoError,
    create_indexes,
)

REFRESH_SECONDS: Final = 1.0
OVERLAP: Final = timedelta(seconds=10)
MAX_ID: Final = 100
BATCH: Final = 500
_STAMP: Final[Document] = {"$currentDate": {"stamp": True}}
log = structlog.get_logger(__name__)


class RegisterFull(Exception):
    """The register has as many places as it may have, or as many of one organisation."""


class Venues:
    def __init__(self, database: Database) -> None:
        self.collection: Collection = database["venues"]
        self.index = VenueIndex()
        self._seen: datetime | None = None

    async def prepare(self) -> None:
        by_stamp, by_organisation = IndexModel([("stamp", ASCENDING)]), IndexModel([("organisation", ASCENDING)])
        await create_indexes(self.collection, [by_stamp, by_organisation])
        await self.refresh()

    async def refresh(self) -> None:
        """Read what has changed; raise PyMongoError."""
        query: Document = {} if self._seen is None else {"stamp": {"$gt": self._seen - OVERLAP}}
        stamps = self.collection.find(query, {"number": 1, "near": 1, "apart": 1, "stamp": 1}).limit(2 * MAX_VENUES)
        changed, latest = [], self._seen
        async with stamps.batch_size(BATCH) as found:
            async for each in found:
                stamp = each.get("stamp", latest)
                latest = max(filter(None, (latest, stamp)), default=None)
                if self._is_news(each):
                    changed.append(each["_id"])
        for start in range(0, len(changed), BATCH):
            await self._read(changed[start : start + BATCH])
        self._seen = latest

    def _is_news(self, stamped: Document) -> bool:
        known = self.index.get(stamped["_id"])
        lists = (tuple(stamped.get("near", ())), tuple(stamped.get("apart", ())))
        return known is None or known.number < stamped.get("number", 0) or (known.near, known.apart) != lists

    async def _read(self, ids: Several[str]) -> None:
        async with self.collection.find({"_id": {"$in": list(ids)}}) as found:
            async for each in found:
                venue = _parse(each)
                if venue is not None:
                    self.index.put(venue)

    async def run(self, stop: asyncio.Event) -> None:
        """Refresh until ``stop`` is set; while the database is away, what is known stays."""
        while not stop.is_set():
            await wait_or_stop(stop, asyncio.sleep(REFRESH_SECONDS))
            with suppress(PyMongoError):
                await self.refresh()

    async def find(self, venue_id: str) -> RegisteredVenue | None:
        """Read it as it is now, also one that was merged."""
        found = await self.collection.find_one({"_id": venue_id}) if len(venue_id) <= MAX_ID else None
        venue = _parse(found) if found else None
        if venue is not None:
            self.index.put(venue)
        return venue

    async def find_staying(self, venue_id: str) -> RegisteredVenue | None:
        """The place, or the one that stays of it; one that this replica does not know yet is read."""
        if self.index.get(venue_id) is None:
            found = await self.find(venue_id)
            while found is not None and found.merged_into and self.index.get(found.merged_into) is None:
                found = await self.find(found.merged_into)
        return self.index.find_staying(venue_id)

    async def count_of(self, organisation: str, *, most: int) -> int:
        return await self.collection.count_documents({"organisation": organisation}, limit=most)

    async def count(self) -> int:
        return await self.collection.estimated_document_count()

    async def add(self, venue: RegisteredVenue) -> None:
        """A repeat with the same id changes nothing."""
        written = _write(venue)
        key = written.pop("_id")
        await self.collection.update_one({"_id": key}, {"$setOnInsert": written} | _STAMP, upsert=True)
        self.index.put(venue)
        await self._note_twins(venue)

    async def replace(self, before: RegisteredVenue, after: RegisteredVenue) -> bool:
        """Save what is said of a place; False if another write was first."""
        changes = {name: value for name, value in _write(after).items() if name not in {"_id", "apart", "near"}}
        expected = {"_id": before.id, "number": before.number}
        result = await self.collection.update_one(expected, {"$set": changes} | _STAMP)
        if result.matched_count == 0:
            return False
        for each in before.near:
            await self._change_list(each, "$pull", "near", [before.id])
        await self.find(after.id)
        if after.merged_into is None:
            await self._note_twins(after)
        return True

    async def shorten(self, merged: str, into: str) -> None:
        """Lead what was merged into a place that is now merged itself to the one that stays."""
        query = {"merged_into": merged}
        await self.collection.update_many(query, {"$set": {"merged_into": into}, "$inc": {"number": 1}} | _STAMP)

    async def keep_apart(self, one: str, other: str) -> None:
        for each, another in ((one, other), (other, one)):
            await self._change_list(each, "$addToSet", "apart", [another])
            await self._change_list(each, "$pull", "near", [another])

    async def _note_twins(self, venue: RegisteredVenue) -> None:
        """Keep with each place which others may be the same, for the curators' list."""
        twins = [each.venue.id for each in self.index.list_twins(venue)]
        await self._set_near(venue.id, twins)
        for each in twins:
            await self._change_list(each, "$addToSet", "near", [venue.id])

    async def _set_near(self, venue_id: str, near: list[str]) -> None:
        await self.collection.update_one({"_id": venue_id}, {"$set": {"near": near}} | _STAMP)
        await self.find(venue_id)

    async def _change_list(self, venue_id: str, operator: str, name: str, ids: list[str]) -> None:
        value: Any = {"$each": ids} if operator == "$addToSet" else {"$in": ids}
        await self.collection.update_one({"_id": venue_id}, {operator: {name: value}} | _STAMP)
        await self.find(venue_id)


def _write(venue: RegisteredVenue) -> Document:
    written: Document = msgspec.to_builtins(venue)
    return {"_id": written.pop("id"), **written}


def _parse(document: Document) -> RegisteredVenue | None:
    """Return None for what only a later release can read."""
    try:
        known = {name: document.get(name) for name in RegisteredVenue.__struct_fields__ if name in document}
        return msgspec.convert({**known, "id": document["_id"]}, RegisteredVenue)
    except msgspec.ValidationError as error:
        log.error("venue_unreadable", venue=document["_id"], reason=str(error))  # noqa: TRY400 - no bug of ours to trace
        return None
