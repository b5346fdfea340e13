"""JSON of an entry."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import msgspec

from services.calendar.entry.diff import list_changes
from services.calendar.entry.documents import write_content
from services.calendar.entry.model import (
    Entry,
    Live,
    Report,
    get_accepted_event,
    get_live_status,
    get_postponing_side,
    get_proposed_event,
    get_reported_facts,
    get_review_state,
)
from shared.event.assessment import serialize_counts, serialize_readiness
from shared.event.model import Event


def serialize_summary(entry: Entry, languages: Collection[str]) -> dict[str, Any]:
    """``languages`` are those in which an event should have texts."""
    compared = entry.live is not None and entry.proposal is not None
    return {
        "id": entry.id,
        "review_number": entry.review_number,
        "state": get_review_state(entry),
        "organisation": {"slug": entry.organiser.slug, "name": entry.organiser.name},
        "external_id": entry.external_id,
        "proposal": write_content(entry.proposal) if entry.proposal else None,
        "live": _serialize_live(entry, entry.live) if entry.live else None,
        "availability": entry.availability,
        "reported": _serialize_shown(entry.report) if entry.report and get_reported_facts(entry) else None,
        "differences": len(_serialize_changes(entry)) if compared else None,
        "revision": entry.revision,
        **serialize_counts(_get_assessed(entry), languages),
    }


def _get_assessed(entry: Entry) -> Event:
    """What a curator looks at: what waits, else what was accepted."""
    return get_proposed_event(entry) or get_accepted_event(entry) or entry.event


def _serialize_live(entry: Entry, live: Live) -> dict[str, Any]:
    return _serialize_shown(live) | {"status": get_live_status(entry), "postponed": get_postponing_side(entry)}


def _serialize_shown(content: Live | Report) -> dict[str, Any]:
    return {name: value for name, value in write_content(content).items() if name != "dated_version"}


def serialize_review(entry: Entry, languages: Collection[str], reader: str) -> bytes:
    """``reader`` is the language of the hints."""
    found = {
        **serialize_summary(entry, languages),
        **serialize_readiness(_get_assessed(entry), languages, reader),
        "changes": _serialize_changes(entry),
        "history": msgspec.to_builtins(entry.history),
        "remarks": msgspec.to_builtins(entry.remarks),
        "notes": msgspec.to_builtins(entry.notes),
    }
    return msgspec.json.encode(found)


def _serialize_changes(entry: Entry) -> list[dict[str, Any]]:
    live, proposal = get_accepted_event(entry), get_proposed_event(entry)
    if live is None or proposal is None:
        return []
    found: list[dict[str, Any]] = msgspec.to_builtins(list_changes(live, proposal))
    return found
