"""Diff of proposal and live version: fields for programs, words for people."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from difflib import Match, SequenceMatcher
from itertools import accumulate
from typing import Any, Literal

import msgspec

from shared.event.fields import FIELDS, sort_for_display
from shared.event.fields import Field as EventField
from shared.event.model import Event, serialize_part

RunKind = Literal["same", "removed", "added"]

MAX_WORK = 300_000
"""Steps for comparing all texts of an entry, at up to 0.1 µs each: hostile texts need billions."""
LONG_TEXT = 500
"""Characters of both sides; so many without a word in common are easier to read unmarked."""
STEPS_PER_CHARACTER = 2
STEPS_PER_RUN = 200
"""Of cutting a text, and of rendering a run of words."""

# a day or an hour in figures, a word, a mark or a line end, with the blanks before it
_TOKEN = re.compile(r"[^\S\n]*(?:\d+(?:[:.]\d+)+|\w+|[^\w\s]|\n)|[^\S\n]+\Z")
_PARAGRAPH = re.compile(r"[^\n]*\n+|[^\n]+")


class TextRun(msgspec.Struct, frozen=True):
    kind: RunKind
    text: str


RunPair = tuple[tuple[TextRun, ...], tuple[TextRun, ...]]
"""What one text has, and the other has in its place."""


class MarkedField(msgspec.Struct, frozen=True):
    """``throughout``: a long text without a common run, or where finding one would take too long."""

    field: str
    live: tuple[TextRun, ...]
    proposal: tuple[TextRun, ...]
    throughout: bool = False


class WorkUsedUp(Exception):
    """Comparing takes more steps than are left."""


class Work:
    """A budget of comparison steps for the texts of an entry; a ``share`` also draws on the whole."""

    def __init__(self, left: int = MAX_WORK, whole: Work | None = None) -> None:
        self.left = left
        self._whole = whole

    def take(self, steps: int) -> None:
        """Raises WorkUsedUp if fewer are left."""
        if steps > self.left:
            raise WorkUsedUp
        self.left -= steps
        if self._whole:
            self._whole.take(steps)

    def share(self) -> Work:
        """Return two thirds of the steps for one text."""
        return Work(self.left * 2 // 3, self)


class FieldChange(msgspec.Struct, frozen=True):
    """``field`` is the path as in an error: ``title.de``, ``dates``."""

    field: str
    live: Any
    proposal: Any


def list_field_values(event: Event, fields: Sequence[EventField] = FIELDS) -> dict[str, Any]:
    """Return the filled fields in the order of a form; a text is one field per language."""
    content = serialize_part(event)
    laid: dict[str, Any] = {}
    for field in sort_for_display(fields):
        value = content.get(field.name)
        if field.per_language:
            laid |= {f"{field.name}.{language}": text for language, text in (value or {}).items()}
        else:
            laid[field.name] = value
    return {field: value for field, value in laid.items() if value not in (None, "", [], {})}


def list_changes(live: Event, proposal: Event, fields: Sequence[EventField] = FIELDS) -> list[FieldChange]:
    """List the fields that differ, in the order of a form; a missing value is None."""
    before, after = list_field_values(live, fields), list_field_values(proposal, fields)
    return [
        FieldChange(field=field, live=before.get(field), proposal=after.get(field))
        for field in list_field_names(before, after, fields)
        if before.get(field) != after.get(field)
    ]


def list_field_names(before: Iterable[str], after: Iterable[str], fields: Sequence[EventField] = FIELDS) -> list[str]:
    names = list(dict.fromkeys([*after, *before]))
    order = [each.name for each in sort_for_display(fields)]
    return sorted(names, key=lambda field: order.index(field.partition(".")[0]))


def mark(field: str, live: str, proposal: str, work: Work) -> MarkedField:
    """Mark removed and added runs: by words, else by paragraphs, else as a whole."""
    for pattern in (_TOKEN, _PARAGRAPH):
        with suppress(WorkUsedUp):
            work.take(STEPS_PER_CHARACTER * (len(live) + len(proposal)))
            parts = _pair_runs(pattern.findall(live), pattern.findall(proposal), work.share())
            break
    else:
        parts = [(_make_run("removed", live), _make_run("added", proposal))]
    before, after = (tuple(part for pair in parts for part in pair[side]) for side in (0, 1))
    is_long = bool(live and proposal) and len(live) + len(proposal) > LONG_TEXT
    return MarkedField(field, before, after, throughout=is_long and all(part.kind != "same" for part in before))


def _pair_runs(before: Sequence[str], after: Sequence[str], work: Work) -> list[RunPair]:
    """Pair what one text has with what the other has in its place; raise WorkUsedUp."""
    matcher = _Matcher([_strip_blanks(each) for each in before], [_strip_blanks(each) for each in after], work)
    found = []
    for tag, start, end, new_start, new_end in matcher.get_opcodes():
        work.take(STEPS_PER_RUN)
        removed: RunKind = "same" if tag == "equal" else "removed"
        added: RunKind = "same" if tag == "equal" else "added"
        found.append(
            (_make_run(removed, "".join(before[start:end])), _make_run(added, "".join(after[new_start:new_end])))
        )
    return found


class _Matcher(SequenceMatcher[str]):
    """Matches two sequences within a number of steps.

    The longest run between two places takes a step for each word and each place of that word in the other text. In long
    texts the most frequent words begin no run (``autojunk``).
    """

    def __init__(self, before: Sequence[str], after: Sequence[str], work: Work) -> None:
        super().__init__(None, before, after)
        places: dict[str, list[int]] = self.b2j  # type: ignore[attr-defined]  # typeshed does not know it
        self._work = work
        self._steps = [0, *accumulate(1 + len(places.get(word, ())) for word in before)]

    def find_longest_match(self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None) -> Match:
        """Raises WorkUsedUp before the steps are taken."""
        self._work.take(self._steps[-1 if ahi is None else ahi] - self._steps[alo])
        return super().find_longest_match(alo, ahi, blo, bhi)


def _strip_blanks(token: str) -> str:
    """Compare words without preceding blanks, so that an added word leaves its neighbours the same."""
    return token.strip(" \t\u00a0") or " "


def _make_run(kind: RunKind, text: str) -> tuple[TextRun, ...]:
    return (TextRun(kind=kind, text=text),) if text else ()
