"""How the API answers: an entry, and an event of the programme, as JSON."""

from __future__ import annotations

from typing import Any

import msgspec

from services.calendar.domain.differences import changes
from services.calendar.domain.entry import Entry, live_status, review_state


def in_list(entry: Entry) -> dict[str, Any]:
    """Give an entry as a list shows it."""
    compared = entry.live is not None and entry.proposal is not None
    return {
        "id": entry.id,
        "review_number": entry.review_number,
        "state": review_state(entry),
        "organisation": {"slug": entry.organiser.slug, "name": entry.organiser.name},
        "external_id": entry.external_id,
        "proposal": msgspec.to_builtins(entry.proposal),
        "live": msgspec.to_builtins(entry.live) | {"status": live_status(entry)} if entry.live else None,
        "differences": len(_changes(entry)) if compared else None,
        "revision": entry.revision,
    }


def in_full(entry: Entry) -> bytes:
    """Write an entry with its differences and its history."""
    found = {
        **in_list(entry),
        "changes": _changes(entry),
        "history": msgspec.to_builtins(entry.history),
    }
    return msgspec.json.encode(found)


def in_programme(entry: Entry) -> dict[str, Any]:
    """Give what is public of an entry as the programme lists it."""
    return {
        "id": entry.id,
        "revision": entry.revision,
        "status": live_status(entry),
        "organisation": {"slug": entry.organiser.slug, "name": entry.organiser.name},
        "external_id": entry.external_id,
        "published_at": entry.published_at,
        "changed_at": entry.changed_at,
        "version": entry.live.version if entry.live else None,
        "event": entry.live.event if entry.live else None,
    }


def _changes(entry: Entry) -> list[dict[str, Any]]:
    if entry.live is None or entry.proposal is None:
        return []
    found: list[dict[str, Any]] = msgspec.to_builtins(changes(entry.live.event, entry.proposal.event))
    return found
