"""Completeness: how many of an event's texts each language has. Pure."""

from __future__ import annotations

from collections.abc import Iterable
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
    """Count title, summary and description; the price if there is one in words, and a description of each picture."""
    texts = [event.title, event.summary, event.description, *(each.alt for each in event.images)]
    if event.tickets.price:
        texts.append(event.tickets.price)
    return [
        Completeness(code, sum(bool(each.get(code, "").strip()) for each in texts), len(texts)) for code in languages
    ]


def format_completeness(event: Event, languages: Iterable[str]) -> str:
    """Return "pl 3/3, en 1/3, de 0/3"."""
    return ", ".join(str(each) for each in measure_completeness(event, languages))
