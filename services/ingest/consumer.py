"""What ingest does with the messages it reads: decisions come in, and its own topic is watched over."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from services.ingest.domain.submission import Review, Said
from services.ingest.store import Submissions
from shared.database import Collection
from shared.eventlog.consumer import Consumer, ConsumerSettings, Handler
from shared.eventlog.envelope import Letter
from shared.eventlog.port import EventLog, Record
from shared.eventlog.topics import SUBMISSIONS
from shared.messages import Message, SubmissionCancelled, SubmissionReceived, SubmissionReviewed, SubmissionWithdrawn

GROUP = "ingest"
PACE = ConsumerSettings(max_records=500, gather_seconds=0.1)
"""A round costs the database as much for one record as for hundreds, and where that many come nobody waits for one."""


def consumer_of(
    log: EventLog,
    submissions: Submissions,
    *,
    now: Callable[[], str],
    attempts: Collection | None = None,
    settings: ConsumerSettings = PACE,
) -> Consumer:
    """Make the consumer of the decisions and of ingest's own topic; nothing is contacted before it runs.

    Nearly every record is of our own topic and asks for its submission; the store is told beforehand of which ones the
    records in hand speak, so that it asks once for all of them and not once for each.

    Args:
        log: the event log.
        submissions: where they are kept.
        now: gives the present instant, RFC 3339 in UTC.
        attempts: where to count records that kill the process.
        settings: how the loop paces itself.

    """

    def expect(records: Sequence[Record]) -> None:
        keys = (record.key for record in records if record.topic == SUBMISSIONS.name)
        submissions.expect(key.decode(errors="replace") for key in keys if key is not None)

    table = handlers(submissions, now)
    return Consumer(log, group=GROUP, handlers=table, expect=expect, attempts=attempts, settings=settings)


def handlers(submissions: Submissions, now: Callable[[], str]) -> Mapping[type[Message], Handler]:
    """Give the table of what is done with which message."""

    async def on_submission_reviewed(message: SubmissionReviewed, _letter: Letter) -> None:
        await submissions.take_review(message.submission_id, review_in(message))

    async def on_own_message(message: Said, _letter: Letter) -> None:
        """Say again how a submission stands where an older record was written after a newer one."""
        await submissions.repair(message.submission_id, message.version, at=now())

    return {
        SubmissionReviewed: on_submission_reviewed,
        SubmissionReceived: on_own_message,
        SubmissionCancelled: on_own_message,
        SubmissionWithdrawn: on_own_message,
    }


def review_in(message: SubmissionReviewed) -> Review:
    """Give the review that a message brings."""
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
    )
