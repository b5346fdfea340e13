"""Claims: the parts of queries by which jobs are claimed, renewed and released, by the database's clock."""

from __future__ import annotations

from collections.abc import Collection as Group
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Final

from shared.database.client import Document

LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A suspect was held by a worker that did not finish it."""

    id: str
    suspect: bool


def find_candidates(kinds: Sequence[str], *, limit: int, apart_from: Sequence[str]) -> list[Document]:
    """Build the aggregation of jobs that may be claimed, longest due first."""
    # The limit stands before the comparison: the index is read for so many jobs and no further, due or not.
    return [
        {
            "$match": {
                "claimable_at": {"$gt": LONG_AGO},
                "kind": {"$in": list(kinds)},
                "_id": {"$nin": list(apart_from)},
            }
        },
        {"$sort": {"claimable_at": 1}},
        {"$limit": limit},
        {"$match": {"$expr": {"$lte": ["$claimable_at", "$$NOW"]}}},
        {"$project": {"suspect": {"$or": [_is_set("$holder"), {"$gt": ["$crashes", 0]}]}}},
    ]


def choose(candidates: Sequence[Candidate], *, room: int, random: Random, with_suspect: bool) -> list[str]:
    """Choose at random, so that workers seldom ask for the same; of the suspects one at most."""
    # A job that kills the process must not take others with it each time.
    plain = [each.id for each in candidates if not each.suspect]
    suspects = [each.id for each in candidates if each.suspect][: 1 if with_suspect and room else 0]
    free = room - len(suspects)
    return suspects + (random.sample(plain, free) if len(plain) > free else plain)


def build_claim_filter(ids: Group[str], holder: str) -> Document:
    """Match what is due, and what this holder claimed without learning of it."""
    due = {"$and": [_is_set("$claimable_at"), {"$lte": ["$claimable_at", "$$NOW"]}]}
    ours = {"$and": [{"$eq": ["$state", "running"]}, {"$eq": ["$holder", holder]}]}
    return {"_id": {"$in": list(ids)}, "$expr": {"$or": [due, ours]}}


def build_claim(holder: str, lease_seconds: float) -> list[Document]:
    died = {"$cond": [{"$and": [_is_set("$holder"), {"$ne": ["$holder", holder]}]}, 1, 0]}
    return [
        {
            "$set": {
                "state": "running",
                "holder": holder,
                "fence": {"$add": ["$fence", 1]},
                "crashes": {"$add": ["$crashes", died]},
                "attempts": {"$add": ["$attempts", died]},
                "claimable_at": from_now(lease_seconds),
            }
        }
    ]


def build_wait(seconds: float) -> Document:
    """Fields of a job that waits again."""
    return {"state": "waiting", "holder": None, "claimable_at": from_now(seconds)}


def from_now(seconds: float) -> Document:
    return {"$add": ["$$NOW", round(seconds * 1_000)]}


def _is_set(path: str) -> Document:
    return {"$ne": [{"$ifNull": [path, None]}, None]}
