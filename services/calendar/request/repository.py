"""Repository of requests: state and outbox in one document each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec
from uuid_utils import uuid7

from services.calendar.request.model import EventRequest, make_request_message
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
from shared.eventlog.envelope import Envelope, parse_document, parse_message, wrap
from shared.eventlog.outbox.relay import OUTBOX_INDEX, push
from shared.observability.logging import get_current_traceparent

SOURCE: Final = "/calendar"
MAX_LISTED: Final = 500


class EventRequests:
    """``notify`` is called after each write that leaves a message to send."""

    def __init__(self, database: Database, *, notify: Callable[[], None]) -> None:
        self.collection: Collection = database["requests"]
        self._notify = notify

    async def prepare(self) -> None:
        by_state = IndexModel([("state", ASCENDING), ("asked_at", DESCENDING)])
        await create_indexes(self.collection, [OUTBOX_INDEX, by_state])

    async def find(self, request_id: str) -> EventRequest | None:
        found = await self.collection.find_one({"_id": request_id}, {"outbox": 0})
        return parse_request(found) if found else None

    async def list_requests(self) -> list[EventRequest]:
        """List the newest first."""
        found = self.collection.find({}, {"outbox": 0}).sort("asked_at", DESCENDING).limit(MAX_LISTED)
        return [parse_request(each) async for each in found]

    async def count_open(self) -> dict[str, int]:
        """Count by the slug of the organisation."""
        steps: list[Document] = [
            {"$match": {"state": "open"}},
            {"$group": {"_id": "$organisation", "count": {"$sum": 1}}},
        ]
        async with await self.collection.aggregate(steps) as found:
            return {each["_id"]: each["count"] async for each in found}

    async def save(self, before: EventRequest | None, after: EventRequest) -> bool:
        """Return False if another write was first."""
        envelope = wrap_request(after, at=after.changed_at, traceparent=get_current_traceparent())
        fields: Document = msgspec.to_builtins(after)
        request_id = fields.pop("id")
        if before is None:
            done = await self._insert({"_id": request_id, **fields, "outbox": [envelope.to_document()]})
        else:
            done = await write_if(
                self.collection, request_id, {"number": before.number}, {"$set": fields} | push([envelope])
            )
        if done:
            self._notify()
        return done

    async def repair(self, request_id: str, number_seen: int, *, at: str) -> bool:
        """Tell the request again if the log was last told something older; return whether it was."""
        found = await self.collection.find_one({"_id": request_id})
        if found is None or number_seen >= found["number"] or _is_pending(found):
            return False
        envelope = wrap_request(parse_request(found), at=at, traceparent=get_current_traceparent())
        done = await write_if(self.collection, request_id, {"number": found["number"]}, push([envelope]))
        if done:
            self._notify()
        return done

    async def _insert(self, document: Document) -> bool:
        try:
            await self.collection.insert_one(document)
        except DuplicateKeyError:
            return False
        return True


def parse_request(document: Mapping[str, Any]) -> EventRequest:
    return msgspec.convert({**document, "id": document["_id"]}, EventRequest)


def wrap_request(request: EventRequest, *, at: str, traceparent: str | None) -> Envelope:
    return wrap(make_request_message(request), id=str(uuid7()), source=SOURCE, time=at, traceparent=traceparent)


def _is_pending(document: Mapping[str, Any]) -> bool:
    envelopes = [parse_document(each) for each in document.get("outbox", [])]
    return any(parse_message(each).number == document["number"] for each in envelopes)
