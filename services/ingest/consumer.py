"""Ingest's consumer: reviews and calls from the calendar, and repair of its own topic."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from services.ingest.activity.repository import Activities
from services.ingest.call.repository import KnownCalls
from services.ingest.request.repository import KnownRequests
from services.ingest.submission.model import AnySubmissionMessage, Review
from services.ingest.submission.repository import Submissions
from shared.database.client import Collection
from shared.eventlog.consumer.loop import Consumer, ConsumerSettings, Handler, Rejected
from shared.eventlog.envelope import Envelope
from shared.eventlog.port import EventLog, Record
from shared.eventlog.topics import SUBMISSIONS
from shared.messages import (
    CallAnnounced,
    ContributionRequested,
    Message,
    OrganisationActivity,
    SubmissionCancelled,
    SubmissionReceived,
    SubmissionReviewed,
    SubmissionWithdrawn,
)

GROUP = "ingest"
NoteReview = Callable[[str, Review], Awaitable[None]]
SETTINGS = ConsumerSettings(max_records=500, gather_seconds=0.1)
"""Large rounds: one costs the database as much for a single record as for hundreds."""


def make_consumer(
    log: EventLog,
    submissions: Submissions,
    calls: KnownCalls,
    activities: Activities,
    requests: KnownRequests,
    *,
    now: Callable[[], str],
    note_review: NoteReview | None = None,
    crash_records: Collection | None = None,
    settings: ConsumerSettings = SETTINGS,
) -> Consumer:
    """Make the consumer of decisions, calls and ingest's own topic.

    Nearly every record is of its own topic and reads its submission; the repository is told in advance which ids the
    records of a round name, so that one query finds them all. ``note_review`` is called before a review is applied.
    """

    def expect(records: Sequence[Record]) -> None:
        keys = (record.key for record in records if record.topic == SUBMISSIONS.name)
        submissions.expect(key.decode(errors="replace") for key in keys if key is not None)

    table = make_handlers(submissions, calls, activities, requests, now, note_review)
    return Consumer(log, group=GROUP, handlers=table, expect=expect, crash_records=crash_records, settings=settings)


def make_handlers(  # noqa: PLR0917 - what messages change
    submissions: Submissions,
    calls: KnownCalls,
    activities: Activities,
    requests: KnownRequests,
    now: Callable[[], str],
    note_review: NoteReview | None = None,
) -> Mapping[type[Message], Handler]:
    async def on_submission_reviewed(message: SubmissionReviewed, _envelope: Envelope) -> None:
        review = parse_review(message)
        if note_review is not None:
            await note_review(message.submission_id, review)
        await submissions.apply_review(message.submission_id, review)

    async def on_call_announced(message: CallAnnounced, _envelope: Envelope) -> None:
        try:
            await calls.apply(message)
        except ValueError as error:
            raise Rejected(f"the call cannot be read: {error}") from error

    async def on_request(message: ContributionRequested, _envelope: Envelope) -> None:
        await requests.apply(message)

    async def on_own_message(message: AnySubmissionMessage, _envelope: Envelope) -> None:
        """Publish the submission's state again if an older record was written after a newer one."""
        await submissions.repair(message.submission_id, message.version, at=now())

    async def on_own_activity(message: OrganisationActivity, _envelope: Envelope) -> None:
        await activities.repair(message.organisation, message.number, at=now())

    return {
        SubmissionReviewed: on_submission_reviewed,
        CallAnnounced: on_call_announced,
        ContributionRequested: on_request,
        SubmissionReceived: on_own_message,
        SubmissionCancelled: on_own_message,
        SubmissionWithdrawn: on_own_message,
        OrganisationActivity: on_own_activity,
    }


def parse_review(message: SubmissionReviewed) -> Review:
    return Review(
        number=message.review_number,
        version=message.version,
        state=message.state,
        reason=message.reason,
        comment=message.comment,
        decided_version=message.decided_version,
        reviewed_at=message.reviewed_at,
        live_version=message.live_version,
        live_status=message.live_status,
        stopped_by_curator=message.stopped_by_curator,
        remarks=tuple(message.remarks),
        reported_version=message.reported_version,
        reported=tuple(message.reported),
        taken_back_version=message.taken_back_version,
        postponed=message.postponed,
    )
