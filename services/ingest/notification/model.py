"""News for an organisation: what a review brought that its editors are told, and when. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

import msgspec

from services.ingest.submission.history import make_history_entry
from services.ingest.submission.model import Review
from shared.remarks import find_new

NewsKind = Literal[
    "accepted",
    "changes_requested",
    "rejected",
    "taken_back_by_curator",
    "cancelled_by_curator",
    "postponed_by_curator",
    "reinstated_by_curator",
    "withdrawn_by_curator",
    "remark",
]
Rhythm = Literal["daily", "weekly"]

DECISIONS: Final[frozenset[str]] = frozenset(
    {
        "accepted",
        "changes_requested",
        "rejected",
        "taken_back_by_curator",
        "cancelled_by_curator",
        "postponed_by_curator",
        "reinstated_by_curator",
        "withdrawn_by_curator",
    }
)
OLDEST: Final = timedelta(days=14)
"""Nobody is told of what is older: a log that is read again from its start must not send the mails of years."""
MOST_ITEMS: Final = 30
"""News named in a digest; the others are counted."""
MAX_SHOWN: Final = 500
"""Characters of a comment or remark in a digest; the page it leads to has the whole."""
DIGEST_TIME: Final = time(7, 0)
MONDAY: Final = 0


class News(msgspec.Struct, frozen=True):
    """``text`` is the comment of a decision, or the remark; ``reason`` is a code."""

    kind: NewsKind
    text: str = ""
    reason: str | None = None


class Notification(msgspec.Struct, frozen=True, kw_only=True):
    """What one review brought; ``number`` is the review's."""

    submission_id: str
    number: int
    organisation: str
    title: str
    at: str
    news: tuple[News, ...]

    @property
    def key(self) -> str:
        return f"{self.submission_id}:{self.number}"


def find_news(before: Review | None, after: Review) -> tuple[News, ...]:
    """Return what is new between two reviews: a decision, and the curators' remarks."""
    entry = make_history_entry(before, after)
    decision = [News(entry.what, entry.comment or "", entry.reason)] if entry and entry.what in DECISIONS else []  # type: ignore[arg-type]  # one of these
    known = [each.id for each in before.remarks] if before else []
    return (*decision, *(News("remark", each.text) for each in find_new(known, after.remarks)))


def is_recent(review: Review, now: datetime) -> bool:
    """Whether the last thing that the review tells of is recent enough."""
    instants = [review.reviewed_at, *(each.at for each in review.remarks[-1:])]
    return now - datetime.fromisoformat(max(instants)) <= OLDEST


def list_rhythms(day: date) -> Sequence[Rhythm]:
    """Whose digests are sent on a day: the weekly ones on Mondays."""
    return ("daily", "weekly") if day.weekday() == MONDAY else ("daily",)


def bound_digest(day: date, rhythm: Rhythm, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return from when until when a digest tells: one ends where the next begins, also when the clocks change."""
    days = 1 if rhythm == "daily" else 7
    return (
        datetime.combine(day - timedelta(days=days), DIGEST_TIME, zone),
        datetime.combine(day, DIGEST_TIME, zone),
    )


def shorten(text: str) -> str:
    return text if len(text) <= MAX_SHOWN else f"{text[: MAX_SHOWN - 1].rstrip()}…"
