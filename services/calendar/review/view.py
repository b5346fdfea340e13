"""View of an entry under review: content, comparison, history, place in the queue. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from msgspec.structs import replace

from services.calendar.entry.model import (
    Entry,
    HistoryEntry,
    QueueReason,
    find_last_decision,
    get_accepted_event,
    get_live_status,
    get_postponing_side,
    get_proposed_event,
    get_public_event,
    get_queue_reason,
    get_reported_facts,
    get_review_state,
)
from services.calendar.entry.view import ChangedField, EventTitle, EventView, get_title
from services.calendar.review.entry_pictures import EntryPicture, list_pictures
from shared.event.tickets import TAGGED
from shared.event.vocabulary import describe_reason
from shared.event.warnings import find_warnings
from shared.messages import PublicStatus, ReviewState, Side
from shared.web.pages.parts import Fact, Question
from shared.web.pages.readiness_view import ReadinessView, make_readiness_view


@dataclass(frozen=True, slots=True)
class QueueNeighbours:
    """The place of an entry among those that wait: the addresses of its page of the queue and of its neighbours."""

    position: int
    count: int
    url: str
    previous: str
    next: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryView:
    """``stopped_by_us``: without the curator's stop the event would be public and take place.

    ``tickets`` is the kind of tag for what visitors must know of them, or "". ``reported`` are facts that are public
    and not checked, before and after.
    """

    heading: EventTitle
    queue_reason: QueueReason
    review_state: ReviewState
    live_status: PublicStatus | None
    postponed_by: Side | None
    tickets: str
    stopped_by_us: bool
    warnings: Sequence[Question]
    changed: Sequence[ChangedField]
    facts: Sequence[Fact]
    unchanged: Sequence[Fact]
    reported: Sequence[ChangedField]
    readiness: ReadinessView
    decision: str
    pictures: Sequence[EntryPicture]


def make_entry_view(entry: Entry, view: EventView, *, today: date) -> EntryView:
    live, proposal = get_accepted_event(entry), get_proposed_event(entry)
    changed = view.list_changes(live, proposal) if live and proposal else []
    facts = view.list_facts(proposal or live or entry.event, without=frozenset({"images"}))
    labels = {row.label for row in changed}
    return EntryView(
        heading=get_title(entry.event, view.language),
        queue_reason=get_queue_reason(entry),
        review_state=get_review_state(entry),
        live_status=get_live_status(entry),
        postponed_by=get_postponing_side(entry),
        tickets=_get_tickets_tag(entry),
        stopped_by_us=get_live_status(replace(entry, stop=None)) == "confirmed",
        warnings=_list_warnings(entry, view, today) if entry.waiting else (),
        changed=changed,
        facts=facts,
        reported=_list_reported(entry, view),
        readiness=make_readiness_view(
            proposal or live or entry.event, view.region, view.language, lambda field: (view.get_label(field), "")
        ),
        unchanged=[fact for fact in facts if fact.label not in labels],
        pictures=list_pictures(live, proposal or (None if live else entry.event), view),
        decision=_join_decision(find_last_decision(entry), view.language),
    )


def _list_reported(entry: Entry, view: EventView) -> Sequence[ChangedField]:
    accepted, public = get_accepted_event(entry), get_public_event(entry)
    return view.list_changes(accepted, public) if accepted and public and get_reported_facts(entry) else ()


def _get_tickets_tag(entry: Entry) -> str:
    takes_place = get_live_status(entry) == "confirmed" and get_postponing_side(entry) is None
    live = get_public_event(entry) if takes_place else None
    left = live.tickets.availability if live else None
    return left if left and left in TAGGED else ""


def _list_warnings(entry: Entry, view: EventView, today: date) -> list[Question]:
    found = find_warnings(entry.event, view.region, today=today, language=view.language)
    return [Question(view.get_label(each.field.partition(".")[0]), each.text) for each in found]


def _join_decision(line: HistoryEntry | None, lang: str) -> str:
    if line is None:
        return ""
    reason = describe_reason(line.reason, lang) if line.reason else ""
    return ". ".join(filter(None, (reason, line.comment)))
