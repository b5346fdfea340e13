"""An entry: an organisation's proposal, its review and its live version, one value (design sections 2 and 4).

Everything here is derived from numbers that only rise, never from the order in which messages came.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from shared.messages import Organiser, PublicStatus, ReviewState

ProposalState = Literal["waiting", "changes_requested", "rejected"]
Deed = Literal["sent", "cancelled", "withdrawn", "accepted", "rejected", "changes_requested"]
Matter = Literal["new", "change", "answer"]
EventContent = dict[str, Any]

KEPT_BYTES = 2_000_000
"""Of old contents: a document must stay below MongoDB's 16 MB, however often a partner's system sends a new version."""
KEPT_CONTENTS = 100
KEPT_ACTS = 1_000


class Content(msgspec.Struct, frozen=True):
    """What an organisation sent as one version, kept word for word."""

    version: int
    event: EventContent
    sent_at: str


class Proposal(msgspec.Struct, frozen=True):
    """What is not decided, or was refused: ``version`` is the latest content that has arrived."""

    version: int
    state: ProposalState
    event: EventContent
    sent_at: str


class Live(msgspec.Struct, frozen=True):
    """The version that was accepted last; it is public unless cancelled or withdrawn since."""

    version: int
    event: EventContent


class Stop(msgspec.Struct, frozen=True):
    """A curator's own cancel or withdraw; it stands until a later version than ``version`` is accepted."""

    kind: Literal["cancelled", "withdrawn"]
    version: int


class Act(msgspec.Struct, frozen=True):
    """One line of the history: what somebody did to which version, in whose name, when.

    ``by`` tells the two sides apart; ``reason`` is a code of :data:`~services.calendar.domain.review.REASONS`.
    """

    by: Literal["organisation", "curator"]
    who: str
    when: str
    what: Deed
    version: int
    reason: str | None = None
    comment: str | None = None


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A proposal, its review and its live version.

    ``received_version`` is the highest version of the submission that was seen, ``content_version`` the latest one that
    brought content. ``review_number`` rises with every change of the entry, ``revision`` with every public one; it is 0
    while nothing was ever public. ``trace`` is the ``traceparent`` with which the organisation's last act came, as the
    store keeps it.
    """

    id: str
    organiser: Organiser
    external_id: str | None
    review_number: int = 0
    received_version: int = 0
    content_version: int = 0
    cancelled_at_version: int | None = None
    withdrawn_at_version: int | None = None
    proposal: Proposal | None = None
    live: Live | None = None
    stop: Stop | None = None
    revision: int = 0
    published_at: str | None = None
    changed_at: str | None = None
    previous_dates: dict[str, Any] | None = None
    contents: tuple[Content, ...] = ()
    history: tuple[Act, ...] = ()
    trace: str | None = None

    @property
    def event(self) -> EventContent:
        """The content that a reviewer looks at: what is proposed, else what is live, else what was sent last."""
        shown = self.proposal or self.live
        return shown.event if shown else self.contents[-1].event

    @property
    def sent_at(self) -> str:
        """Since when the organisation waits, or waited, for an answer: the instant of the latest content."""
        return self.proposal.sent_at if self.proposal else self.contents[-1].sent_at

    @property
    def waiting(self) -> bool:
        """Whether a curator is to decide."""
        return self.proposal is not None and self.proposal.state == "waiting"


def live_status(entry: Entry) -> PublicStatus | None:
    """Tell what the public sees of the live version; None while nothing was ever accepted.

    The organisation and the curator can each take it down, and neither lifts what the other did.
    """
    if entry.live is None:
        return None
    said = {_said_by_organisation(entry, entry.live.version), entry.stop.kind if entry.stop else None}
    if "withdrawn" in said:
        return "withdrawn"
    return "cancelled" if "cancelled" in said else "confirmed"


def review_state(entry: Entry) -> ReviewState:
    """Tell what became of the latest content that has arrived."""
    if entry.proposal is not None:
        return entry.proposal.state
    accepted = entry.live is not None and entry.live.version == entry.content_version
    return "accepted" if accepted and live_status(entry) != "withdrawn" else "withdrawn"


def matter(entry: Entry) -> Matter:
    """Tell why an entry comes to a curator: as something new, a change of what is public, an answer to a refusal."""
    decision = last_decision(entry)
    if decision is not None and decision.what in {"changes_requested", "rejected"}:
        return "answer"
    return "change" if live_status(entry) in {"confirmed", "cancelled"} else "new"


def last_decision(entry: Entry) -> Act | None:
    """Find what a curator did last."""
    return next((act for act in reversed(entry.history) if act.by == "curator"), None)


def _said_by_organisation(entry: Entry, live_version: int) -> PublicStatus | None:
    """Apply the numbers that are never cleared: the higher of the two wins if it exceeds the live version."""
    cancelled = entry.cancelled_at_version or 0
    withdrawn = entry.withdrawn_at_version or 0
    if max(cancelled, withdrawn) <= live_version:
        return None
    return "cancelled" if cancelled > withdrawn else "withdrawn"
