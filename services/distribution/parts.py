"""An umbrella event and its parts, as far as they are public."""

from __future__ import annotations

from collections.abc import Iterable

from services.distribution.presentation.localized_event import LocalizedEvent, localize
from services.distribution.presentation.quarantine import Variant
from services.distribution.programme.indexed_event import IndexedEvent
from services.distribution.programme.selection import Selection
from services.distribution.state import State


def list_public_parts(state: State, umbrella_id: str) -> list[IndexedEvent]:
    return [each for each in state.programme.list_parts(umbrella_id) if Selection().matches(each)]


def find_public_umbrella(state: State, event: IndexedEvent) -> IndexedEvent | None:
    """None if it is part of nothing, or of what is not public."""
    found = state.programme.get(event.part_of) if event.part_of else None
    return found if found and Selection().matches(found) else None


def localize_all(state: State, events: Iterable[IndexedEvent], language: str) -> list[LocalizedEvent]:
    """Without those that cannot be read."""
    variant = Variant("page", language)
    found = (
        state.quarantine.render(variant, each, lambda message: localize(message, language, state.site))
        for each in events
    )
    return [each for each in found if each]
