"""Outbox backlog: how many messages are pending in a collection, and since when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from shared.database.client import Collection, Document

WAITING: Final[Document] = {"outbox.id": {"$exists": True}}
LOOKED_INTO: Final = 5_000


@dataclass(frozen=True, slots=True)
class Backlog:
    count: int
    oldest_seconds: float


async def count_backlog(collection: Collection) -> Backlog:
    """By the database's clock; raises PyMongoError."""
    # Of very many documents only those with the oldest messages are read (ids rise with time, as the index does), and
    # documents are counted instead of messages, so that the answer is quick when it matters most.
    steps: list[Document] = [
        {"$match": WAITING},
        {"$limit": LOOKED_INTO},
        {"$project": {"time": "$outbox.time"}},
        {"$unwind": "$time"},
        {"$group": {"_id": None, "count": {"$sum": 1}, "oldest": {"$min": "$time"}}},
        {"$set": {"now": "$$NOW"}},
    ]
    async with await collection.aggregate(steps, hint="outbox") as found:
        groups = await found.to_list()
    if not groups:
        return Backlog(0, 0.0)
    (group,) = groups
    oldest = datetime.fromisoformat(group["oldest"])
    count = group["count"]
    if count >= LOOKED_INTO:
        count = max(count, await collection.count_documents(WAITING, hint="outbox"))
    return Backlog(count, max(0.0, (group["now"] - oldest).total_seconds()))
