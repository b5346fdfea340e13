"""JSON of an event of the programme."""

from __future__ import annotations

from typing import Any

from services.calendar.entry.model import Entry, get_live_status, get_public_event
from shared.event.model import serialize_part


def serialize_event(entry: Entry) -> dict[str, Any]:
    event = get_public_event(entry)
    return {
        "id": entry.id,
        "revision": entry.revision,
        "status": get_live_status(entry),
        "organisation": {"slug": entry.organiser.slug, "name": entry.organiser.name},
        "external_id": entry.external_id,
        "published_at": entry.published_at,
        "changed_at": entry.changed_at,
        "version": entry.live.version if entry.live else None,
        "event": serialize_part(event) if event else None,
    }
