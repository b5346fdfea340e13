"""Repository of declines: last year's events that do not return, as their organisation said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from shared.database.client import ASCENDING, Collection, Database, Document, IndexModel, create_indexes

MAX_DECLINES: Final = 2_000
"""Of one organisation and year; nobody has as many events."""


@dataclass(frozen=True, slots=True)
class Decline:
    """An event of the year before that does not return in ``year``; ``declined_at`` is RFC 3339 in UTC."""

    submission_id: str
    year: int
    reason: str
    declined_at: str


class Declines:
    def __init__(self, database: Database) -> None:
        self.collection: Collection = database["declines"]

    async def prepare(self) -> None:
        await create_indexes(self.collection, [IndexModel([("organisation", ASCENDING), ("year", ASCENDING)])])

    async def put(self, organisation: str, declines: Sequence[Decline]) -> None:
        """The newest reason stands."""
        for each in declines:
            written = {
                "organisation": organisation,
                "submission_id": each.submission_id,
                "year": each.year,
                "reason": each.reason,
                "declined_at": each.declined_at,
            }
            key = _make_key(organisation, each.year, each.submission_id)
            await self.collection.replace_one({"_id": key}, written, upsert=True)

    async def remove(self, organisation: str, year: int, submission_id: str) -> bool:
        """False if there is none."""
        result = await self.collection.delete_one({"_id": _make_key(organisation, year, submission_id)})
        return result.deleted_count == 1

    async def list(self, organisation: str, year: int) -> dict[str, Decline]:
        """By the id of the submission."""
        found = self.collection.find({"organisation": organisation, "year": year}).limit(MAX_DECLINES)
        async with found:
            return {each["submission_id"]: _parse(each) async for each in found}


def _make_key(organisation: str, year: int, submission_id: str) -> str:
    return f"{organisation} {year} {submission_id}"


def _parse(document: Document) -> Decline:
    return Decline(document["submission_id"], document["year"], document["reason"], document["declined_at"])
