"""Repository of drafts; every query holds the organisation's slug."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Final

from uuid_utils import uuid7

from services.ingest.draft.documents import (
    RequestDraft,
    make_key,
    make_origin_key,
    make_summary_step,
    parse_draft,
    parse_fields,
    parse_request_draft,
    write_draft,
)
from services.ingest.draft.model import Draft, Ending, Origin, Typist, end, make_draft
from services.ingest.form.mapping import FormValues
from shared.accounts.accounts import Account
from shared.clock import utc_timestamp
from shared.database.client import (
    ASCENDING,
    DESCENDING,
    Collection,
    Database,
    Document,
    DuplicateKeyError,
    IndexModel,
    create_indexes,
)

MAX_DRAFTS: Final = 500
"""Of one organisation, those that ended not counted."""
BATCH: Final = 50


MEDIA_FIELDS: Final = r"^images\.[0-9]\.media$"


class DraftsFull(Exception):
    """The organisation has as many drafts as it may have."""


class Drafts:
    def __init__(self, database: Database, *, now: Callable[[], str] = utc_timestamp) -> None:
        self.collection: Collection = database["drafts"]
        self._now = now

    async def prepare(self) -> None:
        await create_indexes(
            self.collection,
            [
                IndexModel([("organisation", ASCENDING), ("ended", ASCENDING), ("changed_at", DESCENDING)]),
                IndexModel(
                    [("organisation", ASCENDING), ("origin_key", ASCENDING)],
                    unique=True,
                    partialFilterExpression={"origin_key": {"$exists": True}},
                ),
                IndexModel([("expires_at", ASCENDING)], expireAfterSeconds=0),
                IndexModel([("origin.kind", ASCENDING)], partialFilterExpression={"origin.kind": "request"}),
            ],
        )

    async def create(self, organisation: str, fields: FormValues, *, origin: Origin | None, by: Account) -> Draft:
        """Make a draft, or return the one that the organisation has of this origin, even if it was sent.

        Raises:
            DraftTooLarge: if a draft cannot hold the fields.
            DraftsFull: if the organisation has too many.

        """
        typist = Typist(by.id, by.name)
        draft = make_draft(fields, id=str(uuid7()), organisation=organisation, origin=origin, by=typist, at=self._now())
        if origin is None:
            await self.add(draft)
            return draft
        return await self.find_by_origin(organisation, origin) or await self._create_first(draft, origin)

    async def _create_first(self, draft: Draft, origin: Origin) -> Draft:
        """The one that another request has made at the same moment wins."""
        if await self.add(draft):
            return draft
        return await self.find_by_origin(draft.organisation, origin) or draft

    async def add(self, draft: Draft) -> bool:
        """Save a new draft; False if there is one with its id or of its origin. Raises DraftsFull."""
        if await self.count(draft.organisation) >= MAX_DRAFTS:
            raise DraftsFull
        try:
            await self.collection.insert_one(write_draft(draft))
        except DuplicateKeyError:
            return False
        return True

    async def save(self, before: Draft, after: Draft) -> bool:
        """Return False if another write was first."""
        expected = {"_id": make_key(before.id, before.organisation), "version": before.version}
        result = await self.collection.replace_one(expected, write_draft(after))
        return result.matched_count == 1

    async def end(self, draft: Draft, ending: Ending, *, sent_as: str = "") -> bool:
        """Return False if another write was first: something may have been typed since."""
        return await self.save(draft, end(draft, ending, at=self._now(), sent_as=sent_as))

    async def find(self, draft_id: str, organisation: str) -> Draft | None:
        found = await self.collection.find_one({"_id": make_key(draft_id, organisation)})
        return parse_draft(found) if found else None

    async def find_organisation(self, draft_id: str, organisations: Sequence[str]) -> str | None:
        """Find which of these organisations has this draft."""
        keys = {"_id": {"$in": [make_key(draft_id, each) for each in organisations]}}
        found = await self.collection.find_one(keys, {"organisation": 1})
        return found["organisation"] if found else None

    async def find_by_origin(self, organisation: str, origin: Origin) -> Draft | None:
        named: Document = {"origin_key": make_origin_key(origin)}
        if origin.kind == "edit":
            named = {"$or": [named, {"ended": None, "sent_as": origin.submission_id}]}
        found = await self.collection.find_one({"organisation": organisation} | named)
        return parse_draft(found) if found else None

    async def list_answers(self, organisation: str | None = None) -> list[RequestDraft]:
        """List the drafts made for requests, those that ended too; of all organisations without ``organisation``."""
        wanted = {"origin.kind": "request"} | ({"organisation": organisation} if organisation else {})
        shown = {"organisation": 1, "origin.submission_id": 1, "sent_as": 1}
        async with self.collection.find(wanted, shown) as found:
            return [parse_request_draft(each) async for each in found]

    async def list(self, organisation: str) -> list[Draft]:
        """List the open ones, the one that was changed last first; of each only what a row shows."""
        steps: list[Document] = [
            {"$match": {"organisation": organisation, "ended": None}},
            {"$sort": {"changed_at": DESCENDING}},
            {"$limit": MAX_DRAFTS},
            make_summary_step(),
        ]
        async with await self.collection.aggregate(steps, batchSize=BATCH) as found:
            return [parse_draft(each) async for each in found]

    async def iterate_media(self) -> AsyncIterator[str]:
        """Iterate the pictures of all drafts, those next to the one that stands included."""
        async for each in self.collection.find({"fields.name": {"$regex": MEDIA_FIELDS}}, {"fields": 1}):
            for name, field in parse_fields(each).items():
                if re.match(MEDIA_FIELDS, name):
                    for values in field.texts:
                        for value in values:
                            yield value

    async def list_rolled_over(self, organisation: str, year: int) -> dict[str, Draft]:
        """List the drafts rolled over into a year, open or sent, by the submission they were made from.

        Without what was typed.
        """
        query: Document = {
            "organisation": organisation,
            "origin.kind": "rollover",
            "origin.year": year,
            "origin_key": {"$exists": True},
        }
        steps: list[Document] = [{"$match": query}, {"$limit": MAX_DRAFTS * 2}, {"$set": {"fields": []}}]
        async with await self.collection.aggregate(steps, batchSize=BATCH) as found:
            drafts = [parse_draft(each) async for each in found]
        return {each.origin.submission_id: each for each in drafts if each.origin}

    async def count(self, organisation: str) -> int:
        """Count the open ones, up to the limit."""
        return await self.collection.count_documents({"organisation": organisation, "ended": None}, limit=MAX_DRAFTS)
