"""Every event rendered once per revision, language and format; and the quarantine of those that cannot be.

What cannot be rendered stays out of the feeds alone, is logged once and counted, and is named by ``/readyz``, until a
revision comes that can.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import structlog

from services.distribution.chunks import Block, make_block
from services.distribution.formats import Format
from services.distribution.programme import Listing, decode


class Kind(NamedTuple):
    """One way to write an event: a format, by its extension, and a language."""

    extension: str
    language: str


class Quarantined(NamedTuple):
    """An event that a format could not write, and why."""

    event_id: str
    revision: int
    kind: Kind
    reason: str


class Blocks:
    """The rendered events of every kind that is in use."""

    def __init__(self, formats: Mapping[str, Format]) -> None:
        self._formats = formats
        self._kinds: dict[Kind, dict[str, tuple[int, Block | None]]] = {}
        self._quarantine: dict[tuple[str, Kind], Quarantined] = {}
        self._log = structlog.get_logger()
        self.rendered = 0
        """How many blocks were rendered since the start."""
        self.failed = 0
        """How many of them failed."""

    @property
    def quarantine(self) -> list[Quarantined]:
        """The events that are missing from feeds at this moment, because they could not be rendered."""
        return sorted(self._quarantine.values())

    def is_rendered(self, kind: Kind, listing: Listing) -> bool:
        """Tell whether :meth:`block` will cost nothing."""
        return self._kinds.get(kind, {}).get(listing.id, (0, None))[0] == listing.revision

    def block(self, kind: Kind, listing: Listing) -> Block | None:
        """Give an event's block, rendered now if it was not yet; None if it cannot be rendered."""
        blocks = self._kinds.setdefault(kind, {})
        known = blocks.get(listing.id)
        if known is None or known[0] != listing.revision:
            known = (listing.revision, self._render(kind, listing))
            blocks[listing.id] = known
        return known[1]

    def forget_event(self, event_id: str) -> None:
        """Drop an event that is no longer public."""
        for kind, blocks in self._kinds.items():
            blocks.pop(event_id, None)
            self._quarantine.pop((event_id, kind), None)

    def forget_kind(self, kind: Kind) -> None:
        """Drop a kind that no feed uses any more."""
        for event_id in self._kinds.pop(kind, {}):
            self._quarantine.pop((event_id, kind), None)

    def _render(self, kind: Kind, listing: Listing) -> Block | None:
        self.rendered += 1
        try:
            body = self._formats[kind.extension].block(decode(listing), kind.language)
        except Exception as error:  # noqa: BLE001 - whatever a library raises, only this event stays out
            self._isolate(Quarantined(listing.id, listing.revision, kind, f"{type(error).__name__}: {error}"))
            return None
        self._quarantine.pop((listing.id, kind), None)
        return make_block(body, listing.changed)

    def _isolate(self, event: Quarantined) -> None:
        self.failed += 1
        self._quarantine[event.event_id, event.kind] = event
        self._log.error(
            "event_not_rendered",
            event_id=event.event_id,
            revision=event.revision,
            format=event.kind.extension,
            language=event.kind.language,
            reason=event.reason,
        )
