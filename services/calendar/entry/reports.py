"""Reports: facts of a public event that are shown at once, and marked, until a curator has looked (decision 0037)."""

from __future__ import annotations

from collections.abc import Collection

from msgspec.structs import replace

from services.calendar.entry.model import (
    Entry,
    Report,
    find_dated_version,
    get_accepted_event,
    get_live_status,
    get_proposed_event,
)
from services.calendar.entry.publication import find_broken_dates
from shared.event.facts_at_once import Fact, agree_on, find_changed_facts


def update_report(before: Entry, after: Entry, at_once: Collection[Fact]) -> Entry:
    """Return the entry after new content, which is shown at once if it changes nothing but facts ``at_once``.

    Facts that were reported before stay while the new content says the same of them; what its organisation no longer
    says, and no curator has looked at, is not shown.
    """
    report = _find_report(after, at_once)
    if report is not None:
        report = replace(report, dated_version=find_dated_version(before, report.event.dates))
        return replace(after, report=report, previous_dates=find_broken_dates(before, report.event))
    earlier, proposal = before.report, after.proposal
    holds = earlier is not None and proposal is not None and agree_on(earlier.event, proposal.event, earlier.facts)
    return after if holds else drop_report(after)


def _find_report(entry: Entry, at_once: Collection[Fact]) -> Report | None:
    accepted, proposed, proposal = get_accepted_event(entry), get_proposed_event(entry), entry.proposal
    if accepted is None or proposed is None or proposal is None or get_live_status(entry) != "confirmed":
        return None
    facts = find_changed_facts(accepted, proposed)
    if not facts or not set(facts) <= set(at_once) or accepted.dates.start[:4] != proposed.dates.start[:4]:
        return None
    return Report(version=proposal.version, event=proposal.event, facts=facts)


def drop_report(entry: Entry) -> Entry:
    """Return the entry with what was accepted last in place of what was reported."""
    if entry.report is None or entry.live is None:
        return entry
    return replace(entry, report=None, previous_dates=find_broken_dates(entry, entry.live.event))


def take_back(entry: Entry) -> Entry:
    """As :func:`drop_report`, by a curator: the organisation is told."""
    return replace(drop_report(entry), taken_back_version=entry.report.version) if entry.report else entry
