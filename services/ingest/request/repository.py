"""Repository of requests: a copy of those on ``calls.v1``, each with the organisation's answer and its outbox."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec
from uuid_utils import uuid7

from services.ingest.request.model import KnownRequest, make_answer_message
from shared.database.client import (
    ASCENDING,
    Collection,
    Database,
    Document,
    DuplicateKeyError,
    IndexModel,
    create_indexes,
    write_if,
)
from shared.eventlog.envelope import Envelope, wrap
from shared.eventlog.outbox.relay import OUTBOX_INDEX, push
from shared.messages import ContributionRequested
from shared.observability.logging import get_current_traceparent

SOURCE: Final = "/ingest"
MAX_OPEN: Final = 100
MAX_ID: Final = 100


class KnownRequests:
    """``notify`` is called after each write that leaves a message to send."""

    def __init__(self, database: Database, *, notify: Callable[[], None]) -> None:
        self.collection: Collection = database["requests"]
        self._notify = notify

    async def prepare(self) -> None:
        by_organisation = IndexModel([("organisation", ASCENDING), ("state", ASCENDING)])
        await create_indexes(self.collection, [OUTBOX_INDEX, by_organisation])

    async def apply(self, message: ContributionRequested) -> bool:
        """Store a request if it is newer; return whether it was. The organisation's answer stays."""
        fields: Document = msgspec.to_builtins(message)
        request_id = fields.pop("request_id")
        try:
            result = await self.collection.update_one(
                {"_id": request_id, "number": {"$lt": message.number}}, {"$set": fields}, upsert=True
            )
        except DuplicateKeyError:  # it is there with this number or a newer one
            return False
        return result.modified_count == 1 or result.upserted_id is not None

    async def find(self, request_id: str, organisation: str) -> KnownRequest | None:
        if len(request_id) > MAX_ID:
            return None
        found = await self.collection.find_one({"_id": request_id, "organisation": organisation}, {"outbox": 0})
        return parse_request(found) if found else None

    async def list_open(self, organisation: str) -> list[KnownRequest]:
        """List those without an answer, the most urgent first."""
        wanted: Document = {"organisation": organisation, "state": "open", "own": None}
        found = self.collection.find(wanted, {"outbox": 0}).sort("until", ASCENDING).limit(MAX_OPEN)
        return [parse_request(each) async for each in found]

    async def list_open_of(self, ids: Sequence[str]) -> list[KnownRequest]:
        """List which of these have no answer."""
        wanted: Document = {"_id": {"$in": list(ids)}, "state": "open", "own": None}
        return [parse_request(each) async for each in self.collection.find(wanted, {"outbox": 0})]

    async def save_answer(self, request: KnownRequest) -> bool:
        """Save an answer with its message; False if there is one already or the request is closed."""
        at = request.own.answered_at if request.own else ""
        envelope = wrap_answer(request, at=at, traceparent=get_current_traceparent())
        expected = {"organisation": request.organisation, "state": "open", "own": None}
        update = {"$set": {"own": msgspec.to_builtins(request.own)}} | push([envelope])
        done = await write_if(self.collection, request.id, expected, update)
        if done:
            self._notify()
        return done


def parse_request(document: Mapping[str, Any]) -> KnownRequest:
    return msgspec.convert({**document, "id": document["_id"]}, KnownRequest)


def wrap_answer(request: KnownRequest, *, at: str, traceparent: str | None) -> Envelope:
    return wrap(make_answer_message(request), id=str(uuid7()), source=SOURCE, time=at, traceparent=traceparent)
