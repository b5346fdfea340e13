"""Texts and addresses made safe for every format: composed, without control characters."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote, urlsplit, urlunsplit

_BREAKS = re.compile("\r\n|[\r\u0085\u2028\u2029]")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_SUSPECT = re.compile(f"{_FORBIDDEN.pattern}|[\r\u2028\u2029]")
_BLANKS = re.compile(r"\s+")
_KEPT = "/?:@!$&'()*+,;=-._~%"
"""What may stand in a path, a query or a fragment as it is (RFC 3986), and ``%`` so as not to escape twice."""


def clean(text: str) -> str:
    r"""Give a text of several lines as every reader takes it: NFC, ``\n`` for each kind of line break, nothing unseen.

    C programs cut a text at NUL, XML has no form for control characters, and some readers take U+2028 for the end of a
    line (standards.md 1.5).
    """
    if _SUSPECT.search(text):
        text = _FORBIDDEN.sub("", _BREAKS.sub("\n", text))
    return unicodedata.normalize("NFC", text).strip()


def one_line(text: str) -> str:
    """Give a text of one line: cleaned, and every run of blanks as one."""
    return _BLANKS.sub(" ", clean(text))


def address(url: str) -> str | None:
    """Give a web address in ASCII, as feeds must carry it; None if it cannot be one."""
    try:
        parts = urlsplit(one_line(url))
        host = (parts.hostname or "").encode("idna").decode()
        port = f":{parts.port}" if parts.port else ""
    except ValueError:  # brackets that do not close, a port that is no number, a label that is too long
        return None
    if parts.scheme not in {"http", "https"} or not host:
        return None
    rest = (quote(part, safe=_KEPT) for part in (parts.path, parts.query, parts.fragment))
    return urlunsplit((parts.scheme, host + port, *rest))
