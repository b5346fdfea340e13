"""Where entries are kept: every question that is asked of them, and every write, one document at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from services.calendar.documents import changed_fields, document_of, entry_of, letters_of, unsent_revisions
from services.calendar.domain.entry import Entry, Matter
from services.calendar.domain.public import repair
from services.calendar.domain.selection import Selection
from shared.crash_points import STORE_WRITTEN, reach
from shared.database import (
    ASCENDING,
    DESCENDING,
    Collection,
    Database,
    Document,
    DuplicateKeyError,
    IndexModel,
    make_indexes,
    write_if,
)
from shared.eventlog.envelope import Letter
from shared.eventlog.outbox import OUTBOX_INDEX, push
from shared.eventlog.port import LogAway
from shared.eventlog.unsent import Unsent
from shared.messages import Message
from shared.telemetry import Step, carrying_on, current_traceparent

MOST_UNSENT = 16
"""Letters of one entry; each may hold half a megabyte, and a document 16."""
IN_LISTS: Document = {"history": 0, "outbox": 0, "contents": {"$slice": -1}}


class EntryMoved(Exception):
    """The entry is no longer as it was read: somebody was faster."""


class LettersPileUp(LogAway):
    """What this entry has to say is not being sent; nothing more is taken until it is."""


class Place(msgspec.Struct, frozen=True):
    """Where an entry stands in the queue: since when it waits, and its id to part equals."""

    since: str
    id: str


class Entries:
    """The entries of all organisations.

    Args:
        database: calendar's own.
        wake: called after each write that left something to be sent, with it if nothing else waits beside it.

    """

    def __init__(self, database: Database, *, wake: Callable[[Sequence[Unsent] | None], None]) -> None:
        self.collection: Collection = database["entries"]
        self._wake = wake

    async def prepare(self) -> None:
        """Make the indexes; repeating it changes nothing."""
        public = {"slot.order": {"$exists": True}}
        await make_indexes(
            self.collection,
            [
                OUTBOX_INDEX,
                IndexModel([("card.state", ASCENDING), ("card.since", ASCENDING), ("_id", ASCENDING)], name="queue"),
                IndexModel([("card.since", ASCENDING), ("_id", ASCENDING)], name="all"),
                IndexModel([("organiser.slug", ASCENDING)], name="organisations"),
                IndexModel(
                    [("slot.order", ASCENDING), ("slot.end", ASCENDING)],
                    name="programme",
                    partialFilterExpression=public,
                ),
            ],
        )

    async def find(self, entry_id: str) -> Entry | None:
        """Find an entry with all that was ever said about it."""
        found = await self.collection.find_one({"_id": entry_id}, {"outbox": 0})
        return entry_of(found) if found else None

    async def keep(self, before: Entry | None, after: Entry, messages: Sequence[Message], *, at: str) -> None:
        """Keep a change of an entry together with what it has to say, if the entry is still as it was read.

        Raises:
            EntryMoved: if it is not.
            LettersPileUp: if too much of this entry waits to be sent.

        """
        if before is None or after.received_version != before.received_version:  # the organisation's doing
            traceparent = current_traceparent()
            letters = letters_of(messages, at=at, traceparent=traceparent)
            alone = await self._write(before, after, letters, {"trace": traceparent})
        else:
            with carrying_on(before.trace, Step("calendar decides")) as traceparent:
                letters = letters_of(messages, at=at, traceparent=traceparent)
                alone = await self._write(before, after, letters, {})
        self._written([Unsent(after.id, letters)] if alone else None)

    async def _write(self, before: Entry | None, after: Entry, letters: Sequence[Letter], beside: Document) -> bool:
        """Write; tell whether nothing else waits to be sent."""
        if before is None:
            await self._add(document_of(after) | beside, letters)
            return True
        return await self._change(before, changed_fields(before, after) | beside, letters)

    async def _add(self, document: Document, letters: Sequence[Letter]) -> None:
        try:
            await self.collection.insert_one(document | {"outbox": [letter.document() for letter in letters]})
        except DuplicateKeyError:
            raise EntryMoved from None

    async def _change(self, before: Entry, changed: Document, letters: Sequence[Letter]) -> bool:
        expected, update = {"review_number": before.review_number}, {"$set": changed} | push(letters)
        for most in (0, MOST_UNSENT):
            if await write_if(self.collection, before.id, expected | {f"outbox.{most}": {"$exists": False}}, update):
                return most == 0
        full = {"_id": before.id, f"outbox.{MOST_UNSENT}": {"$exists": True}}
        if await self.collection.find_one(full, {"_id": 1}):
            raise LettersPileUp(f"{MOST_UNSENT} letters about {before.id} wait to be sent")
        raise EntryMoved

    async def repair(self, entry_id: str, revision_seen: int, *, at: str) -> bool:
        """Say again what is public of an entry if the log was last told something older.

        Returns:
            Whether it has to be, and will be, said again.

        """
        found = await self.collection.find_one({"_id": entry_id}, {"contents": {"$slice": -1}, "history": 0})
        entry = entry_of(found) if found else None
        message = repair(entry, revision_seen) if entry else None
        if found is None or entry is None or message is None or entry.revision in unsent_revisions(found):
            return False
        letters = letters_of([message], at=at, traceparent=current_traceparent())
        # A newer revision is on its way if this finds another one, and so no repair is needed.
        done = await write_if(self.collection, entry_id, {"revision": entry.revision}, push(letters))
        if done:
            self._written(None)
        return done

    async def several(self, ids: Sequence[str]) -> dict[str, Entry]:
        """Find entries by their ids, those that there are; without their history."""
        found = self.collection.find({"_id": {"$in": list(ids)}}, IN_LISTS)
        return {each["_id"]: entry_of(each) async for each in found}

    async def queue(
        self, selection: Selection, *, after: Place | None = None, skip: int = 0, limit: int
    ) -> list[Entry]:
        """List entries, those that wait longest first; without their history."""
        asked = _asked(selection, "card") | ({"$or": _beyond(after, "$gt")} if after else {})
        found = self.collection.find(asked, IN_LISTS).sort([("card.since", ASCENDING), ("_id", ASCENDING)])
        return [entry_of(each) async for each in found.skip(skip).limit(limit)]

    async def matters(self, ids: Sequence[str]) -> dict[str, Matter]:
        """Tell why entries come; a list has not the history that says so, but each document's card does."""
        found = self.collection.find({"_id": {"$in": list(ids)}}, {"card.matter": 1})
        return {each["_id"]: each["card"]["matter"] async for each in found}

    async def count(self, selection: Selection, *, before: Place | None = None) -> int:
        """Count entries: all that are selected, or those that stand before a place in the queue."""
        asked = _asked(selection, "card") | ({"$or": _beyond(before, "$lt")} if before else {})
        return await self.collection.count_documents(asked)

    async def neighbours(self, selection: Selection, place: Place) -> tuple[str | None, str | None]:
        """Find the ids of the entries before and after a place in the queue."""
        asked = _asked(selection, "card")
        found = []
        for comparison, direction in (("$lt", DESCENDING), ("$gt", ASCENDING)):
            beside = asked | {"$or": _beyond(place, comparison)}
            way = [("card.since", direction), ("_id", direction)]
            document = await self.collection.find_one(beside, {"_id": 1}, sort=way)
            found.append(document["_id"] if document else None)
        return found[0], found[1]

    async def programme(
        self,
        selection: Selection,
        *,
        month: int | None = None,
        after: str = "",
        skip: int = 0,
        limit: int | None = None,
    ) -> list[Entry]:
        """List what is public in the order of a programme, cancelled events too; without their history.

        Args:
            selection: what narrows it; its year is the programme's.
            month: only what begins in this month of that year; January takes what began before it.
            after: only what comes after this place (:func:`~services.calendar.documents.order`).
            skip: leave out so many at the beginning.
            limit: at most so many.

        """
        span = _beginning_in(selection.year, month) if selection.year and month else {}
        asked: Document = {"$and": [_asked(selection, "slot"), {"slot.order": {"$gt": after} | span}]}
        found = self.collection.find(asked, IN_LISTS).sort("slot.order", ASCENDING).skip(skip).limit(limit or 0)
        return [entry_of(each) async for each in found]

    async def months(self, selection: Selection) -> dict[int, int]:
        """Count by month what is public in a year; what began before it counts for January."""
        if selection.year is not None and selection == Selection(year=selection.year):
            return await self._all_months(selection.year)
        first = f"{selection.year:04}-01"
        begins = {"$substrBytes": ["$slot.order", 0, len(first)]}
        steps: list[Mapping[str, Any]] = [
            {"$match": {"slot.order": {"$gt": ""}} | _asked(selection, "slot")},
            {"$group": {"_id": {"$max": [begins, first]}, "count": {"$sum": 1}}},
        ]
        async with await self.collection.aggregate(steps) as found:
            return {int(each["_id"][5:7]): each["count"] async for each in found}

    async def _all_months(self, year: int) -> dict[int, int]:
        """Count by month all that is public: each count only goes along the index, which grouping does not."""
        asked: list[Document] = [{"slot.order": _beginning_in(year, month)} for month in range(1, 13)]
        asked[0]["slot.end"] = {"$gte": f"{year:04}"}
        count = self.collection.count_documents
        counts = await asyncio.gather(*(count(each, hint="programme") for each in asked))
        return {month: found for month, found in enumerate(counts, start=1) if found}

    async def organisations(self) -> list[str]:
        """Give the slugs of the organisations that have ever sent something."""
        return sorted(await self.collection.distinct("organiser.slug"))

    def _written(self, written: Sequence[Unsent] | None) -> None:
        reach(STORE_WRITTEN)
        self._wake(written)


def place_of(entry: Entry) -> Place:
    """Give the place of an entry in the queue."""
    return Place(since=entry.sent_at, id=entry.id)


def _asked(selection: Selection, part: str) -> Document:
    """Write a selection as a question to the database, asked of the card or of the slot."""
    asked: Document = {}
    if selection.state:
        asked["card.state"] = {"$in": list(selection.state)}
    if selection.matter:
        asked["card.matter"] = {"$in": list(selection.matter)}
    if selection.organisation:
        asked["organiser.slug"] = {"$in": list(selection.organisation)}
    if selection.county:
        asked[f"{part}.county"] = {"$in": list(selection.county)}
    if selection.category:
        asked[f"{part}.categories"] = {"$in": list(selection.category)}
    if selection.year is not None:
        # An order begins with the start, so that one index finds a year's programme and sorts it.
        asked["slot.order" if part == "slot" else "card.start"] = {"$lt": f"{selection.year + 1:04}"}
        asked[f"{part}.end"] = {"$gte": f"{selection.year:04}"}
    return asked


def _beginning_in(year: int, month: int) -> Document:
    """Bound an order by the month of its start; what began before the year counts for January."""
    following = f"{year:04}-{month + 1:02}"
    return {"$lt": following} if month == 1 else {"$gte": f"{year:04}-{month:02}", "$lt": following}


def _beyond(place: Place, comparison: str) -> list[Document]:
    """Ask for what stands before or after a place in the queue."""
    return [{"card.since": {comparison: place.since}}, {"card.since": place.since, "_id": {comparison: place.id}}]
