"""Repository of entries: every query and write, one document at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from copy import copy
from typing import Any

import msgspec

from services.calendar.entry.documents import (
    parse_entry,
    read_unsent_revisions,
    wrap_messages,
    write_changes,
    write_entry,
)
from services.calendar.entry.model import Entry, QueueReason, is_within
from services.calendar.entry.publication import find_repair
from services.calendar.entry.selection import EntrySelection
from shared.database.client import (
    ASCENDING,
    DESCENDING,
    Collection,
    Database,
    Document,
    DuplicateKeyError,
    IndexModel,
    create_indexes,
    write_if,
)
from shared.event.limits import Limits
from shared.event.model import StartPlace, Venue, serialize_part
from shared.eventlog.envelope import Envelope
from shared.eventlog.outbox.relay import OUTBOX_INDEX, push
from shared.messages import Message
from shared.observability.logging import Span, get_current_traceparent, resume_trace

MAX_UNSENT = 16
"""Envelopes of one entry; each may hold half a megabyte, and a document 16."""
MAX_ID_LENGTH = 100
"""Characters of an entry's id."""
MAX_PARTS = 500
"""Of an umbrella event; ingest takes no more."""
BATCH = 20
"""Documents that the database gives at once: each may have a quarter of a megabyte."""
IN_LISTS: Document = {"history": 0, "outbox": 0, "remarks": 0, "notes": 0, "contents": {"$slice": -1}}


class OutboxFull(Exception):
    """Too many messages of this entry wait to be sent."""


class QueuePosition(msgspec.Struct, frozen=True):
    since: str
    id: str


class Entries:
    """``notify`` is called after each write that leaves messages to send."""

    def __init__(self, database: Database, *, notify: Callable[[], None]) -> None:
        self.collection: Collection = database["entries"]
        self._notify = notify
        self._limits: tuple[Limits, ...] = ()

    def within(self, *limits: Limits) -> Entries:
        """The same entries for a curator with limits: what is outside of all of them is as if it was not there."""
        limited = copy(self)
        limited._limits = limits if all(limits) else ()  # noqa: SLF001 - our own copy
        return limited

    async def prepare(self) -> None:
        public = {"slot.order": {"$exists": True}}
        await create_indexes(
            self.collection,
            [
                OUTBOX_INDEX,
                IndexModel([("card.state", ASCENDING), ("card.since", ASCENDING), ("_id", ASCENDING)], name="queue"),
                IndexModel([("card.since", ASCENDING), ("_id", ASCENDING)], name="all"),
                IndexModel([("organiser.slug", ASCENDING)], name="organisations"),
                IndexModel([("live.event.venue.id", ASCENDING)], name="venues", sparse=True),
                IndexModel([("live.event.start_place.id", ASCENDING)], name="start_places", sparse=True),
                IndexModel(
                    [("card.since", ASCENDING), ("_id", ASCENDING)],
                    name="unanswered",
                    partialFilterExpression={"card.unanswered": True},
                ),
                *(
                    IndexModel(
                        [(f"{part}.part_of", ASCENDING)],
                        name=f"{part}_parts",
                        partialFilterExpression={f"{part}.part_of": {"$exists": True}},
                    )
                    for part in ("card", "slot")
                ),
                IndexModel(
                    [("slot.order", ASCENDING), ("slot.end", ASCENDING)],
                    name="programme",
                    partialFilterExpression=public,
                ),
                IndexModel(
                    [("slot.picture_until", ASCENDING)],
                    name="lapsing",
                    partialFilterExpression={"slot.picture_until": {"$exists": True}},
                ),
            ],
        )

    async def find(self, entry_id: str) -> Entry | None:
        """An id that cannot exist is not queried."""
        if len(entry_id) > MAX_ID_LENGTH or not entry_id.isascii():
            return None
        found = await self.collection.find_one({"_id": entry_id}, {"outbox": 0})
        entry = parse_entry(found) if found else None
        inside = entry and (not self._limits or any(is_within(entry, each) for each in self._limits))
        return entry if inside else None

    async def save(self, before: Entry | None, after: Entry, messages: Sequence[Message], *, at: str) -> bool:
        """Return False if another write was first; raise OutboxFull."""
        if before is None or after.received_version != before.received_version:  # the organisation's doing
            traceparent = get_current_traceparent()
            envelopes = wrap_messages(messages, at=at, traceparent=traceparent)
            done = await self._write(before, after, envelopes, {"trace": traceparent})
        else:
            with resume_trace(before.trace, Span("calendar decides")) as traceparent:
                envelopes = wrap_messages(messages, at=at, traceparent=traceparent)
                done = await self._write(before, after, envelopes, {})
        if done:
            self._notify()
        return done

    async def _write(self, before: Entry | None, after: Entry, envelopes: Sequence[Envelope], extra: Document) -> bool:
        """Return False if another write was first."""
        if before is None:
            return await self._insert(write_entry(after) | extra, envelopes)
        return await self._update(before, write_changes(before, after) | extra, envelopes)

    async def _insert(self, document: Document, envelopes: Sequence[Envelope]) -> bool:
        try:
            await self.collection.insert_one(document | {"outbox": [envelope.to_document() for envelope in envelopes]})
        except DuplicateKeyError:
            return False
        return True

    async def _update(self, before: Entry, changed: Document, envelopes: Sequence[Envelope]) -> bool:
        expected = {"review_number": before.review_number, f"outbox.{MAX_UNSENT}": {"$exists": False}}
        if await write_if(self.collection, before.id, expected, {"$set": changed} | push(envelopes)):
            return True
        full = {"_id": before.id, f"outbox.{MAX_UNSENT}": {"$exists": True}}
        if await self.collection.find_one(full, {"_id": 1}):
            raise OutboxFull(f"{MAX_UNSENT} envelopes about {before.id} wait to be sent")
        return False

    async def repair(self, entry_id: str, revision_seen: int, *, at: str) -> bool:
        """Publish the public state again if the log was last told something older; return whether it was."""
        found = await self.collection.find_one({"_id": entry_id}, {"contents": {"$slice": -1}, "history": 0})
        entry = parse_entry(found) if found else None
        message = find_repair(entry, revision_seen) if entry else None
        if found is None or entry is None or message is None or entry.revision in read_unsent_revisions(found):
            return False
        envelopes = wrap_messages([message], at=at, traceparent=get_current_traceparent())
        # A newer revision is on its way if this finds another one, and so no repair is needed.
        done = await write_if(self.collection, entry_id, {"revision": entry.revision}, push(envelopes))
        if done:
            self._notify()
        return done

    async def find_many(self, ids: Sequence[str]) -> dict[str, Entry]:
        """Without history."""
        found = self.collection.find({"_id": {"$in": list(ids)}, **_make_limits_filter(self._limits)}, IN_LISTS)
        return {each["_id"]: parse_entry(each) async for each in found}

    async def list_parts(self, umbrella: Entry) -> list[Entry]:
        """List what is part of it, or would be once accepted, without history; of its own organisation only."""
        parts = [{f"{part}.part_of": umbrella.id} for part in ("card", "slot")]
        query: Document = {"organiser.slug": umbrella.organiser.slug, "_id": {"$ne": umbrella.id}, "$or": parts}
        found = self.collection.find(query | _make_limits_filter(self._limits), IN_LISTS)
        async with found.sort([("card.start", ASCENDING), ("_id", ASCENDING)]).limit(MAX_PARTS) as found:
            return [parse_entry(each) async for each in found]

    async def list_queue(
        self, selection: EntrySelection, *, after: QueuePosition | None = None, skip: int = 0, limit: int
    ) -> list[Entry]:
        return [each async for each in self.iterate_queue(selection, after=after, skip=skip, limit=limit)]

    async def iterate_queue(
        self, selection: EntrySelection, *, after: QueuePosition | None = None, skip: int = 0, limit: int
    ) -> AsyncIterator[Entry]:
        """Iterate over reported facts, then the longest waiting first, without history."""
        query = self._make_filter(selection, "card") | ({"$or": _compare_position(after, "$gt")} if after else {})
        found = self.collection.find(query, IN_LISTS).sort([("card.since", ASCENDING), ("_id", ASCENDING)])
        async with found.skip(skip).limit(limit).batch_size(BATCH) as found:
            async for each in found:
                yield parse_entry(each)

    async def list_queue_reasons(self, ids: Sequence[str]) -> dict[str, QueueReason]:
        """Read from the index: a list has no history to derive them from."""
        found = self.collection.find({"_id": {"$in": list(ids)}}, {"card.matter": 1})
        return {each["_id"]: each["card"]["matter"] async for each in found}

    async def count(self, selection: EntrySelection, *, before: QueuePosition | None = None) -> int:
        query = self._make_filter(selection, "card") | ({"$or": _compare_position(before, "$lt")} if before else {})
        return await self.collection.count_documents(query)

    async def find_neighbours(self, selection: EntrySelection, place: QueuePosition) -> tuple[str | None, str | None]:
        query = self._make_filter(selection, "card")
        found = []
        for comparison, direction in (("$lt", DESCENDING), ("$gt", ASCENDING)):
            side = query | {"$or": _compare_position(place, comparison)}
            way = [("card.since", direction), ("_id", direction)]
            document = await self.collection.find_one(side, {"_id": 1}, sort=way)
            found.append(document["_id"] if document else None)
        return found[0], found[1]

    async def list_programme(
        self,
        selection: EntrySelection,
        *,
        month: int | None = None,
        after: str = "",
        skip: int = 0,
        limit: int | None = None,
    ) -> list[Entry]:
        """List what :meth:`iterate_programme` yields."""
        found = self.iterate_programme(selection, month=month, after=after, skip=skip, limit=limit)
        return [each async for each in found]

    async def iterate_programme(
        self,
        selection: EntrySelection,
        *,
        month: int | None = None,
        after: str = "",
        skip: int = 0,
        limit: int | None = None,
    ) -> AsyncIterator[Entry]:
        """Iterate over the public events in order, cancelled ones too, without history.

        ``month`` selects by the start; January includes what began before the year. ``after`` is an order key.
        """
        span = _bound_month(selection.year, month) if selection.year and month else {}
        query: Document = {"$and": [self._make_filter(selection, "slot"), {"slot.order": {"$gt": after} | span}]}
        found = self.collection.find(query, IN_LISTS).sort("slot.order", ASCENDING)
        async with found.skip(skip).limit(limit or 0).batch_size(BATCH) as found:
            async for each in found:
                yield parse_entry(each)

    async def count_months(self, selection: EntrySelection) -> dict[int, int]:
        """Count the public events of a year by month; January includes what began before."""
        if selection.year is not None and not self._limits and selection == EntrySelection(year=selection.year):
            return await self._count_all_months(selection.year)
        first = f"{selection.year:04}-01"
        begins = {"$substrBytes": ["$slot.order", 0, len(first)]}
        steps: list[Mapping[str, Any]] = [
            {"$match": {"slot.order": {"$gt": ""}} | self._make_filter(selection, "slot")},
            {"$group": {"_id": {"$max": [begins, first]}, "count": {"$sum": 1}}},
        ]
        async with await self.collection.aggregate(steps) as found:
            return {int(each["_id"][5:7]): each["count"] async for each in found}

    async def _count_all_months(self, year: int) -> dict[int, int]:
        """Without filters each count follows the index, which grouping does not."""
        query: list[Document] = [{"slot.order": _bound_month(year, month)} for month in range(1, 13)]
        query[0]["slot.end"] = {"$gte": f"{year:04}"}
        count = self.collection.count_documents
        counts = await asyncio.gather(*(count(each, hint="programme") for each in query))
        return {month: found for month, found in enumerate(counts, start=1) if found}

    async def is_place_accepted(self, place: Venue | StartPlace, entry_id: str) -> bool:
        """Whether a public event that a curator accepted names a place in these very words.

        One of the register in any event, a starting point also as the venue; another in this event itself.
        """
        is_start, written = isinstance(place, StartPlace), serialize_part(place)
        names = ({*place.__struct_fields__} - {"extra"}) | {*written}
        fields = [*(["start_place"] if is_start else []), *(["venue"] if written.get("id") or not is_start else [])]
        words: list[Document] = [
            {f"live.event.{field}.{name}": written.get(name, {"$exists": False}) for name in names} for field in fields
        ]
        which: Document = {} if written.get("id") else {"_id": entry_id}
        return await self.collection.find_one({**which, "slot": {"$ne": None}, "$or": words}, {"_id": 1}) is not None

    async def list_lapsing(self, day: str) -> list[str]:
        """List the ids of what is public with a picture that may not be shown any more on a day."""
        found = self.collection.find({"slot.picture_until": {"$lt": day}}, {"_id": 1}).sort("slot.picture_until")
        return [each["_id"] async for each in found]

    async def list_organisations(self) -> list[str]:
        return sorted(await self.collection.distinct("organiser.slug", _make_limits_filter(self._limits)))

    def _make_filter(self, selection: EntrySelection, part: str) -> Document:
        return _make_filter(selection, part) | _make_limits_filter(self._limits)


def get_position(entry: Entry) -> QueuePosition:
    return QueuePosition(since=entry.queue_key, id=entry.id)


def _make_filter(selection: EntrySelection, part: str) -> Document:
    query: Document = {}
    if selection.state:
        query["card.state"] = {"$in": list(selection.state)}
    if selection.queue_reason:
        query["card.matter"] = {"$in": list(selection.queue_reason)}
    if selection.organisation:
        query["organiser.slug"] = {"$in": list(selection.organisation)}
    if selection.county:
        query[f"{part}.county"] = {"$in": list(selection.county)}
    if selection.category:
        query[f"{part}.categories"] = {"$in": list(selection.category)}
    if selection.unanswered:
        query["card.unanswered"] = True
    if selection.year is not None:
        # An order begins with the start, so that one index finds a year's programme and sorts it.
        query["slot.order" if part == "slot" else "card.start"] = {"$lt": f"{selection.year + 1:04}"}
        query[f"{part}.end"] = {"$gte": f"{selection.year:04}"}
    return query


def _make_limits_filter(limits: Sequence[Limits]) -> Document:
    """As :func:`is_within` any of them: of what waits, else is public or was last, and of what is public."""
    return {"$and": [{"$or": [_limit(each) for each in limits]}]} if limits else {}


def _limit(limits: Limits) -> Document:
    inside: list[Document] = []
    for field, allowed in (("county", limits.counties), ("categories.0", limits.categories)):
        if allowed:
            codes = {"$in": list(allowed)}
            inside += [{f"card.{field}": codes}, {"$or": [{"slot": None}, {f"slot.{field}": codes}]}]
    return {"$and": inside}


def _bound_month(year: int, month: int) -> Document:
    following = f"{year:04}-{month + 1:02}"
    return {"$lt": following} if month == 1 else {"$gte": f"{year:04}-{month:02}", "$lt": following}


def _compare_position(place: QueuePosition, comparison: str) -> list[Document]:
    return [{"card.since": {comparison: place.since}}, {"card.since": place.since, "_id": {comparison: place.id}}]
