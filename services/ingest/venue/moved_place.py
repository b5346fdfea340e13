"""Submissions whose place was merged into another one. Pure."""

from __future__ import annotations

from datetime import date
from typing import Final

from services.ingest.submission.model import Submission
from services.ingest.venue.model import RegisteredVenue
from services.ingest.venue.venue_index import VenueIndex
from shared.event.days import get_span
from shared.messages import ReviewState

_STANDING: Final[frozenset[ReviewState]] = frozenset({"waiting", "accepted", "changes_requested"})


def find_moved_place(submission: Submission, index: VenueIndex, *, today: date) -> RegisteredVenue | None:
    """The place that stays, if that of the event was merged and the event is still to come."""
    event = submission.current_event
    if event.venue.id is None or submission.state not in _STANDING or submission.called_off:
        return None
    if date.fromisoformat(get_span(event.dates)[1]) < today:
        return None
    stays = index.find_staying(event.venue.id)
    return stays if stays and stays.id != event.venue.id else None
