"""Headers of a message as they are sent: ASCII that reads back as the text that went in (RFC 5322, RFC 2047). Pure.

Python's ``email`` decodes an encoded word in the text that it is given, ends of lines included, and writes the result
as it is: a name could add headers and a body. So it gets finished headers only, and what looks encoded is encoded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email import header
from email.policy import Policy
from typing import Final

MAX_LINE: Final = 65
"""With the name of the header before it: at most 76 characters (RFC 2047, section 2)."""
_ATOMS: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")
"""Words of a name that need no quotes (RFC 5322, section 3.2.3)."""
_QUOTED: Final = re.compile(r'(["\\])')
_FOLDED: Final = re.compile(r"[\x20-\x7e]*(\r\n [\x21-\x7e][\x20-\x7e]*)*")


class HeaderInvalid(ValueError):
    """The value would end its header, or is not ASCII."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a policy of ``email`` takes for a parsed header and writes unchanged. Raises HeaderInvalid."""

    name: str
    value: str

    def __post_init__(self) -> None:
        if not _FOLDED.fullmatch(self.value):
            raise HeaderInvalid(self.name)

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self.value}{policy.linesep}"


def encode_text(text: str) -> str:
    """A text in one line, such as a subject; folded."""
    return _fold(text, "us-ascii" if _is_plain(text) else "utf-8")


def encode_mailbox(name: str, address: str) -> str:
    """A name in one line, which may be empty, and an address as SMTP takes it."""
    if not name:
        return address
    if not _is_plain(name):
        written = _fold(name, "utf-8")
    else:
        written = name if _ATOMS.fullmatch(name) else '"{}"'.format(_QUOTED.sub(r"\\\1", name))
    return f"{written}\r\n <{address}>"


def _is_plain(text: str) -> bool:
    """Whether no program takes it for encoded words."""
    return text.isascii() and "=?" not in text


def _fold(text: str, charset: str) -> str:
    return header.Header(text, charset, maxlinelen=MAX_LINE).encode(linesep="\r\n")
