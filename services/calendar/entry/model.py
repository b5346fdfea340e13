"""An entry: an organisation's proposal, its review and its live version, one value.

Everything is derived from numbers that only rise, never from the order of messages.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from msgspec.structs import replace

from shared.event.facts_at_once import Fact
from shared.event.lapse import hide_lapsed
from shared.event.limits import Limits
from shared.event.model import Dates, Event
from shared.event.tickets import apply_statement
from shared.messages import Notice, Organiser, PublicStatus, ReviewState, Side

ProposalState = Literal["waiting", "changes_requested", "rejected"]
Action = Literal[
    "sent",
    "cancelled",
    "postponed",
    "reinstated",
    "withdrawn",
    "accepted",
    "rejected",
    "changes_requested",
    "taken_back",
]
QueueReason = Literal["new", "change", "answer", "reported"]

MAX_VERSION_BYTES = 2_000_000
"""Of old contents: a document must stay below MongoDB's 16 MB."""
MAX_VERSIONS = 100
MAX_HISTORY = 1_000
REPORTED_FIRST = "!"
"""Before the instant of a report: it sorts before every digit."""


class ContentVersion(msgspec.Struct, frozen=True):
    """A version as the organisation sent it; ``late``: after the deadline of its year's call."""

    version: int
    event: Event
    sent_at: str
    late: bool = False


class Proposal(msgspec.Struct, frozen=True):
    """A version that waits or was refused: the latest content."""

    version: int
    state: ProposalState
    event: Event
    sent_at: str
    late: bool = False


class Live(msgspec.Struct, frozen=True):
    """The version accepted last; public unless withdrawn since.

    ``dated_version`` is the accepted one that brought its dates, if that is an earlier one.
    """

    version: int
    event: Event
    dated_version: int | None = None


class Report(msgspec.Struct, frozen=True):
    """A version that is public before a curator has looked: it differs from the accepted one only in ``facts``.

    ``dated_version`` as of :class:`Live`, accepted or not.
    """

    version: int
    event: Event
    facts: tuple[Fact, ...]
    dated_version: int | None = None


class Stop(msgspec.Struct, frozen=True):
    """A curator's cancel, withdraw or postpone; it stands until a version later than ``version`` is accepted.

    A postponement also stands while later versions keep its dates; its ``version`` is the one that was public.
    """

    kind: Literal["cancelled", "withdrawn", "postponed"]
    version: int


class HistoryEntry(msgspec.Struct, frozen=True):
    """``reason`` is a code of :data:`~shared.event.vocabulary.REASONS`."""

    by: Literal["organisation", "curator"]
    who: str
    when: str
    what: Action
    version: int
    reason: str | None = None
    comment: str | None = None


class EntryRemark(msgspec.Struct, frozen=True):
    """What one side wrote to the other; ``who`` is the organisation's name, or the curator's, which does not travel."""

    id: str
    by: Literal["organisation", "curator"]
    who: str
    at: str
    text: str


class Note(msgspec.Struct, frozen=True):
    """What curators write for each other; it never travels."""

    id: str
    who: str
    at: str
    text: str


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A proposal, its review and its live version.

    ``received_version`` is the highest version of the submission that was seen, ``content_version`` the latest with
    content. ``review_number`` rises with every change, ``revision`` with every public one; it is 0 while nothing was
    ever public. ``notice`` is the last news about the public event; None if it is of an earlier release. ``trace`` is
    the ``traceparent`` of the organisation's last write. ``unanswered``: the organisation wrote a remark after the
    curators' last act. ``availability`` is what the organisation last stated of the tickets apart from any content,
    ``postponed`` of its date. ``report`` is public in place of ``live`` until a curator confirms it or takes it back;
    ``taken_back_version`` is that of the last one taken back.
    Pictures whose licence was over before the day ``lapsed_on`` are not public.
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
    notice: Notice | None = None
    contents: tuple[ContentVersion, ...] = ()
    history: tuple[HistoryEntry, ...] = ()
    trace: str | None = None
    remarks: tuple[EntryRemark, ...] = ()
    notes: tuple[Note, ...] = ()
    unanswered: bool = False
    confirmed_at_version: int | None = None
    confirmed_at: str | None = None
    availability: str | None = None
    availability_at_version: int | None = None
    report: Report | None = None
    taken_back_version: int | None = None
    lapsed_on: str | None = None
    postponed: bool = False
    postponed_at_version: int | None = None

    @property
    def event(self) -> Event:
        """The proposed content, else the live one, else the last."""
        current = self.proposal or self.live
        return current.event if current else self.contents[-1].event

    @property
    def sent_at(self) -> str:
        """The instant of the latest content, since which the organisation waits."""
        return self.proposal.sent_at if self.proposal else self.contents[-1].sent_at

    @property
    def queue_key(self) -> str:
        """What the queue is sorted by: what is public and unchecked comes before everything that only waits."""
        return f"{REPORTED_FIRST}{self.sent_at}" if get_reported_facts(self) else self.sent_at

    @property
    def late(self) -> bool:
        """Whether what waits, or was refused, came after the deadline of its year's call."""
        return self.proposal is not None and self.proposal.late

    @property
    def waiting(self) -> bool:
        return self.proposal is not None and self.proposal.state == "waiting"


def get_live_status(entry: Entry) -> PublicStatus | None:
    """Return the public status of the live version; None while nothing was ever accepted.

    Organisation and curator can each stop it, and neither lifts the other's stop.
    """
    if entry.live is None:
        return None
    statuses = {_get_organisation_status(entry, entry.live.version), entry.stop.kind if entry.stop else None}
    if "withdrawn" in statuses:
        return "withdrawn"
    return "cancelled" if "cancelled" in statuses else "confirmed"


def get_public_content(entry: Entry) -> Live | Report | None:
    """Return the version that is public unless withdrawn: what was reported since, else what was accepted last."""
    return entry.report or entry.live


def get_postponing_side(entry: Entry) -> Side | None:
    """Return who says that what is public does not take place on its dates; None if nobody does, or it is cancelled."""
    public = get_public_content(entry)
    if public is None or get_live_status(entry) != "confirmed":
        return None
    since = find_dated_version(entry, public.event.dates) or public.version
    if entry.postponed and (entry.postponed_at_version or 0) > since:
        return "organisation"
    return "curator" if entry.stop and entry.stop.kind == "postponed" else None


def find_dated_version(entry: Entry, dates: Dates) -> int | None:
    """Return the version that brought the days of dates, accepted or reported; None if they are neither's.

    Opening hours say nothing of the days.
    """
    days = replace(dates, opening_hours=[])
    for shown in (entry.live, entry.report):
        if shown and replace(shown.event.dates, opening_hours=[]) == days:
            return shown.dated_version or shown.version
    return None


def get_public_event(entry: Entry) -> Event | None:
    """Return what is public, without lapsed pictures, with what the organisation stated of the tickets."""
    return _make_public(entry, get_public_content(entry))


def get_accepted_event(entry: Entry) -> Event | None:
    """Return what a curator accepted last, with what the organisation stated of the tickets."""
    return _make_public(entry, entry.live)


def get_reported_facts(entry: Entry) -> tuple[Fact, ...]:
    """Return the facts that are public and that no curator has looked at."""
    return entry.report.facts if entry.report and get_live_status(entry) != "withdrawn" else ()


def get_proposed_event(entry: Entry) -> Event | None:
    """Return the proposal as it would be public."""
    return _make_public(entry, entry.proposal)


def _make_public(entry: Entry, content: Live | Report | Proposal | None) -> Event | None:
    """A statement passes no curator."""
    if content is None:
        return None
    stated = apply_statement(content.event, content.version, entry.availability, entry.availability_at_version)
    return hide_lapsed(stated, entry.lapsed_on)


def is_within(entry: Entry, limits: Limits) -> bool:
    """Whether a curator with limits decides on the entry: its present content is inside, and what is public too."""
    public = get_public_content(entry) if get_live_status(entry) in {"confirmed", "cancelled"} else None
    return limits.allow(entry.event) and (public is None or limits.allow(public.event))


def get_confirmation(entry: Entry) -> str | None:
    """Return when the organiser last said that what is public is still right."""
    public = get_public_content(entry)
    if public is None or (entry.confirmed_at_version or 0) <= public.version:
        return None
    return entry.confirmed_at


def get_review_state(entry: Entry) -> ReviewState:
    if entry.proposal is not None:
        return entry.proposal.state
    accepted = entry.live is not None and entry.live.version == entry.content_version
    return "accepted" if accepted and get_live_status(entry) != "withdrawn" else "withdrawn"


def get_queue_reason(entry: Entry) -> QueueReason:
    """Why the entry is in the queue: facts reported, new, change of a published event, or answer to a refusal."""
    if get_reported_facts(entry):
        return "reported"
    decision = find_last_decision(entry)
    if decision is not None and decision.what in {"changes_requested", "rejected"}:
        return "answer"
    return "change" if get_live_status(entry) in {"confirmed", "cancelled"} else "new"


def find_last_decision(entry: Entry) -> HistoryEntry | None:
    return next((act for act in reversed(entry.history) if act.by == "curator"), None)


def _get_organisation_status(entry: Entry, live_version: int) -> PublicStatus | None:
    """Return the status by the numbers that are never cleared: the higher wins, if above the live version."""
    cancelled = entry.cancelled_at_version or 0
    withdrawn = entry.withdrawn_at_version or 0
    if max(cancelled, withdrawn) <= live_version:
        return None
    return "cancelled" if cancelled > withdrawn else "withdrawn"
