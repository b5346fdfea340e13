"""Where a row's events lie in time, so that a row can ask for its own."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from faults.history import Content, title_of

FIRST_YEAR = 2027


@dataclass(frozen=True, slots=True)
class Window:
    """A month in which all events of one row take place."""

    number: int

    @property
    def year(self) -> int:
        """The year."""
        return FIRST_YEAR + self.number // 12

    @property
    def days(self) -> tuple[str, str]:
        """Its first and its last day."""
        month = self.number % 12 + 1
        start = f"{self.year}-{month:02}"
        return f"{start}-01", f"{start}-{monthrange(self.year, month)[1]}"

    @property
    def filters(self) -> Mapping[str, str]:
        """What a feed is asked for."""
        first, last = self.days
        return {"from": first, "to": last}

    def token(self, count: int) -> str:
        """Name an event of this window."""
        return f"F{self.number}-{count}"

    def has(self, content: Content) -> bool:
        """Tell whether a text is about an event of this window."""
        return content.token.startswith(f"F{self.number}-")

    def event(self, content: Content) -> dict[str, Any]:
        """Write an event as an organisation sends it."""
        first, _last = self.days
        return {
            "title": {"pl": title_of(content)},
            "summary": {"pl": f"Wydarzenie {content.token}, tekst {content.ordinal}."},
            "category": "maritime",
            "dates": {"certainty": "exact", "start": first, "end": first},
            "venue": {"name": "Wały Chrobrego", "town": "Szczecin", "county": "3262"},
        }
