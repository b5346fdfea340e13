"""The languages we know, and which text stands in for one that is missing (design section 9)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from babel import Locale

STAND_INS: Final = ("en", "pl")
"""Where a missing text is looked for, in this order; Polish comes last because every event has it."""


class LanguageUnknown(LookupError):
    """No language we know has this code."""

    def __init__(self, code: str) -> None:
        super().__init__(f"no language is known by the code {code!r}; known are {', '.join(LANGUAGES)}")
        self.code = code


@dataclass(frozen=True, slots=True)
class Language:
    """A language: its BCP 47 code, how its speakers call it, and its locale in CLDR's spelling."""

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


def language(code: str) -> Language:
    """Look a language up by its code.

    Raises:
        LanguageUnknown: if we know none by it.

    """
    try:
        return LANGUAGES[code]
    except KeyError:
        raise LanguageUnknown(code) from None


def locale(code: str) -> Locale:
    """Give Babel's locale for a language's code: its month names, plurals and order of a date.

    Raises:
        LanguageUnknown: if we know none by it.

    """
    return Locale.parse(language(code).locale_name)


def text_in(texts: Mapping[str, str], language: str) -> tuple[str, str] | None:
    """Give the text in a language or its stand-in (language → en → pl), and the code of the one it really is in.

    A text that is empty or blank counts as missing. None if there is neither the text nor a stand-in.
    """
    for code in (language, *STAND_INS):
        if texts.get(code, "").strip():
            return texts[code], code
    return None
