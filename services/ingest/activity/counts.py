"""Counts of drafts, submissions and declines of all organisations: one query a collection."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final

from services.ingest.activity.model import EventCount, find_draft_year
from services.ingest.submission.state_query import match_state
from shared.database.client import Collection, Document

DATE_FIELDS: Final = ("start_date", "month", "season")


async def count_events(*, submissions: Collection, drafts: Collection, declines: Collection) -> dict[str, EventCount]:
    """Count by the slug of the organisation; raises PyMongoError."""
    found: dict[str, EventCount] = defaultdict(EventCount)
    await _count_submissions(submissions, found)
    await _count_drafts(drafts, found)
    await _count_declines(declines, found)
    return dict(found)


async def _count_submissions(collection: Collection, found: dict[str, EventCount]) -> None:
    kept = {"$cond": [match_state("withdrawn"), 0, 1]}
    steps: list[Document] = [
        {
            "$group": {
                "_id": {"organisation": "$organisation", "year": {"$substrBytes": ["$event.dates.start", 0, 4]}},
                "sent": {"$sum": kept},
                "count": {"$sum": 1},
                "versions": {"$sum": "$version"},
                "reviews": {"$sum": "$review.number"},
            }
        }
    ]
    async for each in _aggregate(collection, steps):
        organisation, year = each["_id"]["organisation"], each["_id"]["year"]
        if year.isdecimal():
            found[organisation].sent[int(year)] = each["sent"]
        found[organisation].marks.append(f"s{year}:{each['count']}:{each['versions']}:{each['reviews']}")


async def _count_drafts(collection: Collection, found: dict[str, EventCount]) -> None:
    dated = {"$filter": {"input": "$fields", "cond": {"$in": ["$$this.name", list(DATE_FIELDS)]}}}
    steps: list[Document] = [
        {"$project": {"organisation": 1, "ended": 1, "version": 1, "year": "$origin.year", "dated": dated}}
    ]
    versions: dict[str, list[int]] = defaultdict(list)
    async for each in _aggregate(collection, steps):
        versions[each["organisation"]].append(each["version"])
        if each["ended"] is None:
            found[each["organisation"]].add_draft(find_draft_year(_list_dates(each["dated"]), each.get("year")))
    for organisation, numbers in versions.items():
        found[organisation].marks.append(f"d:{len(numbers)}:{sum(numbers)}")


async def _count_declines(collection: Collection, found: dict[str, EventCount]) -> None:
    steps: list[Document] = [
        {"$group": {"_id": "$organisation", "count": {"$sum": 1}, "newest": {"$max": "$declined_at"}}}
    ]
    async for each in _aggregate(collection, steps):
        found[each["_id"]].marks.append(f"n:{each['count']}:{each['newest']}")


def _list_dates(fields: Sequence[Mapping[str, Any]] | None) -> list[str]:
    """List what was typed, in the order of :data:`DATE_FIELDS`."""
    typed = {each["name"]: each["values"][0] for each in fields or () if each["values"]}
    return [typed[name] for name in DATE_FIELDS if name in typed]


async def _aggregate(collection: Collection, steps: Sequence[Document]) -> AsyncIterator[Document]:
    async with await collection.aggregate(steps) as found:
        async for each in found:
            yield each
