"""What ingest does with the messages it reads: decisions come in, and its own topic is watched over."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from services.ingest.domain.submission import Review, Said
from services.ingest.store import Submissions
from shared.database import Collection
from shared.eventlog.consumer import Consumer, ConsumerSettings, Handler
from shared.eventlog.envelope import Letter
from shared.eventlog.port import EventLog, Polled, Subscription
from shared.eventlog.stopping import unless
from shared.eventlog.topics import SUBMISSIONS
from shared.messages import Message, SubmissionCancelled, SubmissionReceived, SubmissionReviewed, SubmissionWithdrawn

GROUP = "ingest"
PACE = ConsumerSettings(max_records=500)
MANY = 20
GATHER_SECONDS = 0.1
"""A round costs the database as much for one record as for hundreds, and where that many come nobody waits for one."""


class OwnConsumer(Consumer):
    """Reads the decisions and ingest's own topic.

    Nearly every record is of our own topic and asks for its submission; the store is told beforehand of which ones the
    records in hand speak, so that it asks once for all of them and not once for each. After many records it
    waits for the next ones to come together, unless there are more already than fit into a round.
    """

    def __init__(
        self,
        log: EventLog,
        submissions: Submissions,
        *,
        now: Callable[[], str],
        attempts: Collection | None = None,
        settings: ConsumerSettings = PACE,
    ) -> None:
        """Make the consumer; nothing is contacted before it runs.

        Args:
            log: the event log.
            submissions: where they are kept.
            now: gives the present instant, RFC 3339 in UTC.
            attempts: where to count records that kill the process.
            settings: how the loop paces itself.

        """
        table = handlers(submissions, now)
        super().__init__(log, group=GROUP, handlers=table, attempts=attempts, settings=settings)
        self._submissions = submissions
        self._many = range(MANY, settings.max_records)

    async def _handle_all(self, subscription: Subscription, polled: Polled, stop: asyncio.Event) -> None:
        of_our_own = (each for partition, each in polled.batches.items() if partition.topic == SUBMISSIONS.name)
        keys = (record.key for records in of_our_own for record in records)
        self._submissions.expect(key.decode(errors="replace") for key in keys if key is not None)
        await super()._handle_all(subscription, polled, stop)
        if sum(map(len, polled.batches.values())) in self._many:
            await unless(stop, asyncio.sleep(GATHER_SECONDS))


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
