"""How much waits in the outboxes of a collection, and for how long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from shared.database import Collection, Document

WAITING: Final[Document] = {"outbox.id": {"$exists": True}}
LOOKED_INTO: Final = 5_000


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many letters wait to be sent, and for how long the oldest of them, in seconds."""

    count: int
    oldest_seconds: float


async def count_backlog(collection: Collection) -> Backlog:
    """Count what waits, by the database's clock.

    Of very many documents only those with the oldest letters are looked into (ids rise with time, and the index is in
    their order), and documents are counted instead of letters: so the answer comes in time when it matters most.

    Raises:
        PyMongoError: if the database is away.

    """
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
