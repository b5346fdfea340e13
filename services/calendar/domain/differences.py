"""Where a proposal differs from the live version: field by field for machines, word by word for people."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any, Literal

import msgspec

PartKind = Literal["same", "removed", "added"]

TEXTS = ("title", "summary", "description")
WHOLE = ("dates", "venue", "category", "also", "tickets", "website", "accessibility", "images")
"""Fields that are compared as one: half a date or half an address tells nobody anything."""

COINCIDENCES = 30_000
"""How often a word of one text may meet itself in the other: matching costs up to the square of it, here 0.1 s."""

# a word, a mark or a line end with the blanks before it
_TOKEN = re.compile(r"[^\S\n]*(?:\w+|[^\w\s]|\n)|[^\S\n]+\Z")
_PARAGRAPH = re.compile(r"[^\n]*\n+|[^\n]+")


class Part(msgspec.Struct, frozen=True):
    """A run of words that both sides have, or only one of them."""

    kind: PartKind
    text: str


class Marked(msgspec.Struct, frozen=True):
    """One field on both sides, cut into parts; an empty side has none."""

    field: str
    live: tuple[Part, ...]
    proposal: tuple[Part, ...]


class Change(msgspec.Struct, frozen=True):
    """One field whose value is not the same: the path as in an error (``title.de``, ``dates``) and both values."""

    field: str
    live: Any
    proposal: Any


def field_values(event: Mapping[str, Any]) -> dict[str, Any]:
    """Lay an event out as fields in the order of a form; texts are one field per language, empty ones are left out."""
    laid: dict[str, Any] = {}
    for name in TEXTS:
        laid |= {f"{name}.{language}": text for language, text in event.get(name, {}).items()}
        if name == "title":
            laid |= {whole: event.get(whole) for whole in WHOLE}
    return {field: value for field, value in laid.items() if value not in (None, "", [], {})}


def changes(live: Mapping[str, Any], proposal: Mapping[str, Any]) -> list[Change]:
    """List the fields that differ, in the order of a form; a missing value is None."""
    before, after = field_values(live), field_values(proposal)
    return [
        Change(field=field, live=before.get(field), proposal=after.get(field))
        for field in all_fields(before, after)
        if before.get(field) != after.get(field)
    ]


def all_fields(before: Iterable[str], after: Iterable[str]) -> list[str]:
    """Name the fields of either side once, each language of a text beside the others of that text."""
    names = [*after, *(field for field in before if field not in set(after))]
    order = ("title", *WHOLE, "summary", "description")
    return sorted(names, key=lambda field: order.index(field.partition(".")[0]))


def mark(field: str, live: str, proposal: str) -> Marked:
    """Mark what was removed from one text and added by the other, by words; very long texts by paragraphs."""
    before, after = _cut(live, proposal)
    matcher = SequenceMatcher(None, [_bare(each) for each in before], [_bare(each) for each in after], autojunk=False)
    removed: list[Part] = []
    added: list[Part] = []
    for tag, start, end, new_start, new_end in matcher.get_opcodes():
        same = tag == "equal"
        removed += _part("same" if same else "removed", before[start:end])
        added += _part("same" if same else "added", after[new_start:new_end])
    return Marked(field=field, live=tuple(removed), proposal=tuple(added))


def _cut(live: str, proposal: str) -> tuple[list[str], list[str]]:
    """Cut both texts into words, or into paragraphs, or not at all: whatever can still be matched in time."""
    for pattern in (_TOKEN, _PARAGRAPH):
        before, after = pattern.findall(live), pattern.findall(proposal)
        in_live = Counter(map(_bare, before))
        if sum(in_live[_bare(each)] for each in after) <= COINCIDENCES:
            return before, after
    return [live], [proposal]


def _bare(token: str) -> str:
    """Compare words without the blanks before them, so that adding a word leaves its neighbours the same."""
    return token.strip(" \t\u00a0") or " "


def _part(kind: PartKind, tokens: Sequence[str]) -> list[Part]:
    return [Part(kind=kind, text="".join(tokens))] if tokens else []
