"""The quarantine: events that cannot be read or rendered; each stays out alone.

Each is logged once, counted and listed in ``/readyz``. An event that cannot be read in any language is set aside in the
programme until a new revision arrives; one that a format cannot render is missing only there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple, TypeVar

import msgspec
import structlog

from services.distribution.presentation.localized_event import InvalidEvent
from services.distribution.programme.indexed_event import IndexedEvent, decode
from shared.messages import EventPublished

Rendered = TypeVar("Rendered")


class Variant(NamedTuple):
    """A format, by its extension (or ``page``, ``api``), and a language."""

    format: str
    language: str


class QuarantinedEvent(NamedTuple):
    event_id: str
    revision: int
    variant: Variant
    reason: str


class Quarantine:
    """``set_aside`` removes an event from the programme by its id."""

    def __init__(self, set_aside: Callable[[str], None] | None = None) -> None:
        self._set_aside = set_aside
        self._events: dict[str, dict[Variant, QuarantinedEvent]] = {}
        self._log = structlog.get_logger()
        self.failure_count = 0
        """How many attempts failed since the start."""

    @property
    def events(self) -> list[QuarantinedEvent]:
        return sorted(each for kinds in self._events.values() for each in kinds.values())

    def render(
        self, variant: Variant, event: IndexedEvent, render: Callable[[EventPublished], Rendered]
    ) -> Rendered | None:
        """Render an event; None if that fails, for whatever reason."""
        try:
            made = render(decode(event))
        except Exception as error:  # noqa: BLE001 - whatever a library raises, only this event stays out
            self._isolate(variant, event, error)
            return None
        if event.id in self._events:
            self._events[event.id].pop(variant, None)
        return made

    def forget_events(self, event_ids: Iterable[str]) -> None:
        if self._events:
            for event_id in event_ids:
                self._events.pop(event_id, None)

    def forget_variant(self, variant: Variant) -> None:
        for kinds in self._events.values():
            kinds.pop(variant, None)

    def _isolate(self, variant: Variant, event: IndexedEvent, error: Exception) -> None:
        is_unreadable = isinstance(error, InvalidEvent | msgspec.MsgspecError)
        cause = error.__cause__ or error
        found = QuarantinedEvent(event.id, event.revision, variant, f"{type(cause).__name__}: {cause}")
        self.failure_count += 1
        kinds = self._events.setdefault(event.id, {})
        if kinds.get(variant) != found:
            self._log.error(
                "event_unreadable" if is_unreadable else "event_not_rendered",
                event_id=event.id,
                revision=event.revision,
                format=variant.format,
                language=variant.language,
                reason=found.reason,
            )
        kinds[variant] = found
        if is_unreadable and self._set_aside:
            self._set_aside(event.id)
