"""Notices: an event that is already public is cancelled, postponed, moved or reinstated. Pure.

The newest message of an event carries its last notice, so that it suffices for every reader.
"""

from __future__ import annotations

from typing import Any

from shared.event.days import breaks_announcement
from shared.event.model import Dates, parse_part
from shared.messages import EventPublished, Notice


def is_moved(dates: Dates, previous_dates: dict[str, Any] | None) -> bool:
    """Raises msgspec.ValidationError if ``previous_dates`` are not dates."""
    if not previous_dates:
        return False
    return breaks_announcement(parse_part(previous_dates, Dates), dates)


def derive_notice(message: EventPublished) -> Notice | None:
    """The notice that a message carries, or that its state implies in messages of an earlier release."""
    if message.notice:
        return message.notice
    if message.postponed:
        return Notice("postponed", message.postponed.revision, message.postponed.at)
    if message.status == "cancelled":
        return Notice("cancelled", message.revision, message.changed_at)
    if is_moved(parse_part(message.event["dates"], Dates), message.previous_dates):
        return Notice("moved", message.revision, message.changed_at)
    return None
