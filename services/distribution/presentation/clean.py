"""Cleans texts and addresses for every format."""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress

from shared.plain_text import is_plain, strip_unshowable
from shared.web_address import AddressRefused, repair_escapes, to_ascii

_BREAKS = re.compile("\r\n|[\r\u0085\u2028\u2029]")
_NOTHING = dict.fromkeys((0x0B, 0x0C, 0xFEFF))
_BLANKS = re.compile(r"\s+")


def clean(text: str) -> str:
    r"""Normalize a text of several lines: NFC, ``\n`` line breaks, no control characters."""
    # C programs cut a text at NUL, XML cannot carry control characters, and some readers break lines at U+2028.
    if not is_plain(text):
        text = strip_unshowable(_BREAKS.sub("\n", text).translate(_NOTHING))
    return unicodedata.normalize("NFC", text).strip()


def clean_line(text: str) -> str:
    return _BLANKS.sub(" ", clean(text))


def clean_url(url: str) -> str | None:
    """Convert a web address to ASCII, as feeds require; None if it is invalid."""
    with suppress(AddressRefused):
        return to_ascii(repair_escapes(clean_line(url)))
    return None
