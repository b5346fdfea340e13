"""What the organiser reported and no curator has looked at, in every language of feeds: ``phrases.po``. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from shared.i18n.text import gettext_noop, load_phrases

FACTS: Final[Mapping[str, str]] = {
    "dates": gettext_noop("dates"),
    "status": gettext_noop("cancelled or moved dates"),
    "availability": gettext_noop("tickets"),
    "venue": gettext_noop("place"),
}
_REPORTED: Final = gettext_noop("Reported by the organiser, not checked yet: %(facts)s.")


def name_facts(facts: Iterable[str], language: str) -> str:
    """A fact of a later release by its code."""
    gettext = load_phrases(language).gettext
    return ", ".join(gettext(FACTS[each]) if each in FACTS else each for each in facts)


def describe_report(facts: Iterable[str], language: str) -> str:
    """Return a sentence; nothing without facts."""
    named = name_facts(facts, language)
    return load_phrases(language).gettext(_REPORTED) % {"facts": named} if named else ""
