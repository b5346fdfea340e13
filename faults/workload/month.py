"""Time window of a row's events, so that a row can ask for its own."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from faults.history import EventText, write_title

FIRST_YEAR = 2027


@dataclass(frozen=True, slots=True)
class EventMonth:
    """A month in which all events of one row take place."""

    number: int

    @property
    def year(self) -> int:
        return FIRST_YEAR + self.number // 12

    @property
    def days(self) -> tuple[str, str]:
        month = self.number % 12 + 1
        start = f"{self.year}-{month:02}"
        return f"{start}-01", f"{start}-{monthrange(self.year, month)[1]}"

    @property
    def filters(self) -> Mapping[str, str]:
        first, last = self.days
        return {"from": first, "to": last}

    def name_token(self, count: int) -> str:
        return f"F{self.number}-{count}"

    def contains(self, content: EventText) -> bool:
        return content.token.startswith(f"F{self.number}-")

    def make_event(self, content: EventText) -> dict[str, Any]:
        first, _last = self.days
        return {
            "title": {"pl": write_title(content)},
            "summary": {"pl": f"Wydarzenie {content.token}, tekst {content.ordinal}."},
            "category": "maritime",
            "dates": {"certainty": "exact", "start": first, "end": first},
            "venue": {"name": "Wały Chrobrego", "town": "Szczecin", "county": "3262"},
        }
