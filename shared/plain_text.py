r"""Plain text as people type or paste it: bounded, normalized, without characters that cannot be shown. Pure.

Invisible characters are normalized silently: line breaks become ``\n``, tabs and blanks of other widths plain ones;
bidirectional marks and soft hyphens go. Joiners and no-break blanks stay, which emoji and several scripts need. What
would be shown wrongly is refused by name. Work is bounded first: composing takes the square of a run of combining marks
(UAX #15, section 13).
"""

from __future__ import annotations

import re
import sys
import unicodedata
from functools import cache
from itertools import groupby
from typing import Final

# Characters of a line as it was typed: more than any has that is taken.
MAX_LINE: Final = 1_000
# Combining marks in a row; no script stacks more than six.
MOST_MARKS: Final = 10
# So many characters may stand for one before composing.
DECOMPOSED: Final = 3
# Characters a raw text may have beyond that, such as blanks around it.
ROOM: Final = 200

UNSHOWABLE: Final = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"  # C0 and C1 but for tabs and line breaks: XML and iCal cannot carry them
    "\ud800-\udfff\ufdd0-\ufdef\ufff9-\ufffb\ufffd"  # surrogates, noncharacters, annotations, damaged text
    "\ue000-\uf8ff\U000f0000-\U0010ffff"  # private use: another sign in every font
    + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, sys.maxunicode, 0x10000))
    + "\U000e0000-\U000e007f]"
)
# A flag made of tags, such as Scotland's (UTS #51, section 1.4.9).
_FLAG: Final = re.compile("\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{1,6}\U000e007f")
_LINE_BREAK: Final = re.compile("\r\n|[\r\x0b\x0c\x85\u2028]")
# Invisible characters go; blanks of every width but those that do not break become plain ones.
_NORMALIZED: Final[dict[int, str | None]] = {
    **dict.fromkeys([0xAD, 0x180E, 0x200B, *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF, 0xFFFC]),
    **dict.fromkeys([0x09, 0x1680, *range(0x2000, 0x200B), 0x205F, 0x3000], " "),
}
# Letters and a symbol that are blank.
_LOOK_EMPTY: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0")
# Invisible without a letter; an unassigned code point (Cn) may be a new emoji.
_UNSEEN: Final = frozenset({"Mn", "Mc", "Me", "Zs", "Zl", "Zp", "Cc", "Cf"})
_LETTER: Final = re.compile(r"[^\W\u115f\u1160\u3164\uffa0]")
_ASTRAL: Final = re.compile("[\U00010000-\U0010ffff]")
_BLANKS: Final = re.compile(r"\s+")
_DASHES: Final = dict.fromkeys([*range(0x2010, 0x2016), 0x2212, 0xFE58, 0xFE63, 0xFF0D], "-")


class TextRefused(ValueError):
    """A text cannot be stored as it is."""


class TextEmpty(TextRefused):
    """It has no visible character."""


class TextTooLong(TextRefused):
    def __init__(self, length: int) -> None:
        super().__init__(f"{length} characters")
        self.length = length


class TooManyMarks(TextRefused):
    """More than :data:`MOST_MARKS` combining marks in a row."""


class TextUnshowable(TextRefused):
    """It holds ``sign``, which cannot be shown, after the characters ``before``."""

    def __init__(self, sign: str, before: str) -> None:
        super().__init__(f"U+{ord(sign):04X}")
        self.sign = f"U+{ord(sign):04X}"
        self.before = before


def normalize_text(text: str, limit: int) -> str:
    r"""A text of several lines: composed (NFC), ``\n`` between lines, stripped. Raises :class:`TextRefused`."""
    if len(text) > DECOMPOSED * limit + ROOM:
        raise TextTooLong(len(text))
    found = text
    if not found.isascii():
        _check_marks(found)
        found = unicodedata.normalize("NFC", found)
    if not is_plain(found):
        found = _normalize(found)
    found = found.strip()
    if len(found) > limit:
        raise TextTooLong(len(found))
    if not _is_visible(found):
        raise TextEmpty
    return found


def normalize_line(text: str, limit: int) -> str:
    """As :func:`normalize_text`, in one line."""
    found = normalize_text(text, limit)
    return _BLANKS.sub(" ", found) if "\n" in found else found


def normalize_code(text: str, limit: int) -> str:
    """As :func:`normalize_line`, for comparing: no invisible character, every blank a plain one."""
    found = normalize_line(text, limit)
    if found.isascii():
        return found
    return _BLANKS.sub(" ", "".join(each for each in found if unicodedata.category(each) != "Cf"))


def is_plain(text: str) -> bool:
    # Most texts are plain, and this is the cheapest test.
    return text.replace("\n", "").isprintable() and not ("\ufffd" in text or "\ufffc" in text)


def escape_unprintable(text: str, *, keep: str = "") -> str:
    """For a terminal: controls, format characters and blanks of other widths as Python's escapes, but for ``keep``."""
    if text.isprintable():
        return text
    return "".join(
        each if each.isprintable() or each in keep else each.encode("unicode_escape").decode() for each in text
    )


def normalize_dashes(text: str) -> str:
    return text if text.isascii() else text.translate(_DASHES)


def clean_line(text: str) -> str:
    """One line of what can be seen, such as a name; empty if nothing can. What is beyond :data:`MAX_LINE` is cut."""
    shown = "".join(" " if unicodedata.category(each)[0] in "CZ" else each for each in text[:MAX_LINE])
    return " ".join(unicodedata.normalize("NFC", shown).split())


def strip_unshowable(text: str) -> str:
    # Stored by an earlier release.
    bad = _find_unshowable(text)
    return "".join(each for place, each in enumerate(text) if place not in bad) if bad else text


def _normalize(text: str) -> str:
    found = _LINE_BREAK.sub("\n", text).replace("\u2029", "\n\n").translate(_NORMALIZED)
    for place in _find_unshowable(found):
        raise TextUnshowable(found[place], found[:place].rpartition("\n")[2][-20:].strip())
    return found


def _find_unshowable(text: str) -> dict[int, None]:
    found = dict.fromkeys(match.start() for match in UNSHOWABLE.finditer(text))
    for flag in _FLAG.finditer(text) if found else ():
        for place in range(*flag.span()):
            found.pop(place, None)
    return found


def _is_visible(text: str) -> bool:
    if _LETTER.search(text):
        return True
    return any(each not in _LOOK_EMPTY and unicodedata.category(each) not in _UNSEEN for each in set(text))


def _check_marks(text: str) -> None:
    if not _ASTRAL.search(text):
        too_many = _compile_marks().search(text) is not None
    else:  # a pattern with signs beyond U+FFFF would be slower than this
        runs = groupby(map(unicodedata.combining, text), key=bool)
        too_many = any(is_mark and len(list(run)) > MOST_MARKS for is_mark, run in runs)
    if too_many:
        raise TooManyMarks


@cache
def _compile_marks() -> re.Pattern[str]:
    # Of the first plane.
    marks = "".join(sign for sign in map(chr, range(0x300, 0x10000)) if unicodedata.combining(sign))
    return re.compile(f"[{marks}]{{{MOST_MARKS + 1}}}")
