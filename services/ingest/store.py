"""Where submissions are kept: every question that is asked of them, and every write, one document at a time.

Whoever asks as an organisation sees and changes its own submissions only: its slug is part of every such question.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from services.ingest import documents
from services.ingest.documents import Stored
from services.ingest.domain.history import Step, step_of_review
from services.ingest.domain.submission import Review, Said, Submission, message_about, reviewed
from services.ingest.group_commit import GroupCommit, QueueFull
from services.ingest.group_read import GroupRead
from services.ingest.questions import STANDING, is_in
from services.ingest.repeats import Answered, KeyReused
from shared.crash_points import STORE_WRITTEN, reach
from shared.database import (
    ASCENDING,
    Collection,
    Database,
    Document,
    DuplicateKeyError,
    IndexModel,
    make_indexes,
    write_if,
)
from shared.eventlog.backlog import WAITING
from shared.eventlog.envelope import Letter
from shared.eventlog.outbox import OUTBOX_INDEX, push
from shared.eventlog.unsent import Unsent
from shared.messages import ReviewState
from shared.telemetry import current_traceparent

IN_LISTS: Document = {"answers": 0, "posted": 0, "outbox": 0, "history": {"$slice": 0}}
KEPT_STEPS = 500
KEPT_ANSWERS = 20
MOST_UNSENT = 20
"""Of one submission; each may hold half a megabyte, and a document 16."""
BACKLOG_LIMIT = 100_000
"""Submissions with messages still to be sent, beyond which nothing more is taken."""


class ExternalIdTaken(Exception):
    """Another submission of the organisation has this external id; ``submission_id`` is its id."""

    def __init__(self, submission_id: str) -> None:
        super().__init__(submission_id)
        self.submission_id = submission_id


class BacklogFull(Exception):
    """Too much waits to be sent on: taking more could not be kept up with."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a write of an organisation puts down: messages, a step for the history, the answer to a keyed request."""

    messages: Sequence[Said]
    step: Step
    answer: Answered | None = None


@dataclass(frozen=True, slots=True)
class FirstAnswer:
    """What an earlier request with the same key was about, and its answer."""

    submission_id: str
    answer: Answered


class Submissions:
    """The submissions of all organisations.

    Args:
        database: ingest's own.
        wake: called after each write that left something to be sent, with it if nothing else waits beside it.

    """

    def __init__(self, database: Database, *, wake: Callable[[Sequence[Unsent] | None], None]) -> None:
        self.collection: Collection = database["submissions"]
        self._wake = wake
        self._new = GroupCommit(self.collection, self._added)
        self.run = self._new.run
        self._versions = GroupRead(self.collection, {"version": 1})
        self.expect = self._versions.expect
        self.backlog = 0

    async def prepare(self) -> None:
        """Make the indexes; repeating it changes nothing."""
        await make_indexes(
            self.collection,
            [
                OUTBOX_INDEX,
                IndexModel([("organisation", ASCENDING), ("order", ASCENDING)]),
                _unique(("organisation", "external_id"), given="external_id"),
                _unique(("posted.scope",), given="posted.scope"),
            ],
        )

    async def add(self, submission: Submission, change: Change) -> FirstAnswer | None:
        """Keep a new submission.

        Returns:
            None when it was kept; the first answer if the request is a repeat of one that was.

        Raises:
            KeyReused: if its idempotency key belongs to another request.
            ExternalIdTaken: if the organisation has used its external id.
            BacklogFull: if nothing more can be taken now.

        """
        if self.backlog >= BACKLOG_LIMIT:
            raise BacklogFull
        letters = self._letters(submission, change)
        document = documents.new_document(submission, letters, change.step, change.answer)
        try:
            await self._new.insert(document)
        except QueueFull:
            raise BacklogFull from None
        except DuplicateKeyError as error:
            return await self._already_there(submission, change.answer, error)
        return None

    async def _already_there(
        self, submission: Submission, answer: Answered | None, error: DuplicateKeyError
    ) -> FirstAnswer | None:
        """Find out which key was taken: our own id means that the driver's first attempt had landed after all."""
        if await self.collection.find_one({"_id": submission.id}, {"_id": 1}):
            return None
        slug = submission.organiser.slug
        if answer:
            found = await self.collection.find_one({"posted.scope": answer.request.scope, "organisation": slug})
            if found:
                return _first_answer(documents.stored(found), answer)
        taken = await self.collection.find_one(
            {"organisation": slug, "external_id": submission.external_id}, {"_id": 1}
        )
        if taken:
            raise ExternalIdTaken(taken["_id"])
        raise error

    async def save(self, before: Stored, after: Submission, change: Change) -> bool:
        """Keep what the organisation did, if nobody was faster; False means that somebody was.

        Raises:
            ExternalIdTaken: if the organisation has used its new external id for another submission.
            BacklogFull: if too much of this submission, or of all, waits to be sent.

        """
        if self.backlog >= BACKLOG_LIMIT or before.unsent >= MOST_UNSENT:
            raise BacklogFull
        update: Document = {"$set": documents.changed_fields(after)}
        pushed = push(self._letters(after, change))["$push"]
        pushed = pushed | {"history": {"$each": [documents.step_document(change.step)], "$slice": -KEPT_STEPS}}
        if change.answer:
            pushed["answers"] = {"$each": [documents.answer_document(change.answer)], "$slice": -KEPT_ANSWERS}
        expected = {"organisation": after.organiser.slug, "version": before.submission.version}
        try:
            done = await write_if(self.collection, after.id, expected, update | {"$push": pushed})
        except DuplicateKeyError:
            taken = {"organisation": after.organiser.slug, "external_id": after.external_id}
            found = await self.collection.find_one(taken, {"_id": 1})
            raise ExternalIdTaken(found["_id"] if found else "") from None
        if done:
            self._written()
        return done

    async def find(self, submission_id: str, organisation: str) -> Stored | None:
        """Find a submission of an organisation; another one's is not there."""
        found = await self.collection.find_one({"_id": submission_id, "organisation": organisation})
        return documents.stored(found) if found else None

    async def by_reference(self, external_id: str, organisation: str) -> Stored | None:
        """Find a submission of an organisation by the organisation's own name for it."""
        found = await self.collection.find_one({"organisation": organisation, "external_id": external_id})
        return documents.stored(found) if found else None

    async def in_order(
        self,
        organisation: str,
        *,
        state: ReviewState | None = None,
        year: int | None = None,
        after: str | None = None,
        ids: Sequence[str] | None = None,
        limit: int | None = None,
    ) -> list[Submission]:
        """List an organisation's submissions in their order.

        Args:
            organisation: whose.
            state: only those in this state.
            year: only those that take place in this year, in part at least.
            after: only those that come after this place (:func:`documents.order`).
            ids: only these.
            limit: at most so many.

        """
        asked: Document = {"organisation": organisation}
        if year is not None:
            asked |= {"event.dates.start": {"$lt": f"{year + 1:04}"}, "event.dates.end": {"$gte": f"{year:04}"}}
        if after is not None:
            asked["order"] = {"$gt": after}
        if ids is not None:
            asked["_id"] = {"$in": list(ids)}
        if state is not None:
            asked["$expr"] = is_in(state)
        found = self.collection.find(asked, IN_LISTS).sort("order", ASCENDING).limit(limit or 0)
        return [documents.stored(each).submission async for each in found]

    async def standings(self, organisation: str) -> list[tuple[str, ReviewState]]:
        """Tell where each of an organisation's submissions stands, by its id and in their order."""
        steps: list[Document] = [
            {"$match": {"organisation": organisation}},
            {"$sort": {"order": ASCENDING}},
            {"$project": {"state": STANDING}},
        ]
        async with await self.collection.aggregate(steps) as found:
            return [(each["_id"], each["state"]) async for each in found]

    async def take_review(self, submission_id: str, review: Review) -> bool:
        """Keep what the curators said, if it is newer than what is known; tell whether it was."""
        found = await self.collection.find_one({"_id": submission_id}, {"answers": 0, "posted": 0})
        if found is None:
            return False
        before = documents.stored(found).submission
        if reviewed(before, review) is before:
            return False
        step = step_of_review(before.review, review)
        update: Document = {"$set": {"review": documents.review_document(review)}}
        if step:
            update["$push"] = {"history": {"$each": [documents.step_document(step)], "$slice": -KEPT_STEPS}}
        # By the number that was read: the step tells of the way from that review to this one.
        number = before.review.number if before.review else None
        known = {"review": None} if number is None else {"review.number": number}
        if await write_if(self.collection, submission_id, known, update):
            reach(STORE_WRITTEN)
            return True
        return await self.take_review(submission_id, review)

    async def repair(self, submission_id: str, version: int, *, at: str) -> bool:
        """Say again how a submission stands if a version older than the present one was the last to be sent.

        A relay that stalls and wakes can write an older record after a newer one, and compaction would keep it.

        Returns:
            Whether it has to be, and will be, said again.

        """
        known = await self._versions.ask(submission_id)
        if known is None or version >= known["version"]:
            return False  # nearly always: every message of ours comes by here
        found = await self.collection.find_one({"_id": submission_id}, {"answers": 0, "posted": 0})
        if found is None or version >= found["version"] or documents.will_be_said(found):
            return False
        submission = documents.stored(found).submission
        letters = documents.letters_of([message_about(submission)], at=at, traceparent=current_traceparent())
        done = await write_if(self.collection, submission_id, {"version": submission.version}, push(letters))
        if done:
            self._written()
        return done

    async def note_backlog(self) -> None:
        """Count, up to the limit, the submissions with something to send; from the limit on nothing more is taken."""
        self.backlog = await self.collection.count_documents(WAITING, limit=BACKLOG_LIMIT, hint="outbox")

    def _letters(self, submission: Submission, change: Change) -> list[Letter]:
        return documents.letters_of(change.messages, at=submission.sent_at, traceparent=current_traceparent())

    def _added(self, made: Sequence[Document] | None) -> None:
        self._written([Unsent(each["_id"], documents.letters_in(each)) for each in made] if made else None)

    def _written(self, alone: Sequence[Unsent] | None = None) -> None:
        reach(STORE_WRITTEN)
        self._wake(alone)


def _first_answer(found: Stored, repeat: Answered) -> FirstAnswer:
    """Give the answer that the first request with this key had.

    Raises:
        KeyReused: if that was another request.

    """
    first = found.answer_to(repeat.request)
    if first is None or first.request.print != repeat.request.print:
        raise KeyReused(found.submission.id)
    return FirstAnswer(found.submission.id, first)


def _unique(fields: tuple[str, ...], *, given: str) -> IndexModel:
    keys = [(field, ASCENDING) for field in fields]
    return IndexModel(keys, unique=True, partialFilterExpression={given: {"$exists": True}})
