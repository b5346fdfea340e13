"""What the public sees of an entry, and the messages that every change of an entry sends."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from services.calendar.domain.entry import Entry, last_decision, live_status, review_state
from shared.messages import EventPublished, EventWithdrawn, Message, PublicStatus, SubmissionReviewed

Outcome = tuple[Entry, tuple[Message, ...]]
"""An entry after a change, and what to tell the other services; no message means that nothing changed."""


def public_state(entry: Entry) -> tuple[PublicStatus, dict[str, Any] | None] | None:
    """Give status and event as everybody may see them; None while nothing was ever public."""
    if entry.live is None:
        return None
    status = live_status(entry) or "confirmed"
    return (status, None) if status == "withdrawn" else (status, entry.live.event)


def settle(before: Entry, after: Entry, *, now: str) -> Outcome:
    """Finish a change: number it, and publish what changed for the public.

    The public message goes first, because the relay keeps the order and the public should not wait.
    """
    numbered = replace(after, review_number=before.review_number + 1)
    if public_state(before) == public_state(numbered):
        return numbered, (reviewed(numbered, now=now),)
    published = replace(numbered, revision=before.revision + 1, published_at=before.published_at or now, changed_at=now)
    return published, (programme_message(published), reviewed(published, now=now))


def programme_message(entry: Entry) -> EventPublished | EventWithdrawn:
    """Say what is public of an entry now, under its present revision.

    Raises:
        ValueError: if nothing of it was ever public.

    """
    if entry.live is None or entry.published_at is None or entry.changed_at is None:
        raise ValueError(f"nothing of entry {entry.id} was ever public")
    status = live_status(entry)
    if status == "withdrawn":
        return EventWithdrawn(event_id=entry.id, revision=entry.revision, withdrawn_at=entry.changed_at)
    return EventPublished(
        event_id=entry.id,
        revision=entry.revision,
        status="cancelled" if status == "cancelled" else "confirmed",
        organiser=entry.organiser,
        external_id=entry.external_id,
        published_at=entry.published_at,
        changed_at=entry.changed_at,
        event=entry.live.event,
        previous_dates=entry.previous_dates,
    )


def reviewed(entry: Entry, *, now: str) -> SubmissionReviewed:
    """Tell the organisation how its submission stands; the curator's words are those of the last decision."""
    decision = last_decision(entry)
    return SubmissionReviewed(
        submission_id=entry.id,
        review_number=entry.review_number,
        state=review_state(entry),
        version=entry.content_version,
        decided_version=decision.version if decision else None,
        reason=decision.reason if decision else None,
        comment=decision.comment if decision else None,
        reviewed_at=decision.when if decision else now,
        live_version=entry.live.version if entry.live else None,
        live_status=live_status(entry),
        stopped_by_curator=entry.stop is not None,
    )


def repair(entry: Entry, revision_seen: int) -> EventPublished | EventWithdrawn | None:
    """Answer a record of our own topic: what to publish again if it is older than what is true.

    A relay that stalls and wakes may write an older revision after a newer one, and compaction would keep that.
    """
    return programme_message(entry) if revision_seen < entry.revision else None
