"""Repository of submissions: every query and write, one document at a time.

Queries for an organisation contain its slug. Curators can query the contact only.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from services.ingest.submission import documents
from services.ingest.submission.content import SubmittedEvent, parse_event
from services.ingest.submission.documents import StoredSubmission, SubmissionContact, subtract_day
from services.ingest.submission.group_commit import GroupCommit, QueueFull
from services.ingest.submission.group_read import GroupRead
from services.ingest.submission.history import HistoryEntry, make_history_entry
from services.ingest.submission.idempotency import IdempotencyKey, KeyReused, StoredResponse
from services.ingest.submission.model import AnySubmissionMessage, Review, Submission, apply_review, make_message
from services.ingest.submission.state_query import STATE_EXPRESSION, match_state
from shared.database.client import (
    ASCENDING,
    DESCENDING,
    Collection,
    Database,
    Document,
    DuplicateKeyError,
    IndexModel,
    create_indexes,
    write_if,
)
from shared.database.versioned import write_versioned
from shared.eventlog.envelope import Envelope
from shared.eventlog.outbox.backlog import WAITING
from shared.eventlog.outbox.relay import OUTBOX_INDEX, push
from shared.messages import ReviewState
from shared.observability.logging import get_current_traceparent

BATCH = 50
"""Documents that the database gives at once: each may have a quarter of a megabyte."""
IN_LISTS: Document = {"answers": 0, "posted": 0, "outbox": 0, "history": {"$slice": 0}}
MAX_HISTORY = 500
MAX_RESPONSES = 20
MAX_UNSENT = 20
"""Of one submission; each may hold half a megabyte, and a document 16."""
BACKLOG_LIMIT = 100_000
"""Submissions with messages to send, from which on nothing more is accepted."""


_NAMES_VENUE: Document = {"event.venue.id": {"$exists": True}}
_NAMES_START_PLACE: Document = {"event.start_place.id": {"$exists": True}}


class ExternalIdTaken(Exception):
    """Another submission of the organisation has this external id; ``submission_id`` is its id."""

    def __init__(self, submission_id: str) -> None:
        super().__init__(submission_id)
        self.submission_id = submission_id


class AlreadySent(Exception):
    """The organisation has sent the same content within a day; ``submission_id`` is what it sent then."""

    def __init__(self, submission_id: str) -> None:
        super().__init__(submission_id)
        self.submission_id = submission_id


class BacklogFull(Exception):
    """Too many submissions have messages to send."""


@dataclass(frozen=True, slots=True)
class SubmissionWrite:
    """A submission with a ``fingerprint`` is saved only if no other one of the last day has it."""

    messages: Sequence[AnySubmissionMessage]
    entry: HistoryEntry
    response: StoredResponse | None = None
    fingerprint: bytes | None = None


@dataclass(frozen=True, slots=True)
class EarlierResponse:
    """The response to an earlier request with the same key."""

    submission_id: str
    response: StoredResponse


class Submissions:
    """``notify`` is called after each write that leaves messages to send."""

    def __init__(self, database: Database, *, notify: Callable[[], None]) -> None:
        self.collection: Collection = database["submissions"]
        self._notify = notify
        self._new = GroupCommit(self.collection, notify)
        self.run = self._new.run
        self._versions = GroupRead(self.collection, {"version": 1})
        self.expect = self._versions.expect
        self.backlog = 0

    async def prepare(self) -> None:
        await create_indexes(
            self.collection,
            [
                OUTBOX_INDEX,
                IndexModel([("organisation", ASCENDING), ("order", ASCENDING)]),
                _make_unique_index(("organisation", "external_id"), given="external_id"),
                _make_unique_index(("posted.scope",), given="posted.scope"),
                _make_unique_index(("fingerprint",), given="fingerprint"),
                IndexModel(
                    [("event.part_of", ASCENDING)], partialFilterExpression={"event.part_of": {"$exists": True}}
                ),
                IndexModel([("event.venue.id", ASCENDING)], partialFilterExpression=_NAMES_VENUE),
                IndexModel([("event.start_place.id", ASCENDING)], partialFilterExpression=_NAMES_START_PLACE),
            ],
        )

    async def add(self, submission: Submission, write: SubmissionWrite) -> EarlierResponse | None:
        """Save a new submission; return the earlier response if the request is a repeat.

        Raises:
            KeyReused: if its idempotency key belongs to another request.
            ExternalIdTaken: if the organisation has used its external id.
            AlreadySent: if the organisation has sent the same within a day.
            BacklogFull: if nothing more is accepted now.

        """
        if self.backlog >= BACKLOG_LIMIT:
            raise BacklogFull
        envelopes = self._wrap(write)
        document = documents.make_document(submission, envelopes, write.entry, write.response, write.fingerprint)
        try:
            await self._new.insert(document)
        except QueueFull:
            raise BacklogFull from None
        except DuplicateKeyError as error:
            return await self._resolve_duplicate(submission, write, error)
        return None

    async def _resolve_duplicate(
        self, submission: Submission, write: SubmissionWrite, error: DuplicateKeyError
    ) -> EarlierResponse | None:
        """Find the duplicate key: our own id means that the driver's first attempt succeeded."""
        if await self.collection.find_one({"_id": submission.id}, {"_id": 1}):
            return None
        slug = submission.organiser.slug
        if write.response:
            scope = write.response.key.scope
            found = await self.collection.find_one({"posted.scope": scope, "organisation": slug})
            if found:
                return _read_earlier_response(documents.parse_submission(found), write.response.key)
        if submission.external_id is not None:
            named = {"organisation": slug, "external_id": submission.external_id}
            taken = await self.collection.find_one(named, {"_id": 1})
            if taken:
                raise ExternalIdTaken(taken["_id"])
        if write.fingerprint is None or "fingerprint" not in (error.details or {}).get("keyPattern", {}):
            raise error
        await self._release_fingerprint(write.fingerprint, since=subtract_day(submission.created_at))
        return await self.add(submission, write)

    async def _release_fingerprint(self, fingerprint: bytes, *, since: str) -> None:
        """Raises AlreadySent if the fingerprint belongs to a submission made since then."""
        holder = await self.collection.find_one({"fingerprint": fingerprint}, {"created_at": 1})
        if holder and holder["created_at"] > since:
            raise AlreadySent(holder["_id"])
        if holder:
            old = {"_id": holder["_id"], "fingerprint": fingerprint}
            await self.collection.update_one(old, {"$unset": {"fingerprint": ""}})

    async def save(self, before: StoredSubmission, after: Submission, write: SubmissionWrite) -> bool:
        """Return False if another write was first; raise ExternalIdTaken, BacklogFull."""
        if self.backlog >= BACKLOG_LIMIT or before.unsent >= MAX_UNSENT:
            raise BacklogFull
        update: Document = {"$set": documents.write_changes(after)}
        if after.content_version != before.submission.content_version:
            update["$unset"] = {"fingerprint": ""}  # it is of the content that was sent first
        pushed = push(self._wrap(write))["$push"]
        pushed = pushed | {"history": {"$each": [documents.write_history_entry(write.entry)], "$slice": -MAX_HISTORY}}
        if write.response:
            pushed["answers"] = {"$each": [documents.write_response(write.response)], "$slice": -MAX_RESPONSES}
        expected: Document = {"organisation": after.organiser.slug, "version": before.submission.version}
        if after.event.part_of is not None:
            expected["part_claimed_at"] = before.part_claimed_at  # else it could get a part while it becomes one
        try:
            done = await write_if(self.collection, after.id, expected, update | {"$push": pushed})
        except DuplicateKeyError:
            taken = {"organisation": after.organiser.slug, "external_id": after.external_id}
            found = await self.collection.find_one(taken, {"_id": 1})
            raise ExternalIdTaken(found["_id"] if found else "") from None
        if done:
            self._notify()
        return done

    async def find(self, submission_id: str, organisation: str) -> StoredSubmission | None:
        found = await self.collection.find_one({"_id": submission_id, "organisation": organisation})
        return documents.parse_submission(found) if found else None

    async def find_organisation(self, submission_id: str) -> str | None:
        """The owner's slug; only for choosing the membership by which its editor acts."""
        found = await self.collection.find_one({"_id": submission_id}, {"organisation": 1})
        return found["organisation"] if found else None

    async def find_any(self, submission_id: str) -> StoredSubmission | None:
        """Find a submission of whichever organisation."""
        found = await self.collection.find_one({"_id": submission_id}, {"answers": 0, "posted": 0})
        return documents.parse_submission(found) if found else None

    async def find_by_reference(self, external_id: str, organisation: str) -> StoredSubmission | None:
        found = await self.collection.find_one({"organisation": organisation, "external_id": external_id})
        return documents.parse_submission(found) if found else None

    async def find_earlier(self, organisation: str, key: IdempotencyKey) -> EarlierResponse | None:
        """Find the response to the request that posted a submission with this key; raise KeyReused."""
        found = await self.collection.find_one({"posted.scope": key.scope, "organisation": organisation})
        return _read_earlier_response(documents.parse_submission(found), key) if found else None

    async def find_contact(self, submission_id: str) -> SubmissionContact | None:
        found = await self.collection.find_one({"_id": submission_id}, documents.CONTACT_FIELDS)
        return documents.parse_contact(found) if found else None

    async def list_submissions(
        self, organisation: str, *, state: ReviewState | None = None, ids: Sequence[str] | None = None
    ) -> list[Submission]:
        return [each async for each in self.iterate_submissions(organisation, state=state, ids=ids)]

    async def iterate_submissions(
        self,
        organisation: str,
        *,
        state: ReviewState | None = None,
        year: int | None = None,
        after: str | None = None,
        ids: Sequence[str] | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[Submission]:
        """Iterate in order: those in a state, of a year (in part at least), after an order key, with these ids."""
        query: Document = {"organisation": organisation}
        if year is not None:
            query |= _match_year(year)
        if after is not None:
            query["order"] = {"$gt": after}
        if ids is not None:
            query["_id"] = {"$in": list(ids)}
        if state is not None:
            query["$expr"] = match_state(state)
        found = self.collection.find(query, IN_LISTS).sort("order", ASCENDING)
        async with found.limit(limit or 0).batch_size(BATCH) as found:
            async for each in found:
                yield documents.parse_submission(each).submission

    async def list_showing(self, media: str, organisation: str) -> list[Submission]:
        """List the organisation's submissions that have, or ever had, a picture."""
        either: list[Document] = [{"event.images.media": media}, {"former_media": media}]
        found = self.collection.find({"organisation": organisation, "$or": either}, IN_LISTS)
        return [documents.parse_submission(each).submission async for each in found.batch_size(BATCH)]

    async def iterate_media(self) -> AsyncIterator[str]:
        """Iterate the pictures of everything that was ever sent, some more than once."""
        either: list[Document] = [{"event.images": {"$exists": True}}, {"former_media": {"$exists": True}}]
        async for each in self.collection.find({"$or": either}, {"event.images.media": 1, "former_media": 1}):
            for image in each.get("event", {}).get("images", ()):
                yield image.get("media", "")
            for media in each.get("former_media", ()):
                yield media

    async def list_latest(self, organisation: str, *, limit: int) -> list[tuple[str, SubmittedEvent]]:
        """List id and event of what was sent last."""
        found = self.collection.find({"organisation": organisation}, {"event": 1}).sort("sent_at", DESCENDING)
        async with found.limit(limit).batch_size(BATCH) as found:
            return [(each["_id"], parse_event(each["event"])) async for each in found]

    async def find_sent_with(self, scope: str, organisation: str) -> EarlierResponse | None:
        """Find what was posted with an idempotency key, whatever its content."""
        found = await self.collection.find_one({"posted.scope": scope, "organisation": organisation}, {"posted": 1})
        return EarlierResponse(found["_id"], documents.parse_response(found["posted"])) if found else None

    async def find_all_sent_with(self, scopes: Sequence[str]) -> dict[str, str]:
        """Find the ids of what was posted with these idempotency keys, by scope."""
        query: Document = {"posted.scope": {"$in": list(scopes)}}
        async with self.collection.find(query, {"posted.scope": 1}) as found:
            return {each["posted"]["scope"]: each["_id"] async for each in found}

    async def list_starting(self, first: date, last: date) -> list[Submission]:
        """List what is public and begins within these days, of all organisations, in the order of each."""
        starts = {"$gte": first.isoformat(), "$lt": (last + timedelta(days=1)).isoformat()}
        query = {"event.dates.start": starts, "review.live_status": "confirmed"}
        found = self.collection.find(query, IN_LISTS).sort([("organisation", ASCENDING), ("order", ASCENDING)])
        return [documents.parse_submission(each).submission async for each in found]

    async def list_uncertain(self, year: int) -> list[Submission]:
        """List what begins in a year and has no sure date, of all organisations, in the order of each."""
        starts = {"$gte": f"{year:04}", "$lt": f"{year + 1:04}"}
        query = {"event.dates.start": starts, "event.dates.certainty": {"$ne": "exact"}}
        found = self.collection.find(query, IN_LISTS).sort([("organisation", ASCENDING), ("order", ASCENDING)])
        return [documents.parse_submission(each).submission async for each in found]

    async def list_lapsing(self, first: str, last: str) -> list[Submission]:
        """List what has a picture that may be shown until one of these days, in the order of each organisation."""
        query = {"event.images": {"$elemMatch": {"valid_until": {"$gte": first, "$lte": last}}}}
        found = self.collection.find(query, IN_LISTS).sort([("organisation", ASCENDING), ("order", ASCENDING)])
        return [documents.parse_submission(each).submission async for each in found]

    async def count_at_venue(self, venue_id: str, *, most: int) -> int:
        """Count what names a place of the register, of all organisations."""
        names: Document = {"$eq": venue_id, "$exists": True}
        query: Document = {"$or": [{"event.venue.id": names}, {"event.start_place.id": names}]}
        return await self.collection.count_documents(query, limit=most)

    async def list_states(self, organisation: str) -> list[tuple[str, ReviewState]]:
        """List id and state in order."""
        steps: list[Document] = [
            {"$match": {"organisation": organisation}},
            {"$sort": {"order": ASCENDING}},
            {"$project": {"state": STATE_EXPRESSION}},
        ]
        async with await self.collection.aggregate(steps) as found:
            return [(each["_id"], each["state"]) async for each in found]

    async def apply_review(self, submission_id: str, review: Review) -> bool:
        """Return whether the review was newer than the known one; raise Contended."""

        async def load() -> Submission | None:
            found = await self.collection.find_one({"_id": submission_id}, {"answers": 0, "posted": 0})
            return documents.parse_submission(found).submission if found else None

        async def save(before: Submission | None, after: Submission | None) -> bool | None:
            if before is None or after is before:
                return False
            return await self._save_review(before, review) or None

        return await write_versioned(load, lambda before: before and apply_review(before, review), save)

    async def _save_review(self, before: Submission, review: Review) -> bool:
        """Compare the review that was read: the history entry leads from that to this one."""
        entry = make_history_entry(before.review, review)
        update: Document = {"$set": {"review": documents.write_review(review)}}
        if entry:
            update["$push"] = {"history": {"$each": [documents.write_history_entry(entry)], "$slice": -MAX_HISTORY}}
        known = {"review.number": before.review.number} if before.review else {"review": None}
        return await write_if(self.collection, before.id, known, update)

    async def repair(self, submission_id: str, version: int, *, at: str) -> bool:
        """Publish the state again if an older version was the last to be sent; return whether it was.

        A relay that stalls and wakes can write an older record after a newer one, and compaction would keep it.
        """
        known = await self._versions.find(submission_id)
        if known is None or version >= known["version"]:
            return False  # nearly always: every record of our topic is checked
        found = await self.collection.find_one({"_id": submission_id}, {"answers": 0, "posted": 0})
        if found is None or version >= found["version"] or documents.is_message_pending(found):
            return False
        submission = documents.parse_submission(found).submission
        envelopes = documents.wrap_messages([make_message(submission)], at=at, traceparent=get_current_traceparent())
        done = await write_if(self.collection, submission_id, {"version": submission.version}, push(envelopes))
        if done:
            self._notify()
        return done

    async def count_backlog(self) -> None:
        """Count up to the limit."""
        self.backlog = await self.collection.count_documents(WAITING, limit=BACKLOG_LIMIT, hint="outbox")

    @staticmethod
    def _wrap(write: SubmissionWrite) -> list[Envelope]:
        return documents.wrap_messages(write.messages, at=write.entry.at, traceparent=get_current_traceparent())


def _read_earlier_response(found: StoredSubmission, key: IdempotencyKey) -> EarlierResponse:
    """Raises KeyReused if the first request with this key was another one."""
    first = found.find_response(key)
    if first is None or first.key.fingerprint != key.fingerprint:
        raise KeyReused(found.submission.id)
    return EarlierResponse(found.submission.id, first)


def _match_year(year: int) -> Document:
    """Repeats are of the year of their first occurrence as planned, too: it is the one that a rollover asks for."""
    begins, ends = {"$lt": f"{year + 1:04}"}, {"$gte": f"{year:04}"}
    planned = {"event.dates.start": begins, "event.dates.end": ends}
    return {"$or": [planned, {"span.first": begins, "span.last": ends}]}


def _make_unique_index(fields: tuple[str, ...], *, given: str) -> IndexModel:
    keys = [(field, ASCENDING) for field in fields]
    return IndexModel(keys, unique=True, partialFilterExpression={given: {"$exists": True}})
