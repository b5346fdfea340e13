"""The decisions of curators, and their rules."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal

from msgspec.structs import replace

from services.calendar.entry.model import (
    MAX_HISTORY,
    Action,
    Entry,
    EntryRemark,
    HistoryEntry,
    Live,
    Note,
    Proposal,
    Report,
    Stop,
    find_dated_version,
    get_live_status,
    get_postponing_side,
    get_public_content,
    get_reported_facts,
)
from services.calendar.entry.publication import EntryChange, complete_change, find_broken_dates
from services.calendar.entry.reports import drop_report, take_back
from shared.event.vocabulary import NOT_CONFIRMED, REASONS
from shared.plain_text import TextEmpty, TextRefused, TextTooLong, normalize_text
from shared.remarks import check_room

COMMENT_LIMIT = 2_000

DecisionKind = Literal["accept", "reject", "request_changes"]


@dataclass(frozen=True, slots=True)
class CuratorAct:
    """What a curator wants to do, as the history will show it."""

    what: Action
    by: str
    reason: str | None = None
    comment: str | None = None


class NotWaiting(Exception):
    """Nothing of this entry waits for a decision."""


class NotLive(Exception):
    """Nothing of this entry is public, or it is cancelled already."""


class NoPostponement(Exception):
    """No curator postponed this entry, so none takes it back."""


class NothingToWithdraw(Exception):
    """Everything of this entry is withdrawn already."""


class NothingReported(Exception):
    """Nothing of this entry is public that no curator has looked at."""


class ReasonUnknown(Exception):
    """A rejection needs one of the known reasons."""


class OwnEntry(Exception):
    """Nobody decides on what an organisation sent of which they are an editor (four eyes)."""


class RemarkIdTaken(Exception):
    """The id that a request stands for belongs to a remark or note with another text."""


class CommentMissing(Exception):
    """This decision must be explained in words."""


class CommentTooLong(Exception):
    """A comment may have :data:`COMMENT_LIMIT` characters."""


class CommentUnreadable(Exception):
    """A comment holds signs that cannot be shown."""


def check_four_eyes(entry: Entry, edited: Collection[str]) -> None:
    """Raises OwnEntry; ``edited`` are the organisations of which the curator is an editor."""
    if entry.organiser.slug in edited:
        raise OwnEntry


def read_comment(text: str | None) -> str | None:
    """Return None if nothing is left; raise CommentTooLong, CommentUnreadable."""
    try:
        return normalize_text(text or "", COMMENT_LIMIT)
    except TextEmpty:
        return None
    except TextTooLong:
        raise CommentTooLong from None
    except TextRefused:
        raise CommentUnreadable from None


def accept(entry: Entry, *, by: str, now: str, comment: str | None = None) -> EntryChange:
    """Make the waiting version live, which ends a curator's stop; raise NotWaiting.

    A postponement is about a date: only a version with other dates ends it.
    """
    proposal = _require_waiting(entry)
    after = replace(
        _add_history(entry, "accepted", proposal.version, by=by, now=now, comment=comment),
        proposal=None,
        live=_make_live(entry, proposal),
        stop=_keep_stop(entry, proposal),
        report=None,
        previous_dates=find_broken_dates(entry, proposal.event),
    )
    return complete_change(entry, after, now=now)


def reject(entry: Entry, *, reason: str | None, by: str, now: str, comment: str | None = None) -> EntryChange:
    """Raises NotWaiting, and as :func:`check_rejection`."""
    proposal = _require_waiting(entry)
    check_rejection(reason, comment)
    after = replace(
        _add_history(entry, "rejected", proposal.version, by=by, now=now, reason=reason, comment=comment),
        proposal=replace(proposal, state="rejected"),
    )
    return complete_change(entry, _end_report(after, of=proposal), now=now)


def check_rejection(reason: str | None, comment: str | None) -> None:
    """Raises ReasonUnknown; CommentMissing if the reason is ``other`` and there is no comment."""
    if reason not in REASONS:
        raise ReasonUnknown
    if reason == "other" and comment is None:
        raise CommentMissing


def request_changes(entry: Entry, *, by: str, now: str, comment: str | None) -> EntryChange:
    """Raises NotWaiting; CommentMissing."""
    proposal = _require_waiting(entry)
    if comment is None:
        raise CommentMissing
    after = replace(
        _add_history(entry, "changes_requested", proposal.version, by=by, now=now, comment=comment),
        proposal=replace(proposal, state="changes_requested"),
    )
    return complete_change(entry, _end_report(after, of=proposal), now=now)


def confirm_report(entry: Entry, *, by: str, now: str, comment: str | None = None) -> EntryChange:
    """Accept the facts that the organisation reported, and nothing sent after them; raise NothingReported.

    It ends no cancellation, which is later than what was reported.
    """
    report = _require_report(entry)
    is_latest = entry.proposal is not None and entry.proposal.version == report.version
    after = replace(
        _add_history(entry, "accepted", report.version, by=by, now=now, comment=comment),
        proposal=None if is_latest else entry.proposal,
        live=_make_live(entry, report),
        stop=_keep_stop(entry, report) if entry.stop and entry.stop.kind == "postponed" else entry.stop,
        report=None,
    )
    return complete_change(entry, after, now=now)


def take_back_report(
    entry: Entry, *, by: str, now: str, reason: str | None = NOT_CONFIRMED, comment: str | None = None
) -> EntryChange:
    """Show again what was accepted before; the version that reported is rejected.

    Raises NothingReported, and as :func:`check_rejection`.
    """
    report = _require_report(entry)
    check_rejection(reason, comment)
    told = _add_history(entry, "taken_back", report.version, by=by, now=now, reason=reason, comment=comment)
    proposal = entry.proposal
    if proposal is not None and proposal.version == report.version:
        told = replace(told, proposal=replace(proposal, state="rejected"))
    return complete_change(entry, take_back(told), now=now)


def _end_report(entry: Entry, *, of: Proposal) -> Entry:
    """What a curator refuses is not shown any longer; facts reported by an earlier version stay, and wait."""
    return take_back(entry) if entry.report and entry.report.version == of.version else entry


def cancel(entry: Entry, *, by: str, now: str, comment: str | None = None) -> EntryChange:
    """Raises NotLive if nothing is public, or it is cancelled."""
    if entry.live is None or get_live_status(entry) != "confirmed":
        raise NotLive
    version = entry.live.version
    after = replace(
        _add_history(entry, "cancelled", version, by=by, now=now, comment=comment),
        stop=Stop(kind="cancelled", version=version),
    )
    return complete_change(entry, after, now=now)


def postpone(entry: Entry, *, by: str, now: str, comment: str | None = None) -> EntryChange:
    """Say that what is public does not take place on its dates; raise NotLive if nothing is announced for any."""
    public = get_public_content(entry)
    if public is None or get_live_status(entry) != "confirmed" or get_postponing_side(entry):
        raise NotLive
    version = public.version
    after = replace(
        _add_history(entry, "postponed", version, by=by, now=now, comment=comment),
        stop=Stop(kind="postponed", version=version),
    )
    return complete_change(entry, after, now=now)


def reinstate(entry: Entry, *, by: str, now: str, comment: str | None = None) -> EntryChange:
    """Take a curator's postponement back; raise NoPostponement, also if only the organisation postponed it."""
    if entry.live is None or get_postponing_side(entry) != "curator":
        raise NoPostponement
    after = _add_history(entry, "reinstated", entry.live.version, by=by, now=now, comment=comment)
    return complete_change(entry, replace(after, stop=None), now=now)


def withdraw(entry: Entry, *, by: str, now: str, comment: str | None = None) -> EntryChange:
    """Withdraw both the proposal and the live version; raise NothingToWithdraw."""
    if entry.proposal is None and get_live_status(entry) in {None, "withdrawn"}:
        raise NothingToWithdraw
    version = entry.content_version
    after = replace(
        _add_history(entry, "withdrawn", version, by=by, now=now, comment=comment),
        proposal=None,
        stop=Stop(kind="withdrawn", version=version),
    )
    return complete_change(entry, drop_report(after), now=now)


def is_repeat(entry: Entry, act: CuratorAct, *, seen: int) -> bool:
    """Whether the only change since ``seen`` is this act: the same form came twice."""
    if entry.review_number != seen + 1 or not entry.history:
        return False
    last = entry.history[-1]
    return last.by == "curator" and CuratorAct(last.what, last.who, last.reason, last.comment) == act


def write_remark(entry: Entry, *, id: str, text: str, by: str, now: str) -> EntryChange:  # noqa: A002 - the remark's word
    """Write to the organisation, which answers what it asked; a repeated id changes nothing. Raises ThreadFull."""
    if any(each.id == id for each in entry.remarks):
        return entry, ()
    check_room([each.text for each in entry.remarks if each.by == "curator"], text)
    remark = EntryRemark(id, "curator", by, now, text)
    return complete_change(entry, replace(entry, remarks=(*entry.remarks, remark), unanswered=False), now=now)


def write_note(entry: Entry, *, id: str, text: str, by: str, now: str) -> EntryChange:  # noqa: A002 - the note's word
    """Write to the other curators only; a repeated id changes nothing. Raises ThreadFull."""
    if any(each.id == id for each in entry.notes):
        return entry, ()
    check_room([each.text for each in entry.notes], text)
    return complete_change(entry, replace(entry, notes=(*entry.notes, Note(id, by, now, text))), now=now)


def check_repeat(written: Iterable[EntryRemark | Note], id: str, text: str) -> None:  # noqa: A002 - the remark's word
    """Raises RemarkIdTaken."""
    if any(each.id == id and each.text != text for each in written):
        raise RemarkIdTaken


def settle(entry: Entry, *, now: str) -> EntryChange:
    """Say that the organisation's remark needs no answer."""
    if not entry.unanswered:
        return entry, ()
    return complete_change(entry, replace(entry, unanswered=False), now=now)


def decide(
    entry: Entry, decision: DecisionKind, *, by: str, now: str, reason: str | None = None, comment: str | None = None
) -> EntryChange:
    """Raises as the three decisions."""
    if decision == "accept":
        return accept(entry, by=by, now=now, comment=comment)
    if decision == "reject":
        return reject(entry, reason=reason, by=by, now=now, comment=comment)
    return request_changes(entry, by=by, now=now, comment=comment)


def _keep_stop(entry: Entry, proposal: Proposal | Report) -> Stop | None:
    """An accepted version ends every stop but a postponement of dates that it keeps."""
    dated = find_dated_version(entry, proposal.event.dates) or proposal.version
    return entry.stop if entry.stop and entry.stop.kind == "postponed" and dated <= entry.stop.version else None


def _make_live(entry: Entry, proposal: Proposal | Report) -> Live:
    dated = find_dated_version(entry, proposal.event.dates)
    return Live(
        version=proposal.version, event=proposal.event, dated_version=dated if dated != proposal.version else None
    )


def _require_waiting(entry: Entry) -> Proposal:
    if entry.proposal is None or not entry.waiting:
        raise NotWaiting
    return entry.proposal


def _require_report(entry: Entry) -> Report:
    if entry.report is None or not get_reported_facts(entry):
        raise NothingReported
    return entry.report


def _add_history(
    entry: Entry,
    what: Action,
    version: int,
    *,
    by: str,
    now: str,
    reason: str | None = None,
    comment: str | None = None,
) -> Entry:
    line = HistoryEntry(by="curator", who=by, when=now, what=what, version=version, reason=reason, comment=comment)
    return replace(entry, history=(*entry.history, line)[-MAX_HISTORY:], unanswered=False)
