"""Completeness: how many of an event's texts each language has. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shared.event.model import Event


@dataclass(frozen=True, slots=True)
class Completeness:
    language: str
    filled: int
    total: int

    def __str__(self) -> str:
        return f"{self.language} {self.filled}/{self.total}"


def measure_completeness(event: Event, languages: Iterable[str]) -> list[Completeness]:
    """Count title, summary and description; price and arrival if there are any, and a description of each picture."""
    texts = [event.title, event.summary, event.description, *(each.alt for each in event.images)]
    texts += [each for each in (event.arrival, event.tickets.price) if each]
    return [
        Completeness(code, sum(bool(each.get(code, "").strip()) for each in texts), len(texts)) for code in languages
    ]


def sum_completeness(counts: Iterable[Sequence[Completeness]]) -> list[Completeness]:
    """Add up what was counted of several events, in the order in which their languages come."""
    filled: dict[str, int] = {}
    total: dict[str, int] = {}
    for each in (each for counted in counts for each in counted):
        filled[each.language] = filled.get(each.language, 0) + each.filled
        total[each.language] = total.get(each.language, 0) + each.total
    return [Completeness(code, filled[code], total[code]) for code in filled]


def join_completeness(counted: Iterable[Completeness]) -> str:
    """Return "pl 3/3, en 1/3, de 0/3"."""
    return ", ".join(map(str, counted))


def format_completeness(event: Event, languages: Iterable[str]) -> str:
    """Return "pl 3/3, en 1/3, de 0/3"."""
    return join_completeness(measure_completeness(event, languages))
