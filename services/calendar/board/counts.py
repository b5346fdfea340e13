"""Counts of entries for the board: one query for organisations, one for counties and months."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection as Group
from typing import Any, Final

from services.calendar.board.model import EntryCount
from shared.database.client import Collection, Document
from shared.event.completeness import Completeness

_REFUSED: Final = ("rejected",)
_EVENT: Final = "$live.event"
_IMAGES: Final[Document] = {"$ifNull": [f"{_EVENT}.images", []]}
_PRICES: Final[Document] = {"$objectToArray": {"$ifNull": [f"{_EVENT}.tickets.price", {}]}}
# Title, summary and description; the price if there is one in words, and a description of each picture.
_COUNT_TEXTS: Final[Document] = {"$add": [3, {"$cond": [{"$gt": [{"$size": _PRICES}, 0]}, 1, 0]}, {"$size": _IMAGES}]}


async def count_entries(
    entries: Collection, year: int, languages: Group[str], *, texts: Group[str] = ()
) -> dict[str, EntryCount]:
    """Count by the slug of the organisation; an event belongs to the year in which it begins.

    ``texts`` are the languages in which an event should have texts.
    """
    this, last = f"{year:04}", f"{year - 1:04}"
    of_year = {"$regex": f"^({this}|{last})"}
    public = {"$eq": [{"$substrBytes": [{"$ifNull": ["$slot.start", ""]}, 0, 4]}, this]}
    public_before = {"$eq": [{"$substrBytes": [{"$ifNull": ["$slot.start", ""]}, 0, 4]}, last]}
    begins = {"$eq": [{"$substrBytes": ["$card.start", 0, 4]}, this]}
    sums: Document = {
        "accepted": _count(public),
        "last_year": _count(public_before),
        "waiting": _count(begins, {"$eq": ["$card.state", "waiting"]}),
        "changes": _count(begins, {"$eq": ["$card.state", "changes_requested"]}),
        "refused": _count(begins, {"$in": ["$card.state", list(_REFUSED)]}),
    }
    for code in languages:
        lacking = {"$lte": [f"$live.event.title.{code}", None]}
        sums[f"lacking_{code}"] = _count(public, lacking)
    sums["texts"] = {"$sum": {"$cond": [public, _COUNT_TEXTS, 0]}}
    for code in texts:
        sums[f"filled_{code}"] = {"$sum": {"$cond": [public, _count_filled(code), 0]}}
    steps: list[Document] = [
        {"$match": {"$or": [{"card.start": of_year}, {"slot.start": of_year}]}},
        {"$group": {"_id": "$organiser.slug"} | sums},
    ]
    async with await entries.aggregate(steps) as found:
        return {each["_id"]: _make_count(each, languages, texts) async for each in found}


async def count_coverage(entries: Collection, year: int) -> dict[tuple[str, int], int]:
    """Count public events by county and month; one that spans months counts where it begins."""
    this = f"{year:04}"
    month = {"$cond": [{"$lt": ["$slot.start", this]}, "01", {"$substrBytes": ["$slot.start", 5, 2]}]}
    steps: list[Document] = [
        {"$match": {"slot.start": {"$lt": f"{year + 1:04}"}, "slot.end": {"$gte": this}}},
        {"$group": {"_id": {"county": "$slot.county", "month": month}, "count": {"$sum": 1}}},
    ]
    counts: dict[tuple[str, int], int] = defaultdict(int)
    async with await entries.aggregate(steps) as found:
        async for each in found:
            counts[each["_id"]["county"], int(each["_id"]["month"])] += each["count"]
    return dict(counts)


def _count(*conditions: Any) -> Document:  # noqa: ANN401 - any expression
    return {"$sum": {"$cond": [{"$and": list(conditions)}, 1, 0]}}


def _count_filled(code: str) -> Document:
    """How many texts of an event a language has, as ``measure_completeness`` counts them."""
    texts = [f"{_EVENT}.{name}.{code}" for name in ("title", "summary", "description", "tickets.price")]
    described = {"$filter": {"input": _IMAGES, "cond": {"$gt": [f"$$this.alt.{code}", ""]}}}
    return {"$add": [*({"$cond": [{"$gt": [text, ""]}, 1, 0]} for text in texts), {"$size": described}]}


def _make_count(found: Document, languages: Group[str], texts: Group[str]) -> EntryCount:
    return EntryCount(
        waiting=found["waiting"],
        changes=found["changes"],
        accepted=found["accepted"],
        refused=found["refused"],
        last_year=found["last_year"],
        untranslated={code: found[f"lacking_{code}"] for code in languages if found[f"lacking_{code}"]},
        texts=[Completeness(code, found[f"filled_{code}"], found["texts"]) for code in texts] if found["texts"] else (),
    )
