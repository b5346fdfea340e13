"""What narrows a list of entries, as in the feeds: several values of one filter are or, several filters are and."""

from __future__ import annotations

import msgspec

from services.calendar.domain.entry import Matter
from shared.messages import ReviewState


class Selection(msgspec.Struct, frozen=True, kw_only=True):
    """Which entries are asked for; what is empty narrows nothing. ``year`` takes what overlaps it."""

    state: tuple[ReviewState, ...] = ()
    organisation: tuple[str, ...] = ()
    county: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    matter: tuple[Matter, ...] = ()
    year: int | None = None
