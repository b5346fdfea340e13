"""For whom an event is, and whether it is under a roof, in every language of feeds: ``phrases.po``. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from shared.event.model import Ages, Event
from shared.i18n.text import gettext_noop, load_phrases

AUDIENCE: Final[Mapping[str, str]] = {
    "families": gettext_noop("families"),
    "children": gettext_noop("children"),
    "seniors": gettext_noop("seniors"),
    "school_groups": gettext_noop("school groups"),
}
SETTING: Final[Mapping[str, str]] = {
    "indoors": gettext_noop("indoors"),
    "outdoors": gettext_noop("outdoors"),
}
_AGED: Final = gettext_noop("%(group)s (age %(ages)s)")


def list_audience(event: Event, language: str) -> list[str]:
    """List the groups, children with their ages; without codes of a later release."""
    ages = format_ages(event.ages)
    aged = load_phrases(language).gettext(_AGED)
    return [
        aged % {"group": label, "ages": ages} if code == "children" and ages else label
        for code, label in _label(event.audience, AUDIENCE, language)
    ]


def list_settings(event: Event, language: str) -> list[str]:
    """Without codes of a later release."""
    return [label for _code, label in _label(event.setting, SETTING, language)]


def format_ages(ages: Ages) -> str:
    """Return ``3–12``, ``6``, ``6+`` or ``0–12``; nothing if none is known."""
    if ages.max is None:
        return "" if ages.min is None else f"{ages.min}+"
    youngest = ages.min or 0
    return str(youngest) if youngest == ages.max else f"{youngest}–{ages.max}"


def _label(codes: Iterable[str], labels: Mapping[str, str], language: str) -> list[tuple[str, str]]:
    translate = load_phrases(language).gettext
    return [(code, translate(labels[code])) for code in codes if code in labels]
