"""Successors: which event of a year is which event of the year before, though nobody said so. Pure."""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Iterable
from typing import Final

from services.ingest.submission.model import Submission
from shared.event.edition_numbers import find_edition

_NO_WORD: Final = re.compile(r"[\W_]+")
_YEAR: Final = re.compile(r"\b[0-9]{4}\b")


def make_title_key(title: str) -> str:
    """The words of a title without year and edition number, by which editions of an event are alike."""
    if find_edition(title) is not None:
        title = title.partition(" ")[2]
    return _NO_WORD.sub(" ", _YEAR.sub(" ", title.casefold())).strip()


def find_successors(before: Iterable[Submission], after: Iterable[Submission]) -> dict[str, Submission]:
    """By the id of the one before. Each event succeeds one: three concerts need three."""
    waiting: dict[str, deque[Submission]] = defaultdict(deque)
    for each in after:
        waiting[make_title_key(each.event.title["pl"])].append(each)
    found: dict[str, Submission] = {}
    for each in before:
        if candidates := waiting[make_title_key(each.event.title["pl"])]:
            found[each.id] = candidates.popleft()
    return found
