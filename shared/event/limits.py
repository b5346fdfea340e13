"""Limits of a curator: the counties and categories of the events that they decide on. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from shared.event.model import Event


@dataclass(frozen=True, slots=True)
class Limits:
    """An empty collection does not limit; of an event's categories the main one counts."""

    counties: Collection[str] = ()
    categories: Collection[str] = ()

    def __bool__(self) -> bool:
        return bool(self.counties or self.categories)

    def allow(self, event: Event) -> bool:
        return self.allow_codes(event.venue.county, event.category)

    def allow_codes(self, county: str, category: str) -> bool:
        return (not self.counties or county in self.counties) and (not self.categories or category in self.categories)
