"""Remarks: what an organisation and the curators write to each other about a submission. Pure.

A message carries all remarks of its side, so their number and length are bounded together.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final
from uuid import uuid4

from shared.messages import Remark
from shared.plain_text import TextEmpty, TextRefused, TextTooLong, normalize_text

REMARK_LIMIT: Final = 2_000
MAX_REMARKS: Final = 100
MAX_CHARACTERS: Final = 40_000
"""Of all remarks of one side: a message may have a megabyte, and its event takes most of it."""
_ID = re.compile(r"[0-9a-f-]{32,36}")


class RemarkMissing(Exception):
    pass


class RemarkTooLong(Exception):
    """A remark may have :data:`REMARK_LIMIT` characters."""


class RemarkUnreadable(Exception):
    """A remark holds signs that cannot be shown."""


class ThreadFull(Exception):
    """This side has written as much about this submission as a message can carry."""


def read_remark(text: str) -> str:
    """Raises RemarkMissing, RemarkTooLong or RemarkUnreadable."""
    try:
        return normalize_text(text, REMARK_LIMIT)
    except TextEmpty:
        raise RemarkMissing from None
    except TextTooLong:
        raise RemarkTooLong from None
    except TextRefused:
        raise RemarkUnreadable from None


def make_remark_id(given: str = "") -> str:
    """Return the id that came with a form or request, so that a repeat is the same remark; else a new one."""
    return given if _ID.fullmatch(given) else str(uuid4())


def check_room(texts: Sequence[str], added: str) -> None:
    """Raises ThreadFull if one side cannot add a remark to its earlier ones."""
    if len(texts) >= MAX_REMARKS or sum(map(len, texts)) + len(added) > MAX_CHARACTERS:
        raise ThreadFull


def find_new(before: Iterable[str], remarks: Iterable[Remark]) -> list[Remark]:
    """List the remarks whose ids were not known before."""
    known = set(before)
    return [each for each in remarks if each.id not in known]
