"""Plain text: composed (NFC), within its limit, with no control characters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from services.ingest.domain.faults import refuse
from shared.web.locale import gettext_noop

TITLE = 120
SUMMARY = 500
DESCRIPTION = 10_000
PRICE = 200
NAME = 200
SHORT = 40

_FORBIDDEN = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f"  # C0 but for the line break, DEL, C1: RSS and iCal cannot carry them
    "\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff"  # line and paragraph separators, turned reading order, byte order
    "\ud800-\udfff\ufffe\uffff]"  # halves of characters, and no characters at all
)


def clean_text(text: str, limit: int) -> str:
    """Give a text of several lines as it is kept: line breaks as U+000A, composed, without blanks around it.

    Raises:
        PydanticCustomError: ``control_character``, ``empty`` or ``too_long`` (characters, not bytes).

    """
    found = unicodedata.normalize("NFC", text)
    if not found.isprintable():  # most texts are, and this is the cheapest way to know
        found = found.replace("\r\n", "\n").replace("\r", "\n")
        bad = _FORBIDDEN.search(found)
        if bad:
            raise _control_character(bad.group())
    found = found.strip()
    if not found:
        raise refuse("empty", gettext_noop("To pole jest puste. Wpisz tekst albo pomiń pole."))
    if len(found) > limit:
        raise refuse(
            "too_long",
            gettext_noop("Za długie: %(length)s znaków, najwyżej %(limit)s."),
            length=len(found),
            limit=limit,
        )
    return found


def clean_line(text: str, limit: int) -> str:
    """Give a text of one line as it is kept; as :func:`clean_text`, and a line break is a control character."""
    found = clean_text(text, limit)
    if "\n" in found:
        raise _control_character("\n")
    return found


def line(limit: int) -> Callable[[str], str]:
    """Make the rule of a one-line text with this limit."""
    return lambda text: clean_line(text, limit)


def paragraphs(limit: int) -> Callable[[str], str]:
    """Make the rule of a text of several lines with this limit."""
    return lambda text: clean_text(text, limit)


def _control_character(character: str) -> Exception:
    text = gettext_noop("Tekst zawiera znak sterujący %(character)s. Usuń go albo wpisz ten fragment ręcznie.")
    return refuse("control_character", text, character=f"U+{ord(character):04X}")
