"""Translated texts: English in the code, other languages in ``locale/*/LC_MESSAGES/messages.po``.

``_("Fill in this field.")`` marks a text where no reader is known yet: a ``str`` in Polish, the default, that can be
translated later. Catalogues are read once, as text; nothing is compiled. ``make words`` brings them up to date.
"""

from __future__ import annotations

from functools import cache
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Any, Final, Self

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

from shared.i18n.languages import get_language

SOURCE: Final = "en"
DEFAULT: Final = "pl"
"""The language of readers whose language we do not know, and of texts that a catalogue lacks."""
UI_LANGUAGES: Final = ("pl", "en", "de")
"""The languages of pages and answers."""
FOLDER: Final = Path(__file__).parent / "locale"


class Text(str):
    """A Polish text that can be given in other languages; ``params`` fill its ``%(name)s`` places."""

    # With ``plural`` the form follows ``params["num"]``. ``context`` distinguishes texts that are the same in English.

    __slots__ = ("context", "msgid", "params", "plural")

    msgid: str
    params: dict[str, Any]
    plural: str | None
    context: str | None

    def __new__(
        cls, msgid: str, params: dict[str, Any] | None = None, *, plural: str | None = None, context: str | None = None
    ) -> Self:
        made = super().__new__(cls, _translate(msgid, plural, context, params or {}, DEFAULT))
        made.msgid, made.params, made.plural, made.context = msgid, params or {}, plural, context
        return made

    def in_language(self, language: str) -> str:
        """Polish, if the language has no catalogue or lacks the text."""
        return _translate(self.msgid, self.plural, self.context, self.params, language)


def _(msgid: str, **params: Any) -> Text:  # noqa: ANN401 - whatever a place in the text can show
    return Text(msgid, params)


def n_(singular: str, plural: str, num: int, **params: Any) -> Text:  # noqa: ANN401 - whatever a place can show
    """Mark a text whose form follows the number ``num``, which it may show as ``%(num)s``."""
    return Text(singular, params | {"num": num}, plural=plural)


def p_(context: str, msgid: str) -> Text:
    """Mark one of several texts that are the same in English."""
    return Text(msgid, context=context)


def gettext_noop(msgid: str) -> str:
    """Mark a text for the catalogues only."""
    return msgid


def ngettext_noop(singular: str, plural: str) -> tuple[str, str]:
    """Mark a text with a number for the catalogues only."""
    return singular, plural


def translate(text: str, language: str) -> str:
    if isinstance(text, Text):
        return text.in_language(language)
    return load_translations(language).gettext(text) if text else text


@cache
def load_translations(language: str) -> NullTranslations:
    """A text that the language's catalogue lacks is Polish."""
    if language == SOURCE:
        return NullTranslations()
    if not _get_file(language, "messages").is_file():
        return load_translations(DEFAULT)
    translations = _compile(language, "messages")
    if language != DEFAULT:
        translations.add_fallback(load_translations(DEFAULT))
    return translations


@cache
def load_phrases(language: str) -> NullTranslations:
    """Load the phrases of events and feeds, which exist in every language we know. Raises UnknownLanguage."""
    return NullTranslations() if get_language(language).code == SOURCE else _compile(language, "phrases")


def _compile(language: str, domain: str) -> Translations:
    with _get_file(language, domain).open("rb") as file:
        catalogue = read_po(file, locale=language)
    for message in list(catalogue):  # a text without all its forms is better in Polish
        if message.id and isinstance(message.string, list | tuple) and not all(message.string):
            catalogue.delete(message.id)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)


def _get_file(language: str, domain: str) -> Path:
    return FOLDER / language / "LC_MESSAGES" / f"{domain}.po"


def _translate(msgid: str, plural: str | None, context: str | None, params: dict[str, Any], language: str) -> str:
    words = load_translations(language)
    if context is not None:
        said = words.pgettext(context, msgid)
    elif plural is not None:
        said = words.ngettext(msgid, plural, params["num"])
    else:
        said = words.gettext(msgid)
    return said % {name: _translate_parameter(each, language) for name, each in params.items()} if params else said


def _translate_parameter(value: Any, language: str) -> Any:  # noqa: ANN401 - whatever a place in the text can show
    return value.in_language(language) if isinstance(value, Text) else value
