"""Readiness and completeness of an event, for ``parts/readiness.html``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from shared.event.completeness import format_completeness
from shared.event.model import Event
from shared.event.readiness import Excerpt, assess
from shared.i18n.text import _, translate
from shared.region import Region

Describe = Callable[[str], tuple[str, str]]
"""Return label and input of a field, by its path in the event; the input is empty where the page has no form."""


@dataclass(frozen=True, slots=True)
class HintLine:
    """``lang`` is the excerpt's."""

    label: str
    id: str
    text: str
    lang: str
    excerpt: Excerpt | None


@dataclass(frozen=True, slots=True)
class ReadinessView:
    """``badge`` counts the rules that are met, in words; ``completeness`` is like "pl 3/3, en 1/3, de 0/3"."""

    badge: str
    is_ready: bool
    completeness: str
    hints: Sequence[HintLine]


def make_readiness_view(event: Event, region: Region, language: str, describe: Describe) -> ReadinessView:
    found = assess(event, region.languages.texts)
    hints = [
        HintLine(*describe(each.field), each.describe(language), each.language, each.excerpt) for each in found.hints
    ]
    return ReadinessView(
        badge=format_badge(event, region, language),
        is_ready=found.is_ready,
        completeness=format_texts(event, region),
        hints=hints,
    )


def format_badge(event: Event, region: Region, language: str) -> str:
    found = assess(event, region.languages.texts)
    return translate(_("%(met)s of %(total)s rules", met=found.met, total=found.total), language)


def format_texts(event: Event, region: Region) -> str:
    """Of the languages in which an event should have texts, those of feeds, and others that it has."""
    languages = (*region.languages.texts, *region.languages.feeds, *event.title, *event.summary)
    return format_completeness(event, dict.fromkeys(languages))
