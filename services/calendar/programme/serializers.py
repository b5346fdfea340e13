"""JSON of an event of the programme."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from services.calendar.entry.model import (
    Entry,
    get_live_status,
    get_postponing_side,
    get_public_content,
    get_public_event,
    get_reported_facts,
)
from shared.event.assessment import serialize_completeness
from shared.event.model import serialize_part


def serialize_event(entry: Entry, languages: Collection[str]) -> dict[str, Any]:
    """``languages`` are those in which an event should have texts."""
    event, public = get_public_event(entry), get_public_content(entry)
    return {
        "id": entry.id,
        "revision": entry.revision,
        "status": get_live_status(entry),
        "postponed": get_postponing_side(entry) is not None,
        "organisation": {"slug": entry.organiser.slug, "name": entry.organiser.name},
        "external_id": entry.external_id,
        "published_at": entry.published_at,
        "changed_at": entry.changed_at,
        "version": public.version if public else None,
        "reported": list(get_reported_facts(entry)),
        "event": serialize_part(event) if event else None,
        "completeness": serialize_completeness(event or entry.event, languages),
    }
