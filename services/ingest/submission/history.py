"""History of a submission: the organisation's writes and the curators' actions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from services.ingest.submission.model import OrganisationAction, Review

Action = Literal[
    OrganisationAction,
    "accepted",
    "changes_requested",
    "rejected",
    "taken_back_by_curator",
    "cancelled_by_curator",
    "withdrawn_by_curator",
    "postponed_by_curator",
    "reinstated_by_curator",
]
_DECISIONS: Final[Mapping[str, Action]] = {
    "accepted": "accepted",
    "changes_requested": "changes_requested",
    "rejected": "rejected",
}


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """``who`` is None for curators' actions; ``reason`` (a code) and ``comment`` are theirs."""

    at: str
    what: Action
    version: int
    who: str | None = None
    reason: str | None = None
    comment: str | None = None


def make_history_entry(before: Review | None, after: Review) -> HistoryEntry | None:
    """Return what the curators did between two reviews; None if only a new version arrived."""
    stopped = _find_postponement(before, after) or _find_stop(before, after)
    what = stopped or _find_taken_back(before, after) or _find_decision(before, after)
    if what is None:
        return None
    version = after.decided_version or after.version
    return HistoryEntry(at=after.reviewed_at, what=what, version=version, reason=after.reason, comment=after.comment)


def get_last_action(review: Review) -> Action | None:
    """Return the curators' last action; None where newer content hides it.

    A curator's cancel or withdraw stands until a later version is accepted; it names the version that was live.
    """
    if review.decided_version is None:
        return None
    of_content = review.decided_version == review.version
    took_down = review.state in {"accepted", "withdrawn"} or (
        not of_content and review.decided_version == review.live_version
    )
    if review.stopped_by_curator and took_down:
        return _get_stop_action(review)
    if of_content and review.state == "rejected" and review.taken_back_version == review.version:
        return "taken_back_by_curator"
    if review.postponed == "curator" and took_down:
        return "postponed_by_curator"
    return _DECISIONS.get(review.state) if of_content else None


def _find_postponement(before: Review | None, after: Review) -> Action | None:
    """A postponement that ends with an accepted version, or another stop, is no action: that is."""
    was, now = before is not None and before.postponed == "curator", after.postponed == "curator"
    if now and not was:
        return "postponed_by_curator"
    stands = before is not None and _get_live(before) == _get_live(after)
    return "reinstated_by_curator" if was and stands and after.postponed is None else None


def _find_stop(before: Review | None, after: Review) -> Action | None:
    if not after.stopped_by_curator or (before and before.stopped_by_curator and _get_live(before) == _get_live(after)):
        return None
    return _get_stop_action(after)


def _get_stop_action(review: Review) -> Action:
    return "cancelled_by_curator" if review.live_status == "cancelled" else "withdrawn_by_curator"


def _find_taken_back(before: Review | None, after: Review) -> Action | None:
    """Not where changes are requested: what is to be done says more than what it ended."""
    is_new = after.taken_back_version not in {None, before.taken_back_version if before else None}
    is_last = after.decided_version == after.taken_back_version and after.state != "changes_requested"
    return "taken_back_by_curator" if is_new and is_last else None


def _find_decision(before: Review | None, after: Review) -> Action | None:
    if after.decided_version is None or (before and _get_decision(before) == _get_decision(after)):
        return None
    return _DECISIONS.get(after.state)


def _get_live(review: Review) -> tuple[object, ...]:
    return review.live_version, review.live_status


def _get_decision(review: Review) -> tuple[object, ...]:
    return review.state, review.decided_version, review.reason, review.comment
