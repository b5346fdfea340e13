"""What a message about a submission makes of its entry.

A message carries the full state, so it does not matter whether earlier ones were seen, or seen twice.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import msgspec
from msgspec.structs import replace

from services.calendar.entry.model import (
    MAX_HISTORY,
    MAX_VERSION_BYTES,
    MAX_VERSIONS,
    Action,
    ContentVersion,
    Entry,
    EntryRemark,
    HistoryEntry,
    Proposal,
    get_live_status,
)
from services.calendar.entry.publication import EntryChange, complete_change
from services.calendar.entry.reports import drop_report, update_report
from shared.event.facts_at_once import Fact
from shared.event.model import parse_event
from shared.messages import Remark, SubmissionMessage
from shared.remarks import find_new


def receive(
    entry: Entry | None, message: SubmissionMessage, *, now: str, at_once: Collection[Fact] = ()
) -> EntryChange:
    """Apply a message to its entry; one that is not newer changes nothing but a statement that was not seen.

    New content becomes the waiting proposal, regardless of a decision on the old one; if it changes only facts
    ``at_once`` of what is public, they are shown before a curator has looked. A withdrawal removes the proposal
    unless newer content reopened it; a cancellation leaves it.

    Raises:
        msgspec.ValidationError: if the event cannot be read.

    """
    before = entry or Entry(id=message.submission_id, organiser=message.organiser, external_id=message.external_id)
    statement = _update_statements(before, message)
    if message.version == before.received_version and statement:  # a release that knows no statement consumed it
        return complete_change(before, replace(before, **statement), now=now)
    if message.version <= before.received_version:
        return before, ()
    news = message.content_version > before.content_version
    asked = find_new((each.id for each in before.remarks), message.remarks)
    after = replace(
        before,
        organiser=message.organiser,
        external_id=message.external_id,
        received_version=message.version,
        content_version=max(message.content_version, before.content_version),
        cancelled_at_version=message.cancelled_at_version,
        withdrawn_at_version=message.withdrawn_at_version,
        confirmed_at_version=message.confirmed_at_version,
        confirmed_at=message.confirmed_at,
        **statement,
        proposal=_update_proposal(before, message, news=news),
        contents=_trim_versions((*before.contents, _make_version(message))) if news else before.contents,
        history=(*before.history, *_list_actions(before, message))[-MAX_HISTORY:],
        remarks=(*before.remarks, *(_make_remark(each, message) for each in asked)),
        unanswered=before.unanswered or bool(asked),
    )
    if news:
        after = update_report(before, after, at_once)
    if get_live_status(after) == "withdrawn":
        after = drop_report(after)
    return complete_change(before, after, now=now)


def _update_proposal(before: Entry, message: SubmissionMessage, *, news: bool) -> Proposal | None:
    proposal = before.proposal
    if news:
        proposal = Proposal(
            version=message.content_version,
            state="waiting",
            event=parse_event(message.event),
            sent_at=message.sent_at,
            late=message.late,
        )
    withdrawn = proposal is not None and (message.withdrawn_at_version or 0) > proposal.version
    return None if withdrawn else proposal


def _update_statements(before: Entry, message: SubmissionMessage) -> dict[str, Any]:
    """What is stated apart from any content; a message of a release that knows no statement takes none back."""
    found: dict[str, Any] = {}
    for name in ("availability", "postponed"):
        version = f"{name}_at_version"
        if (getattr(message, version) or 0) > (getattr(before, version) or 0):
            found |= {name: getattr(message, name), version: getattr(message, version)}
    return found


def _make_remark(remark: Remark, message: SubmissionMessage) -> EntryRemark:
    return EntryRemark(remark.id, "organisation", message.organiser.name, remark.at, remark.text)


def _make_version(message: SubmissionMessage) -> ContentVersion:
    return ContentVersion(
        version=message.content_version,
        event=parse_event(message.event),
        sent_at=message.sent_at,
        late=message.late,
    )


def _trim_versions(contents: tuple[ContentVersion, ...]) -> tuple[ContentVersion, ...]:
    """Drop the oldest, never the last."""
    kept: list[ContentVersion] = []
    size = 0
    for content in reversed(contents):
        size += len(msgspec.json.encode(content.event))
        if kept and (size > MAX_VERSION_BYTES or len(kept) == MAX_VERSIONS):
            break
        kept.append(content)
    return tuple(reversed(kept))


def _list_actions(before: Entry, message: SubmissionMessage) -> list[HistoryEntry]:
    """Derive from the numbers what the organisation did since the last message, in the order of its versions."""
    done: list[tuple[Action, int, int]] = [
        ("sent", message.content_version, before.content_version),
        ("cancelled", message.cancelled_at_version or 0, before.cancelled_at_version or 0),
        ("withdrawn", message.withdrawn_at_version or 0, before.withdrawn_at_version or 0),
        (
            "postponed" if message.postponed else "reinstated",
            message.postponed_at_version or 0,
            before.postponed_at_version or 0,
        ),
    ]
    return [
        HistoryEntry(by="organisation", who=message.organiser.name, when=message.sent_at, what=what, version=version)
        for what, version, known in sorted(done, key=lambda each: each[1])
        if version > known
    ]
