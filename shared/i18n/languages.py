"""The languages we know, and the fallback for a missing text: language, then English, then Polish."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from babel import Locale

FALLBACKS: Final = ("en", "pl")
"""Where a missing text is looked for, in this order; Polish comes last because every event has it."""

_TAG: Final = re.compile(r"([A-Za-z]{2,3})(?:[-_][A-Za-z0-9]{1,8})*")


class UnknownLanguage(LookupError):
    def __init__(self, code: str) -> None:
        super().__init__(f"no language is known by the code {code!r}; known are {', '.join(LANGUAGES)}")
        self.code = code


@dataclass(frozen=True, slots=True)
class Language:
    """``code`` is BCP 47, ``own_name`` as its speakers call it, ``locale_name`` as CLDR spells it."""

    code: str
    own_name: str
    locale_name: str


LANGUAGES: Final[Mapping[str, Language]] = MappingProxyType(
    {
        language.code: language
        for language in (
            Language("pl", "polski", "pl_PL"),
            Language("en", "English", "en_GB"),
            Language("de", "Deutsch", "de_DE"),
            Language("cs", "čeština", "cs_CZ"),
            Language("uk", "українська", "uk_UA"),
            Language("es", "español", "es_ES"),
            Language("fr", "français", "fr_FR"),
            Language("hu", "magyar", "hu_HU"),
            Language("it", "italiano", "it_IT"),
            Language("ja", "日本語", "ja_JP"),
            Language("nl", "Nederlands", "nl_NL"),
            Language("sv", "svenska", "sv_SE"),
            Language("zh", "中文", "zh_Hans_CN"),
        )
    }
)
"""Every language by its code: the five of the project, then those of the offices abroad."""


def get_language(code: str) -> Language:
    """Raises UnknownLanguage."""
    try:
        return LANGUAGES[code]
    except KeyError:
        raise UnknownLanguage(code) from None


def get_base_language(tag: str) -> str:
    """Give the code of a language that is named by a BCP 47 tag, in any case: ``de-AT`` is ``de``.

    What is no such tag stays as it is.
    """
    found = _TAG.fullmatch(tag)
    return found[1].lower() if found else tag


def get_locale(code: str) -> Locale:
    """Raises UnknownLanguage."""
    return Locale.parse(get_language(code).locale_name)


def choose_text(texts: Mapping[str, str], language: str) -> tuple[str, str] | None:
    """Choose the text in a language or its fallback, with the code of its actual language; None if there is neither."""
    # A blank text counts as missing.
    for code in (language, *FALLBACKS):
        if texts.get(code, "").strip():
            return texts[code], code
    return None
