"""Repository of activities: what was told of each organisation last, with its outbox, one document each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec.structs import replace
from uuid_utils import uuid7

from shared.database.client import Collection, Database, Document, DuplicateKeyError, create_indexes, write_if
from shared.eventlog.envelope import Envelope, parse_document, parse_message, wrap
from shared.eventlog.outbox.relay import OUTBOX_INDEX, push
from shared.messages import OrganisationActivity
from shared.observability.logging import get_current_traceparent

SOURCE = "/ingest"


@dataclass(frozen=True, slots=True)
class ToldActivity:
    """``mark`` is that of the events that were counted (:func:`services.ingest.activity.model.make_mark`)."""

    message: OrganisationActivity
    mark: str


class Activities:
    """``notify`` is called after each write that leaves a message to send. Methods raise PyMongoError."""

    def __init__(self, database: Database, *, notify: Callable[[], None]) -> None:
        self.collection: Collection = database["activity"]
        self._notify = notify

    async def prepare(self) -> None:
        await create_indexes(self.collection, [OUTBOX_INDEX])

    async def get_all(self) -> dict[str, ToldActivity]:
        found = self.collection.find({}, {"outbox": 0})
        return {each["_id"]: ToldActivity(parse_activity(each), each["mark"]) async for each in found}

    async def save(self, before: ToldActivity | None, after: OrganisationActivity, mark: str, *, at: str) -> bool:
        """Save with the next number and tell it; False if another write was first."""
        message = replace(after, number=before.message.number + 1 if before else 1, changed_at=at)
        envelope = wrap_activity(message, at=at, traceparent=get_current_traceparent())
        document = {"number": message.number, "mark": mark, "activity": msgspec.to_builtins(message)}
        if before is None:
            done = await self._insert({"_id": after.organisation, **document, "outbox": [envelope.to_document()]})
        else:
            expected = {"number": before.message.number}
            done = await write_if(self.collection, after.organisation, expected, {"$set": document} | push([envelope]))
        if done:
            self._notify()
        return done

    async def set_mark(self, before: ToldActivity, mark: str) -> None:
        """Note that the events were counted again and the numbers are the same."""
        expected = {"number": before.message.number}
        await write_if(self.collection, before.message.organisation, expected, {"$set": {"mark": mark}})

    async def repair(self, organisation: str, number_seen: int, *, at: str) -> bool:
        """Tell the activity again if the log was last told something older; return whether it was."""
        found = await self.collection.find_one({"_id": organisation})
        if found is None or number_seen >= found["number"] or _is_pending(found):
            return False
        envelope = wrap_activity(parse_activity(found), at=at, traceparent=get_current_traceparent())
        done = await write_if(self.collection, organisation, {"number": found["number"]}, push([envelope]))
        if done:
            self._notify()
        return done

    async def _insert(self, document: Document) -> bool:
        try:
            await self.collection.insert_one(document)
        except DuplicateKeyError:
            return False
        return True


def parse_activity(document: Mapping[str, Any]) -> OrganisationActivity:
    return msgspec.convert(document["activity"], OrganisationActivity)


def wrap_activity(message: OrganisationActivity, *, at: str, traceparent: str | None) -> Envelope:
    return wrap(message, id=str(uuid7()), source=SOURCE, time=at, traceparent=traceparent)


def _is_pending(document: Mapping[str, Any]) -> bool:
    envelopes = [parse_document(each) for each in document.get("outbox", [])]
    return any(parse_message(each).number == document["number"] for each in envelopes)
