"""The address of a feed: query, format, and for a page the position after which it starts."""

from __future__ import annotations

from typing import NamedTuple

from services.distribution.presentation.quarantine import Variant
from services.distribution.programme.indexed_event import NewsPosition
from services.distribution.programme.selection import Query


class FeedAddress(NamedTuple):
    query: Query
    format: str
    after: NewsPosition | None = None

    @property
    def variant(self) -> Variant:
        return Variant(self.format, self.query.language)
