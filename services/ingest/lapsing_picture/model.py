"""Which pictures may be shown for a short time only, and when their organisation is told. Pure."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Final

from services.ingest.submission.model import Submission
from shared.event.days import get_span
from shared.event.lapse import find_first_end

WARN_TIME: Final = time(8, 20)
NOTICE: Final = timedelta(days=21)
"""Time to ask an author, or to find another picture."""


def find_end(submission: Submission, today: date) -> date | None:
    """Return the last day of its picture that lapses first, if that is within three weeks, or over.

    None for what is refused, called off or over: nobody looks for a picture of it.
    """
    is_of_interest = submission.state in {"accepted", "waiting"} and not submission.called_off
    end = find_first_end(submission.event.images)
    if end is None or not is_of_interest or get_span(submission.event.dates)[1] < today.isoformat():
        return None
    found = date.fromisoformat(end)
    return found if found <= today + NOTICE else None
