"""Selection of entries: several values of one filter are or, several filters are and."""

from __future__ import annotations

import msgspec

from services.calendar.entry.model import QueueReason
from shared.messages import ReviewState


class EntrySelection(msgspec.Struct, frozen=True, kw_only=True):
    """An empty filter narrows nothing; ``year`` selects what overlaps it.

    ``unanswered`` selects what has a remark of its organisation that no curator has answered.
    """

    state: tuple[ReviewState, ...] = ()
    organisation: tuple[str, ...] = ()
    county: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    queue_reason: tuple[QueueReason, ...] = ()
    year: int | None = None
    unanswered: bool = False
