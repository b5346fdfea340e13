"""JSON of an event's readiness and completeness. Pure."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from shared.event.completeness import measure_completeness
from shared.event.model import Event
from shared.event.readiness import assess


def serialize_readiness(event: Event, languages: Collection[str], reader: str) -> dict[str, Any]:
    """Readiness and completeness of an event: for programs, and in its reader's language."""
    found = assess(event, languages)
    hints = [
        {
            "field": each.field,
            "code": each.code,
            "message": each.describe(reader),
            "words": each.excerpt.words if each.excerpt else None,
        }
        for each in found.hints
    ]
    return {
        "readiness": {"met": found.met, "total": found.total, "hints": hints},
        "completeness": serialize_completeness(event, languages),
    }


def serialize_counts(event: Event, languages: Collection[str]) -> dict[str, Any]:
    """The numbers alone, for lists."""
    found = assess(event, languages)
    return {
        "readiness": {"met": found.met, "total": found.total},
        "completeness": serialize_completeness(event, languages),
    }


def serialize_completeness(event: Event, languages: Collection[str]) -> dict[str, Any]:
    counted = measure_completeness(event, languages)
    return {each.language: {"filled": each.filled, "total": each.total} for each in counted}
