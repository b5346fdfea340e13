"""What a feed says in its own language, beside the texts of the events.

One :class:`Words` a language: those of the public feeds in ``site.py``, those of the offices abroad in ``offices.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from services.distribution.formats.words.accessibility import ACCESSIBILITY
from services.distribution.formats.words.offices import ES, FR, HU, IT, JA, NL, SV, ZH
from services.distribution.formats.words.phrases import Words
from services.distribution.formats.words.site import CS, DE, EN, PL, UK

__all__ = ["WORDS", "Words", "accessibility_word", "words_in"]

WORDS: Final[Mapping[str, Words]] = MappingProxyType(
    {
        "pl": PL,
        "en": EN,
        "de": DE,
        "cs": CS,
        "uk": UK,
        "es": ES,
        "fr": FR,
        "hu": HU,
        "it": IT,
        "ja": JA,
        "nl": NL,
        "sv": SV,
        "zh": ZH,
    }
)
"""The words by the feed's language; a feed exists in exactly these."""


def words_in(language: str) -> Words:
    """Give a language's words.

    Raises:
        KeyError: if no feed speaks it.

    """
    return WORDS[language]


def accessibility_word(code: str, language: str) -> str | None:
    """Say a provision for accessibility in a language; None if the code is not one we know."""
    known = ACCESSIBILITY.get(code)
    return known[language] if known else None
