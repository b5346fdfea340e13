"""Collation: the order of texts in a language, by CLDR's rules. Pure.

pyuca's default table is right for German, English and most others. Where CLDR counts a letter as separate, the letter
is replaced by its base letter and a sign that sorts after all others: ``ą`` after every ``a…``, before ``b``. A test
compares with ICU. Not implemented: Hungarian digraphs, readings of Chinese and Japanese, and that Ukrainian sorts
Cyrillic before Latin letters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from itertools import product
from typing import Final

from pyuca import Collator

Key = tuple[int, ...]
MAX_LETTERS: Final = 200
"""So much of a text decides where it stands; longer ones would only take longer."""

_LAST: Final = 0x10FFF0
"""A code point without a character: its weight is greater than that of any letter."""
_LETTERS: Final[Mapping[str, Mapping[str, Sequence[str]]]] = {
    "pl": {"a": "ą", "c": "ć", "e": "ę", "l": "ł", "n": "ń", "o": "ó", "s": "ś", "z": "źż"},
    "cs": {"c": "č", "h": ("ch",), "r": "ř", "s": "š", "z": "ž"},
    "uk": {"г": "ґ", "і": "ї"},
    "es": {"n": "ñ"},
    "sv": {"z": "åäö"},
}
"""By language: the letters that follow a base letter."""


def load_collation() -> None:
    """Load the table now: it takes a tenth of a second, which no request should wait for."""
    _get_collator()


@lru_cache(maxsize=20_000)
def build_collation_key(text: str, language: str) -> Key:
    composed = unicodedata.normalize("NFC", text[:MAX_LETTERS])
    letters, written = _get_tailoring(language)
    if letters:
        composed = letters.sub(lambda match: written[match[0]], composed)
    key: Key = _get_collator().sort_key(composed)
    return key


@cache
def _get_collator() -> Collator:
    return Collator()


@cache
def _get_tailoring(language: str) -> tuple[re.Pattern[str] | None, Mapping[str, str]]:
    """A pattern of a language's separate letters, and how each is written, in every mixture of cases."""
    written: dict[str, str] = {}
    for base, letters in _LETTERS.get(language, {}).items():
        for place, letter in enumerate(letters):
            for cased in map("".join, product(*((each, each.upper()) for each in letter))):
                written[cased] = (base.upper() if cased[0].isupper() else base) + chr(_LAST + place)
    return (re.compile("|".join(map(re.escape, written))) if written else None), written
