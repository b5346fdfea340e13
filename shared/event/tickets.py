"""Whether there are tickets: what an accepted version says, and what its organisation stated apart from any. Pure."""

from __future__ import annotations

from typing import Final, TypeVar

from msgspec.structs import replace

from shared.event.model import Event

TAGGED: Final = frozenset({"few_left", "sold_out", "registration_required"})
"""What a visitor must know before coming, and a list therefore says."""
AnyEvent = TypeVar("AnyEvent", bound=Event)


def apply_statement(event: AnyEvent, version: int, stated: str | None, stated_at: int | None) -> AnyEvent:
    """Return the event of a version with the availability that holds: of the two that say something, the later."""
    later_content = event.tickets.availability is not None and version > (stated_at or 0)
    if stated is None or later_content or event.tickets.availability == stated:
        return event
    return replace(event, tickets=replace(event.tickets, availability=stated))
