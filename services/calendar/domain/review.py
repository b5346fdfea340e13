"""What a curator may do to an entry, and when (the table of design section 4)."""

from __future__ import annotations

import unicodedata
from typing import Any, Literal

from msgspec.structs import replace

from services.calendar.domain.entry import KEPT_ACTS, Act, Deed, Entry, Live, Proposal, Stop, live_status
from services.calendar.domain.public import Outcome, settle

REASONS = ("duplicate", "not_touristic", "incomplete", "wrong_date", "outside_region", "other")
"""Why a proposal may be rejected; ``other`` must be explained in a comment."""
COMMENT_LIMIT = 2_000

DecisionKind = Literal["accept", "reject", "request_changes"]


class NotWaiting(Exception):
    """Nothing of this entry waits for a decision."""


class NotLive(Exception):
    """Nothing of this entry is public, or it is cancelled already."""


class NothingToWithdraw(Exception):
    """Everything of this entry is withdrawn already."""


class ReasonUnknown(Exception):
    """A rejection needs one of the known reasons."""


class CommentMissing(Exception):
    """This decision must be explained in words."""


class CommentTooLong(Exception):
    """A comment may have :data:`COMMENT_LIMIT` characters."""


class CommentUnreadable(Exception):
    """A comment holds control characters."""


def read_comment(text: str | None) -> str | None:
    r"""Give a comment as it is kept: line ends as ``\n``, no blank around it, None if nothing is left.

    Raises:
        CommentTooLong: if it has more than :data:`COMMENT_LIMIT` characters.
        CommentUnreadable: if it holds control characters or halves of characters.

    """
    comment = (text or "").replace("\r\n", "\n").replace("\r", "\n").strip()
    if any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in comment if letter != "\n"):
        raise CommentUnreadable
    if len(comment) > COMMENT_LIMIT:
        raise CommentTooLong
    return comment or None


def accept(entry: Entry, *, by: str, now: str, comment: str | None = None) -> Outcome:
    """Make the waiting version the live one; a curator's own stop ends with it.

    Raises:
        NotWaiting: if no proposal waits.

    """
    proposal = _waiting(entry)
    after = replace(
        _written(entry, "accepted", proposal.version, by=by, now=now, comment=comment),
        proposal=None,
        live=Live(version=proposal.version, event=proposal.event),
        stop=None,
        previous_dates=_previous_dates(entry, proposal.event),
    )
    return settle(entry, after, now=now)


def reject(entry: Entry, *, reason: str | None, by: str, now: str, comment: str | None = None) -> Outcome:
    """Refuse the waiting version with a reason; what is live stays.

    Raises:
        NotWaiting: if no proposal waits.
        ReasonUnknown: if the reason is none of :data:`REASONS`.
        CommentMissing: if the reason is ``other`` and there is no comment.

    """
    proposal = _waiting(entry)
    if reason not in REASONS:
        raise ReasonUnknown
    if reason == "other" and comment is None:
        raise CommentMissing
    after = replace(
        _written(entry, "rejected", proposal.version, by=by, now=now, reason=reason, comment=comment),
        proposal=replace(proposal, state="rejected"),
    )
    return settle(entry, after, now=now)


def request_changes(entry: Entry, *, by: str, now: str, comment: str | None) -> Outcome:
    """Hand the waiting version back with a comment; what is live stays.

    Raises:
        NotWaiting: if no proposal waits.
        CommentMissing: if there is no comment.

    """
    proposal = _waiting(entry)
    if comment is None:
        raise CommentMissing
    after = replace(
        _written(entry, "changes_requested", proposal.version, by=by, now=now, comment=comment),
        proposal=replace(proposal, state="changes_requested"),
    )
    return settle(entry, after, now=now)


def cancel(entry: Entry, *, by: str, now: str, comment: str | None = None) -> Outcome:
    """Say at once that a live event will not take place; a proposal goes on waiting.

    Raises:
        NotLive: if nothing is public, or it is cancelled already.

    """
    if entry.live is None or live_status(entry) != "confirmed":
        raise NotLive
    version = entry.live.version
    after = replace(
        _written(entry, "cancelled", version, by=by, now=now, comment=comment),
        stop=Stop(kind="cancelled", version=version),
    )
    return settle(entry, after, now=now)


def withdraw(entry: Entry, *, by: str, now: str, comment: str | None = None) -> Outcome:
    """Take an entry back at once, its proposal and what is public of it.

    Raises:
        NothingToWithdraw: if both are gone already.

    """
    if entry.proposal is None and live_status(entry) in {None, "withdrawn"}:
        raise NothingToWithdraw
    version = entry.content_version
    after = replace(
        _written(entry, "withdrawn", version, by=by, now=now, comment=comment),
        proposal=None,
        stop=Stop(kind="withdrawn", version=version),
    )
    return settle(entry, after, now=now)


def decide(
    entry: Entry, decision: DecisionKind, *, by: str, now: str, reason: str | None = None, comment: str | None = None
) -> Outcome:
    """Take one of the three decisions on what waits.

    Raises:
        NotWaiting: if no proposal waits.
        ReasonUnknown: if a rejection has no known reason.
        CommentMissing: if the decision needs a comment and has none.

    """
    if decision == "accept":
        return accept(entry, by=by, now=now, comment=comment)
    if decision == "reject":
        return reject(entry, reason=reason, by=by, now=now, comment=comment)
    return request_changes(entry, by=by, now=now, comment=comment)


def _waiting(entry: Entry) -> Proposal:
    if entry.proposal is None or not entry.waiting:
        raise NotWaiting
    return entry.proposal


def _written(
    entry: Entry, what: Deed, version: int, *, by: str, now: str, reason: str | None = None, comment: str | None = None
) -> Entry:
    act = Act(by="curator", who=by, when=now, what=what, version=version, reason=reason, comment=comment)
    return replace(entry, history=(*entry.history, act)[-KEPT_ACTS:])


def _previous_dates(entry: Entry, event: dict[str, Any]) -> dict[str, Any] | None:
    """Keep the dates from which an accepted version moves; another certainty of the same days is no move."""
    if entry.live is None or _days(entry.live.event) == _days(event):
        return entry.previous_dates
    previous: dict[str, Any] = entry.live.event["dates"]
    return previous


def _days(event: dict[str, Any]) -> tuple[Any, ...]:
    dates = event["dates"]
    return dates["start"], dates["end"], dates.get("start_fold"), dates.get("end_fold")
