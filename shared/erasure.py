"""Erasure of a person: what names them in a text, and what stands there afterwards. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from markupsafe import escape

from shared.i18n.text import Text, _, translate

FORMER_EDITOR: Final = "a former editor"
FORMER_CURATOR: Final = "a former curator"
"""Stored in place of a name."""
ERASED: Final = "[…]"
"""Stored in place of a name or an address within running text, which may be in any language."""
_LABELS: Final[Mapping[str, Text]] = {FORMER_EDITOR: _("a former editor"), FORMER_CURATOR: _("a former curator")}


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasedPerson:
    """Who is erased; ``account_id`` is None for an address without an account.

    The address counts everywhere. Names have no id: they count in ``organisations``, to which the person belongs or
    belonged, and in what curators wrote if the person ``curated``.
    """

    account_id: str | None
    email: str
    names: frozenset[str]
    organisations: frozenset[str]
    curated: bool

    def is_named(self, text: str) -> bool:
        """Whether the text is one of the names, and nothing else."""
        return _fold(text) in {_fold(each) for each in self.names}

    def has_address(self, text: str) -> bool:
        return _find_address(self.email).search(text) is not None

    def is_meant(self, text: str, *, named: bool) -> bool:
        """Whether the text holds the address or, if names count here (``named``), is one of them."""
        return self.has_address(text) or (named and self.is_named(text))

    def is_contact(self, contact: Mapping[str, str], *, named: bool) -> bool:
        return any(self.is_meant(contact.get(name, ""), named=named) for name in ("name", "email"))

    def replace_writer(self, who: str, former: str, *, named: bool) -> str:
        return former if self.is_meant(who, named=named) else who

    def erase_text(self, text: str, *, named: bool) -> str:
        """Replace the address, and names of several words if names count here."""
        without = _find_address(self.email).sub(ERASED, text)
        return _find_names(self.names).sub(ERASED, without) if named and self.names else without


def describe_writer(who: str, language: str) -> str:
    """Return the name of who wrote something; of somebody erased what they were."""
    return translate(_LABELS[who], language) if who in _LABELS else who


def _fold(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).split()).casefold()


@lru_cache(maxsize=8)
def _find_address(email: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.+-]){re.escape(email)}(?![\w-]|\.\w)", re.IGNORECASE)


@lru_cache(maxsize=8)
def _find_names(names: frozenset[str]) -> re.Pattern[str]:
    """Match them as written in text and in HTML; a name of one word may be any word."""
    written = {each for name in names for each in (name, str(escape(name))) if len(name.split()) > 1}
    patterns = sorted(r"\s+".join(map(re.escape, each.split())) for each in written)
    return re.compile(rf"(?<!\w)(?:{'|'.join(patterns)})(?!\w)" if patterns else r"(?!)", re.IGNORECASE)
