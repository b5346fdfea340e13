"""Backlog of jobs: how many wait, run or are dead, by kind."""

from __future__ import annotations

from typing import Final

from shared.database.client import Document
from shared.jobs.model import KindBacklog

# So that the answer comes when there are very many.
LOOKED_INTO: Final = 50_000
_WAITS: Final = {"$eq": ["$state", "waiting"]}
_DUE: Final = {"$and": [{"$ne": ["$state", "dead"]}, {"$lte": ["$due_at", "$$NOW"]}]}

BACKLOG: Final[list[Document]] = [
    {"$match": {"state": {"$in": ["waiting", "running", "dead"]}}},
    {"$limit": LOOKED_INTO},
    {
        "$group": {
            "_id": "$kind",
            "waiting": {"$sum": {"$cond": [_WAITS, 1, 0]}},
            "due": {"$sum": {"$cond": [{"$and": [_WAITS, _DUE]}, 1, 0]}},
            "running": {"$sum": {"$cond": [{"$eq": ["$state", "running"]}, 1, 0]}},
            "dead": {"$sum": {"$cond": [{"$eq": ["$state", "dead"]}, 1, 0]}},
            "oldest": {"$min": {"$cond": [_DUE, "$due_at", None]}},
        }
    },
    {"$set": {"now": "$$NOW"}},
]


def parse_backlog(group: Document) -> KindBacklog:
    oldest = (group["now"] - group["oldest"]).total_seconds() if group["oldest"] else 0.0
    counts = {name: int(group[name]) for name in ("waiting", "due", "running", "dead")}
    return KindBacklog(**counts, oldest_seconds=max(0.0, oldest))
