"""Which events have no sure date, and when an organisation is asked for it before a programme closes. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time
from typing import Final
from zoneinfo import ZoneInfo

from services.ingest.call.model import read_year
from services.ingest.submission.model import Submission
from shared.call import Call, find_last_day

ASK_TIME: Final = time(8, 15)
STEPS: Final = (28, 7)
"""Days before the last one. Four weeks leave time to ask a venue; in the last one the programme is put together."""


@dataclass(frozen=True, slots=True)
class ClosingProgramme:
    """``step`` is the last of :data:`STEPS` that was reached; ``locked``: other days need a late code."""

    year: int
    last_day: date
    step: int
    locked: bool


def list_closing(calls: Iterable[Call], today: date, zone: ZoneInfo) -> list[ClosingProgramme]:
    """List the programmes that close within the first of the steps."""
    found = []
    for call in calls:
        last_day = find_last_day(call.freeze_at, zone)
        step = find_step(last_day, today)
        if step is not None:
            is_late = today > find_last_day(call.deadline_at, zone)
            found.append(ClosingProgramme(call.year, last_day, step, is_late and "dates" in call.locked_fields))
    return found


def find_step(last_day: date, today: date) -> int | None:
    # The same step on every day until the next: a day on which nothing ran loses none.
    left = (last_day - today).days
    return min((each for each in STEPS if left <= each), default=None) if left >= 0 else None


def has_uncertain_date(submission: Submission) -> bool:
    """Whether it is or may become public, and its day is not sure."""
    dates = submission.event.dates
    return dates.certainty != "exact" and submission.state in {"accepted", "waiting"} and not submission.called_off


def is_asked_about(submission: Submission, closing: ClosingProgramme, today: date) -> bool:
    dates = submission.event.dates
    return (
        has_uncertain_date(submission)
        and read_year(dates.start) == closing.year
        and date.fromisoformat(dates.end[:10]) >= today
    )
