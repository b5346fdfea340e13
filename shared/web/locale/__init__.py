"""The words of the pages: Polish in the code, other languages in ``<language>/LC_MESSAGES/messages.po``.

``_("Uzupełnij to pole.")`` marks a text where no reader is known yet. It is a Polish ``str`` that remembers how it was
made, so that whoever answers can say it in the reader's language. The catalogues are read as text, once; nothing is
compiled. Polish has a catalogue for its plurals only. ``python -m shared.web.catalogue`` brings them up to date.
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

SOURCE: Final = "pl"
UI_LANGUAGES: Final = ("pl", "en", "de")
"""The languages in which our own words exist; the first is the one they are written in."""
FOLDER: Final = Path(__file__).parent


class Text(str):
    """A Polish text that can be said in other languages; ``params`` fill its ``%(name)s`` places.

    With ``plural`` the form follows ``params["num"]``.
    """

    __slots__ = ("msgid", "params", "plural")

    msgid: str
    params: dict[str, Any]
    plural: str | None

    def __new__(cls, msgid: str, params: dict[str, Any] | None = None, *, plural: str | None = None) -> Self:
        """Make the Polish text, and keep what it was made of."""
        made = super().__new__(cls, _said(msgid, plural, params or {}, SOURCE))
        made.msgid, made.params, made.plural = msgid, params or {}, plural
        return made

    def in_language(self, language: str) -> str:
        """Say it in a language; one without a catalogue, or without this text, gets the Polish."""
        return _said(self.msgid, self.plural, self.params, language)


def _(msgid: str, **params: Any) -> Text:  # noqa: ANN401 - whatever a place in the text can show
    """Mark a text to be said in the reader's language."""
    return Text(msgid, params)


def n_(singular: str, plural: str, num: int, **params: Any) -> Text:  # noqa: ANN401 - whatever a place can show
    """Mark a text whose form follows the number ``num``, which it may show as ``%(num)s``."""
    return Text(singular, params | {"num": num}, plural=plural)


def gettext_noop(msgid: str) -> str:
    """Mark a text for the catalogues only; what it is filled with comes later."""
    return msgid


def ngettext_noop(singular: str, plural: str) -> tuple[str, str]:
    """Mark a text with a number for the catalogues only."""
    return singular, plural


def translate(text: str, language: str) -> str:
    """Say a text in a language: a :class:`Text` by what it was made of, any other by its own words."""
    if isinstance(text, Text):
        return text.in_language(language)
    return translations(language).gettext(text) if text else text


@cache
def translations(language: str) -> NullTranslations:
    """Read a language's catalogue; a language without one says everything in Polish."""
    file = FOLDER / language / "LC_MESSAGES" / "messages.po"
    if not file.is_file():
        return NullTranslations()
    with file.open("rb") as written:
        catalogue = read_po(written, locale=language)
    for message in list(catalogue):  # forms without words are no words: the text itself is better
        if message.id and isinstance(message.string, list | tuple) and not all(message.string):
            catalogue.delete(message.id)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)


def _said(msgid: str, plural: str | None, params: dict[str, Any], language: str) -> str:
    words = translations(language)
    said = words.gettext(msgid) if plural is None else words.ngettext(msgid, plural, params["num"])
    return said % {name: _part(each, language) for name, each in params.items()} if params else said


def _part(value: Any, language: str) -> Any:  # noqa: ANN401 - whatever a place in the text can show
    return value.in_language(language) if isinstance(value, Text) else value
