"""Access to single public events."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from services.distribution.presentation.quarantine import Variant
from services.distribution.problems import NoLongerPublic
from services.distribution.programme.indexed_event import IndexedEvent
from services.distribution.programme.model import Programme
from services.distribution.programme.selection import Selection
from services.distribution.state import State
from shared.i18n.text import _
from shared.messages import EventPublished
from shared.web.problems import NotFound

CANNOT_BE_SHOWN: Final = _("This event cannot be shown at the moment. We know about it.")
Rendered = TypeVar("Rendered")


def find_public_event(programme: Programme, event_id: str) -> IndexedEvent:
    """Raises NoLongerPublic: the event was withdrawn."""
    # Raises NotFound: there is none, or it is for other channels only.
    event = programme.get(event_id)
    if event is None and programme.is_withdrawn(event_id):
        raise NoLongerPublic
    if event is None or not Selection().matches(event):
        raise NotFound(_("There is no such event in the programme."))
    return event


def render_public_event(
    state: State, variant: Variant, event_id: str, render: Callable[[EventPublished], Rendered]
) -> Rendered:
    """Raises NoLongerPublic: the event was withdrawn."""
    # Raises NotFound: there is none, it is for other channels only, or it cannot be rendered.
    made = state.quarantine.render(variant, find_public_event(state.programme, event_id), render)
    if made is None:
        raise NotFound(CANNOT_BE_SHOWN)
    return made
