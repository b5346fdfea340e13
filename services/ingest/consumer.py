"""What ingest does with the messages it reads: decisions come in, and its own topic is watched over."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from services.ingest.domain.submission import Review, Said
from services.ingest.store import Submissions
from shared.eventlog.consumer import Handler
from shared.eventlog.envelope import Letter
from shared.messages import Message, SubmissionCancelled, SubmissionReceived, SubmissionReviewed, SubmissionWithdrawn

GROUP = "ingest"


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
