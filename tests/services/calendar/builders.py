"""Sensible events, messages and entries; override by keyword."""

from __future__ import annotations

from typing import Any

from services.calendar.entry.arrival import receive
from services.calendar.entry.model import Entry
from services.calendar.review.model import accept
from shared.event.model import Event, parse_event
from shared.messages import EventFacets, Organiser, SubmissionCancelled, SubmissionReceived, SubmissionWithdrawn

Said = SubmissionReceived | SubmissionCancelled | SubmissionWithdrawn

LOT = Organiser("lot-szczecin", "LOT Szczecin")
NOW = "2026-11-21T12:00:00.000Z"
LATER = "2026-11-22T12:00:00.000Z"
FACETS = EventFacets(county="3262", categories=["maritime"], first_day="2027-08-14", last_day="2027-08-16")
"""Those of the event that is made unless told otherwise."""


def make_event(**fields: Any) -> dict[str, Any]:  # noqa: ANN401 - any field
    """Make an event as submitted, without a contact."""
    return {
        "title": {"pl": "Żagle"},
        "category": "maritime",
        "dates": {"certainty": "exact", "start": "2027-08-14", "end": "2027-08-16"},
        "venue": {"town": "Szczecin", "county": "3262", "name": "Wały Chrobrego"},
    } | fields


def kept_event(**fields: Any) -> Event:  # noqa: ANN401 - any field
    """Make the same event as it is kept."""
    return parse_event(make_event(**fields))


def make_message(
    version: int = 1,
    *,
    content: int | None = None,
    cancelled: int | None = None,
    withdrawn: int | None = None,
    submission_id: str = "0195-a",
    **fields: Any,  # noqa: ANN401 - any field
) -> Said:
    """Make the message about a version; ``content`` is the version of its content, by default its own."""
    kind: type[Said] = SubmissionReceived
    if cancelled == version:
        kind = SubmissionCancelled
    if withdrawn == version:
        kind = SubmissionWithdrawn
    content = content or version
    return kind(
        **{
            "submission_id": submission_id,
            "version": version,
            "content_version": content,
            "organiser": LOT,
            "external_id": "zagle-2027",
            "sent_at": f"2026-11-{version:02}T08:00:00.000Z",
            "cancelled_at_version": cancelled,
            "withdrawn_at_version": withdrawn,
            "event": make_event(title={"pl": f"Żagle {content}"}),
            **fields,
        }
    )


def make_waiting(version: int = 1, **fields: Any) -> Entry:  # noqa: ANN401 - any field
    """Make an entry whose proposal waits."""
    entry, _ = receive(None, make_message(version, **fields), now=NOW)
    return entry


def make_live(version: int = 1, **fields: Any) -> Entry:  # noqa: ANN401 - any field
    """Make an entry whose proposal was accepted."""
    entry, _ = accept(make_waiting(version, **fields), by="Anna Nowak", now=NOW)
    return entry
