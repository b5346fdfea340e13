"""Repository of known calls: a copy of ``calls.v1``, which all replicas hold in memory.

Each submission asks for its call, so a question must cost nothing; a replica that did not read the message itself sees
the call a second later.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

import msgspec
import structlog

from shared.aio.cancellation import wait_or_stop
from shared.call import Call, parse_call
from shared.database.client import Collection, Database, Document, DuplicateKeyError, PyMongoError
from shared.messages import CallAnnounced

REFRESH_SECONDS: Final = 1.0
MAX_CALLS: Final = 200
log = structlog.get_logger(__name__)


class KnownCalls:
    def __init__(self, database: Database) -> None:
        self.collection: Collection = database["calls"]
        self._known: Mapping[int, Call] = {}

    async def prepare(self) -> None:
        await self.refresh()

    def get(self, year: int) -> Call | None:
        return self._known.get(year)

    def list_calls(self) -> tuple[Call, ...]:
        return tuple(self._known.values())

    async def apply(self, message: CallAnnounced) -> bool:
        """Store a call if it is newer; return whether it was. Raises ValueError if it cannot be read."""
        parse_call(message)
        fields: Document = msgspec.to_builtins(message)
        year = fields.pop("year")
        try:
            result = await self.collection.update_one(
                {"_id": year, "number": {"$lt": message.number}}, {"$set": fields}, upsert=True
            )
        except DuplicateKeyError:  # the year is there with this number or a newer one
            return False
        await self.refresh()
        return result.modified_count == 1 or result.upserted_id is not None

    async def refresh(self) -> None:
        """Read the calls that have changed; raise PyMongoError."""
        numbers = {
            each["_id"]: each["number"] async for each in self.collection.find({}, {"number": 1}).limit(MAX_CALLS)
        }
        known = {year: call for year, call in self._known.items() if numbers.get(year) == call.number}
        missing = [year for year in numbers if year not in known]
        if not missing and len(known) == len(self._known):
            return
        async for each in self.collection.find({"_id": {"$in": missing}}):
            call = _parse_call(each)
            if call is not None:
                known[call.year] = call
        self._known = dict(sorted(known.items()))

    async def run(self, stop: asyncio.Event) -> None:
        """Refresh until ``stop`` is set; while the database is away, what is known stays."""
        while not stop.is_set():
            await wait_or_stop(stop, asyncio.sleep(REFRESH_SECONDS))
            with suppress(PyMongoError):
                await self.refresh()


def _parse_call(document: Mapping[str, Any]) -> Call | None:
    """Return None for what only a later release can read."""
    try:
        return parse_call(msgspec.convert({**document, "year": document["_id"]}, CallAnnounced))
    except (ValueError, msgspec.ValidationError) as error:
        log.error("call_unreadable", year=document["_id"], reason=str(error))  # noqa: TRY400 - no bug of ours to trace
        return None
