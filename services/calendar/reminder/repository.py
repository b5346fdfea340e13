"""Repository of reminders that were sent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from services.calendar.reminder.model import Reminder
from shared.clock import write_instant
from shared.database.client import (
    DESCENDING,
    Collection,
    Database,
    Document,
    DuplicateKeyError,
    IndexModel,
    create_indexes,
)

MAX_LISTED: Final = 20


class Reminders:
    def __init__(self, database: Database) -> None:
        self.collection: Collection = database["reminders"]

    async def prepare(self) -> None:
        await create_indexes(self.collection, [IndexModel([("year", DESCENDING), ("sent_at", DESCENDING)])])

    async def add(self, reminder: Reminder) -> Reminder:
        """Save a reminder, or return the one that has its id already."""
        fields: Document = msgspec.to_builtins(reminder)
        try:
            await self.collection.insert_one({"_id": fields.pop("id"), **fields})
        except DuplicateKeyError:
            return await self.find(reminder.id) or reminder
        return reminder

    async def find(self, reminder_id: str) -> Reminder | None:
        found = await self.collection.find_one({"_id": reminder_id})
        return _parse(found) if found else None

    async def list_latest(self, year: int) -> list[Reminder]:
        """List the newest first."""
        found = self.collection.find({"year": year}).sort("sent_at", DESCENDING).limit(MAX_LISTED)
        return [_parse(each) async for each in found]

    async def call_back(self, reminder_id: str, *, at: str) -> bool:
        """Return False if it was called back before, or its mails leave already."""
        waits = {"_id": reminder_id, "called_back_at": None, "left_at": None}
        result = await self.collection.update_one(waits, {"$set": {"called_back_at": at}})
        return result.matched_count == 1

    async def let_leave(self, reminder_id: str, *, at: str) -> bool:
        """From now on it cannot be called back; return False if it was. Idempotent."""
        changed: list[Document] = [{"$set": {"left_at": {"$ifNull": ["$left_at", at]}}}]
        result = await self.collection.update_one({"_id": reminder_id, "called_back_at": None}, changed)
        return result.matched_count == 1

    async def list_last_days(self, zone: ZoneInfo) -> dict[str, date]:
        """Return the day of the last reminder by the slug of the organisation."""
        steps: list[Document] = [
            {"$match": {"called_back_at": None}},
            {"$unwind": "$organisations"},
            {"$group": {"_id": "$organisations", "at": {"$max": "$due_at"}}},
        ]
        async with await self.collection.aggregate(steps) as found:
            return {each["_id"]: datetime.fromisoformat(each["at"]).astimezone(zone).date() async for each in found}

    async def list_reminded(self, since: datetime, *, besides: str) -> dict[str, str]:
        """Return when mails of reminders since then leave or left, by the person's id; ``besides`` is no such one."""
        steps: list[Document] = [
            {"$match": {"called_back_at": None, "due_at": {"$gte": write_instant(since)}, "_id": {"$ne": besides}}},
            {"$unwind": "$people"},
            {"$group": {"_id": "$people", "at": {"$max": "$due_at"}}},
        ]
        async with await self.collection.aggregate(steps) as found:
            return {each["_id"]: each["at"] async for each in found}


def _parse(document: Mapping[str, Any]) -> Reminder:
    return msgspec.convert({**document, "id": document["_id"]}, Reminder)
