"""Repository of calls: every query and write, one document a year."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from services.calendar.call.documents import is_call_pending, parse_call_document, wrap_call_message, write_call
from services.calendar.call.model import YearCall, make_call_message
from shared.database.client import (
    DESCENDING,
    Collection,
    Database,
    Document,
    DuplicateKeyError,
    create_indexes,
    write_if,
)
from shared.eventlog.outbox.relay import OUTBOX_INDEX, push
from shared.observability.logging import get_current_traceparent

MAX_CALLS: Final = 200
MAX_PENDING: Final = 20
"""Messages of one call; each may hold an eighth of a megabyte, and a document 16."""


class CallsPending(Exception):
    """Too many messages of this call wait to be sent."""


class YearCalls:
    """``notify`` is called after each write that leaves a message to send."""

    def __init__(self, database: Database, *, notify: Callable[[], None]) -> None:
        self.collection: Collection = database["calls"]
        self._notify = notify

    async def prepare(self) -> None:
        await create_indexes(self.collection, [OUTBOX_INDEX])

    async def find(self, year: int) -> YearCall | None:
        found = await self.collection.find_one({"_id": year}, {"outbox": 0})
        return parse_call_document(found) if found else None

    async def list_calls(self) -> list[YearCall]:
        """List the latest year first."""
        found = self.collection.find({}, {"outbox": 0}, sort=[("_id", DESCENDING)], limit=MAX_CALLS)
        return [parse_call_document(each) for each in await found.to_list()]

    async def get_answer_days(self) -> dict[int, int]:
        """Return in how many days an answer is promised, by year."""
        found = self.collection.find({}, {"terms.answer_days": 1}, limit=MAX_CALLS)
        return {each["_id"]: each["terms"]["answer_days"] async for each in found}

    async def save(self, before: YearCall | None, after: YearCall) -> bool:
        """Return False if another write was first; raise CallsPending."""
        envelope = wrap_call_message(
            make_call_message(after), at=after.changed_at, traceparent=get_current_traceparent()
        )
        if before is None:
            done = await self._insert(write_call(after) | {"outbox": [envelope.to_document()]})
        else:
            expected = {"number": before.number, f"outbox.{MAX_PENDING}": {"$exists": False}}
            update: Document = {"$set": write_call(after)} | push([envelope])
            done = await write_if(self.collection, after.year, expected, update)
            if not done and await self._is_full(after.year):
                raise CallsPending
        if done:
            self._notify()
        return done

    async def repair(self, year: int, number_seen: int, *, at: str) -> bool:
        """Announce the call again if the log was last told something older; return whether it was.

        A relay that stalls and wakes may write an older record after a newer one, and compaction would keep that.
        """
        found = await self.collection.find_one({"_id": year})
        if found is None or number_seen >= found["number"] or is_call_pending(found):
            return False
        call = parse_call_document(found)
        message = make_call_message(call)
        envelope = wrap_call_message(message, at=at, traceparent=get_current_traceparent())
        done = await write_if(self.collection, year, {"number": call.number}, push([envelope]))
        if done:
            self._notify()
        return done

    async def _insert(self, document: Document) -> bool:
        try:
            await self.collection.insert_one(document)
        except DuplicateKeyError:
            return False
        return True

    async def _is_full(self, year: int) -> bool:
        full = {"_id": year, f"outbox.{MAX_PENDING}": {"$exists": True}}
        return await self.collection.find_one(full, {"_id": 1}) is not None
