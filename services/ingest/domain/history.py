"""What happened to a submission, told to the organisation: one step for each write and each decision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from services.ingest.domain.submission import Review

Deed = Literal[
    "sent",
    "cancelled",
    "withdrawn",
    "accepted",
    "changes_requested",
    "rejected",
    "cancelled_by_curator",
    "withdrawn_by_curator",
]


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened: ``version`` is the one it was about, ``who`` a person of the organisation.

    ``who`` is None for what the curators did; ``reason`` (a code) and ``comment`` are theirs.
    """

    at: str
    what: Deed
    version: int
    who: str | None = None
    reason: str | None = None
    comment: str | None = None


def step_of_review(before: Review | None, after: Review) -> Step | None:
    """Tell what the curators did between two reviews; None if only a new version came in."""
    what = _stopped(before, after) or _decided(before, after)
    if what is None:
        return None
    version = after.decided_version or after.version
    return Step(at=after.reviewed_at, what=what, version=version, reason=after.reason, comment=after.comment)


def _stopped(before: Review | None, after: Review) -> Deed | None:
    if not after.stopped_by_curator or (before and before.stopped_by_curator and _live(before) == _live(after)):
        return None
    return "cancelled_by_curator" if after.live_status == "cancelled" else "withdrawn_by_curator"


def _decided(before: Review | None, after: Review) -> Deed | None:
    if after.decided_version is None or (before and _decision(before) == _decision(after)):
        return None
    decisions: dict[str, Deed] = {
        "accepted": "accepted",
        "changes_requested": "changes_requested",
        "rejected": "rejected",
    }
    return decisions.get(after.state)


def _live(review: Review) -> tuple[object, ...]:
    return review.live_version, review.live_status


def _decision(review: Review) -> tuple[object, ...]:
    return review.state, review.decided_version, review.reason, review.comment
