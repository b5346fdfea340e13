"""What calendar does with each message it reads: of ingest what organisations did, of its own topic what is stale."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec
import structlog

from services.calendar.domain.arrival import receive
from services.calendar.store import Entries, EntryMoved
from shared.eventlog.consumer import Handler, Rejected
from shared.eventlog.envelope import Letter
from shared.messages import (
    EventPublished,
    EventWithdrawn,
    Message,
    SubmissionCancelled,
    SubmissionMessage,
    SubmissionReceived,
    SubmissionWithdrawn,
    read_event,
)

GROUP = "calendar"
log = structlog.get_logger(__name__)


async def on_submission(entries: Entries, message: SubmissionMessage, *, now: Callable[[], str]) -> None:
    """Take in what an organisation did; again from the start if a curator was faster.

    Raises:
        Rejected: if the event cannot be read.

    """
    try:
        read_event(message.event)
    except msgspec.ValidationError as error:
        raise Rejected(f"the event cannot be read: {error}") from error
    while True:
        before = await entries.find(message.submission_id)
        at = now()
        after, said = receive(before, message, now=at)
        if not said:
            return
        try:
            await entries.keep(before, after, said, at=at)
        except EntryMoved:
            continue
        return


async def on_own_record(entries: Entries, message: EventPublished | EventWithdrawn, *, now: Callable[[], str]) -> None:
    """Say again what is public if this record is older: a relay that stalled and woke may have written it last."""
    if await entries.repair(message.event_id, message.revision, at=now()):
        log.warning("programme_repaired", event_id=message.event_id, revision_seen=message.revision)


def handlers(entries: Entries, *, now: Callable[[], str]) -> Mapping[type[Message], Handler]:
    """Say which message goes where."""

    async def submission(message: SubmissionMessage, _: Letter) -> None:
        await on_submission(entries, message, now=now)

    async def own(message: EventPublished | EventWithdrawn, _: Letter) -> None:
        await on_own_record(entries, message, now=now)

    return {
        SubmissionReceived: submission,
        SubmissionCancelled: submission,
        SubmissionWithdrawn: submission,
        EventPublished: own,
        EventWithdrawn: own,
    }
