"""Jobs in a collection: every query of it. Time is the database's."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Collection as Group
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

from uuid_utils import uuid7

from shared.database.client import (
    ASCENDING,
    DESCENDING,
    BulkWriteError,
    Collection,
    Document,
    DuplicateKeyError,
    IndexModel,
    UpdateOne,
    create_indexes,
)
from shared.jobs.backlog import BACKLOG, parse_backlog
from shared.jobs.claims import (
    Candidate,
    build_claim,
    build_claim_filter,
    build_wait,
    find_candidates,
    from_now,
)
from shared.jobs.model import MAX_ERROR_LENGTH, MAX_KEY_LENGTH, Job, JobState, KindBacklog

COLLECTION: Final = "jobs"
MOST_LISTED: Final = 1_000
_DUPLICATE: Final = 11_000
_INDEXES: Final = [
    IndexModel([("kind", ASCENDING), ("key", ASCENDING)], name="key", unique=True),
    IndexModel([("claimable_at", ASCENDING)], name="claimable", sparse=True),
    IndexModel([("state", ASCENDING), ("_id", DESCENDING)], name="state"),
    IndexModel([("remove_at", ASCENDING)], name="remove", expireAfterSeconds=0, sparse=True),
]


class Jobs:
    """Methods raise PyMongoError."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        self._listeners: list[Callable[[], None]] = []

    async def prepare(self) -> None:
        await create_indexes(self._collection, _INDEXES)

    def add_listener(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` whenever this object has added something or made it due."""
        self._listeners.append(listener)

    async def add(
        self, kind: str, key: str, payload: Mapping[str, Any] | None = None, *, due_at: datetime | None = None
    ) -> bool:
        """Add a job, due at once without ``due_at``; False if there is one of this kind and key, whatever its state.

        Idempotent: after an unknown outcome, call it again. Raises ValueError if the key is too long.
        """
        try:
            await self._collection.update_one(*_build_insertion(kind, key, payload or {}, due_at), upsert=True)
        except DuplicateKeyError:
            return False
        self._tell()
        return True

    async def add_many(
        self, kind: str, payloads: Mapping[str, Mapping[str, Any]], *, due_at: datetime | None = None
    ) -> int:
        """Add a job for each key that has none; returns how many were added. Raises ValueError as ``add`` does."""
        if not payloads:
            return 0
        parts = [_build_insertion(kind, key, payload, due_at) for key, payload in payloads.items()]
        try:
            done = await self._collection.bulk_write([UpdateOne(*each, upsert=True) for each in parts], ordered=False)
            added = done.upserted_count
        except BulkWriteError as error:
            if any(each["code"] != _DUPLICATE for each in error.details["writeErrors"]):
                raise
            added = int(error.details["nUpserted"])
        self._tell()
        return added

    async def find(self, kind: str, key: str) -> Job | None:
        return _parse_if_found(await self._collection.find_one({"kind": kind, "key": key}))

    async def find_by_id(self, job_id: str) -> Job | None:
        return _parse_if_found(await self._collection.find_one({"_id": job_id}))

    async def retry(
        self, kind: str, key: str, *, done: bool = False, payload: Mapping[str, Any] = MappingProxyType({})
    ) -> bool:
        """Make a dead or waiting job due now, with all its attempts; with ``done`` also one that was done.

        ``payload`` are fields of it that change in the same write.
        """
        states: list[JobState] = ["dead", "waiting", "done"] if done else ["dead", "waiting"]
        again = build_wait(0) | {"attempts": 0, "crashes": 0}
        again |= {f"payload.{name}": {"$literal": value} for name, value in payload.items()}
        update: list[Document] = [{"$set": again}, {"$unset": ["finished_at", "remove_at"]}]
        result = await self._collection.update_one({"kind": kind, "key": key, "state": {"$in": states}}, update)
        self._tell()
        return result.matched_count == 1

    async def remove(self, kind: str, key: str) -> bool:
        """Whether it was there; one that is running stays."""
        running = {"$and": [{"$eq": ["$state", "running"]}, {"$gt": ["$claimable_at", "$$NOW"]}]}
        wanted = {"kind": kind, "key": key, "$expr": {"$not": [running]}}
        return (await self._collection.delete_one(wanted)).deleted_count == 1

    async def measure_backlog(self) -> Mapping[str, KindBacklog]:
        """What is not done, by kind."""
        async with await self._collection.aggregate(BACKLOG) as found:
            return {group["_id"]: parse_backlog(group) async for group in found}

    async def list_candidates(self, kinds: Sequence[str], *, limit: int, apart_from: Sequence[str]) -> list[Candidate]:
        """List what may be claimed, longest due first."""
        steps = find_candidates(kinds, limit=limit, apart_from=apart_from)
        async with await self._collection.aggregate(steps) as found:
            return [Candidate(each["_id"], each["suspect"]) async for each in found]

    async def claim(self, ids: Sequence[str], *, holder: str, lease_seconds: float) -> list[Job]:
        """Claim those that are still free, each for one holder; after an unknown outcome, call it again."""
        await self._collection.update_many(build_claim_filter(ids, holder), build_claim(holder, lease_seconds))
        found = self._collection.find({"_id": {"$in": list(ids)}, "state": "running", "holder": holder})
        return [parse_job(each) async for each in found]

    async def renew(self, ids: Group[str], *, holder: str, lease_seconds: float) -> frozenset[str]:
        """Return those that the holder still has."""
        held = {"_id": {"$in": list(ids)}, "state": "running", "holder": holder}
        result = await self._collection.update_many(held, [{"$set": {"claimable_at": from_now(lease_seconds)}}])
        if result.matched_count == len(ids):
            return frozenset(ids)
        return frozenset([each["_id"] async for each in self._collection.find(held, {"_id": True})])

    async def release(self, ids: Group[str], *, holder: str) -> None:
        """Let others claim at once what this holder did not finish."""
        held = {"_id": {"$in": list(ids)}, "state": "running", "holder": holder}
        await self._collection.update_many(held, [{"$set": build_wait(0)}])

    async def finish(self, job: Job, result: Mapping[str, Any] | None, *, keep: timedelta) -> bool:
        """False if the claim was lost, as for the next three."""
        return await self._end(job, {"state": "done", "result": {"$literal": result}, "error": None}, keep)

    async def bury(self, job: Job, error: str, *, keep: timedelta, failures: int) -> bool:
        told = {"state": "dead", "error": _quote(error), "attempts": failures}
        return await self._end(job, told, keep)

    async def fail(self, job: Job, error: str, *, wait: float) -> bool:
        """Count a failed attempt; the next is due after ``wait`` seconds."""
        told = build_wait(wait) | {"error": _quote(error), "attempts": job.attempts + 1}
        return await self._settle(job, [{"$set": told}])

    async def defer(self, job: Job, reason: str, *, wait: float) -> bool:
        return await self._settle(job, [{"$set": build_wait(wait) | {"error": _quote(reason)}}])

    async def _end(self, job: Job, told: Document, keep: timedelta) -> bool:
        ended = {"holder": None, "finished_at": "$$NOW", "remove_at": from_now(keep.total_seconds())}
        return await self._settle(job, [{"$set": told | ended}, {"$unset": "claimable_at"}])

    async def _settle(self, job: Job, update: Sequence[Document]) -> bool:
        # The fencing token: a worker that stalled cannot settle what another has claimed since.
        ours = {"_id": job.id, "fence": job.fence}
        result = await self._collection.update_one(ours | {"state": "running"}, update)
        if result.matched_count:
            return True
        # A repeat after an unknown outcome finds it settled, under its own token.
        return await self._collection.count_documents(ours | {"state": {"$ne": "running"}}, limit=1) == 1

    async def list(
        self, kind: str | None = None, state: JobState | None = None, *, before: str | None = None, limit: int = 100
    ) -> Sequence[Job]:
        """List the newest first; ``before`` is the id of the last one of the page before."""
        wanted: Document = {"kind": kind} if kind else {}
        wanted |= {"state": state} if state else {}
        wanted |= {"_id": {"$lt": before}} if before else {}
        found = self._collection.find(wanted).sort("_id", DESCENDING).limit(min(limit, MOST_LISTED))
        return [parse_job(each) async for each in found]

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()


def _build_insertion(
    kind: str, key: str, payload: Mapping[str, Any], due_at: datetime | None
) -> tuple[Document, list[Document]]:
    # An upsert of an id that nobody has, because only an update can ask the database for its time; the index refuses
    # a key that is there.
    if not 0 < len(key) <= MAX_KEY_LENGTH:
        raise ValueError(f"a job's key has 1 to {MAX_KEY_LENGTH} characters")
    given = {"kind": kind, "key": key, "payload": dict(payload), "state": "waiting", "holder": None}
    counted = {"attempts": 0, "crashes": 0, "fence": 0}
    due = due_at or "$$NOW"
    times = {"created_at": "$$NOW", "due_at": due, "claimable_at": due}
    made = {"$mergeObjects": ["$$ROOT", {"$literal": given | counted}, times]}
    return {"_id": str(uuid7())}, [{"$replaceWith": made}]


def parse_job(document: Document) -> Job:
    return Job(**{name: document[name] for name in Job.__slots__ if name in document}, id=document["_id"])


def _parse_if_found(document: Document | None) -> Job | None:
    return parse_job(document) if document else None


def _quote(error: str) -> str:
    return error[:MAX_ERROR_LENGTH]
