"""View of the conversation about an entry, as curators see it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from heapq import merge
from typing import Final, Literal
from uuid import uuid4

from services.calendar.entry.model import Entry, HistoryEntry
from services.calendar.entry.view import EventView
from services.calendar.labels import ACTION_LABELS
from shared.erasure import describe_writer
from shared.event.date_phrases import format_local_time
from shared.event.vocabulary import describe_reason
from shared.i18n.text import Text, _
from shared.web.pages.parts import RemarkForm, ThreadItem, split_paragraphs

FormKind = Literal["remark", "note"]


@dataclass(frozen=True, slots=True)
class Written:
    """A remark or note that was typed and not saved."""

    kind: FormKind
    key: str = ""
    text: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class WrittenTexts:
    """What the entry's form holds next to the decision."""

    remark: Written = Written("remark")
    note: Written = Written("note")

    @property
    def failed(self) -> FormKind | None:
        """The one that was refused."""
        return next((each.kind for each in (self.remark, self.note) if each.error), None)

    def __bool__(self) -> bool:
        return bool(self.remark.text or self.note.text)

    def get(self, kind: FormKind) -> Written:
        return self.remark if kind == "remark" else self.note

    def put(self, written: Written) -> WrittenTexts:
        return replace(self, **{written.kind: written})


_LABELS: Final[Mapping[FormKind, tuple[Text, Text, Text]]] = {
    "remark": (
        _("Remark to the organisation"),
        _("The organisation reads it here, word for word."),
        _("Send the remark"),
    ),
    "note": (_("Note"), _("Only curators read it."), _("Keep the note")),
}


def list_thread(entry: Entry, view: EventView) -> list[ThreadItem]:
    """List remarks, notes, decisions and what was sent, newest first."""
    # Each list is in the order in which it came about here, whatever the clocks of others said.
    found = merge(
        _list_remarks(entry, view),
        _list_notes(entry, view),
        (_make_step(line, view) for line in entry.history),
        key=lambda each: each.instant,
    )
    return list(found)[::-1]


def _list_remarks(entry: Entry, view: EventView) -> Iterator[ThreadItem]:
    for each in entry.remarks:
        yield ThreadItem(
            side="ours" if each.by == "curator" else "theirs",
            instant=each.at,
            when=_format(each.at, view),
            who=describe_writer(each.who, view.language),
            paragraphs=split_paragraphs(each.text),
        )


def _list_notes(entry: Entry, view: EventView) -> Iterator[ThreadItem]:
    for note in entry.notes:
        yield ThreadItem(
            side="inner",
            instant=note.at,
            when=_format(note.at, view),
            who=describe_writer(note.who, view.language),
            what=_("Note for the curators"),
            paragraphs=split_paragraphs(note.text),
        )


def _make_step(line: HistoryEntry, view: EventView) -> ThreadItem:
    label = Text(ACTION_LABELS[line.by, line.what].msgid, {"version": line.version})
    if line.by == "organisation":
        return ThreadItem(side="event", instant=line.when, when=_format(line.when, view), who=line.who, what=label)
    reason = [f"{describe_reason(line.reason, view.language)}."] if line.reason else []
    return ThreadItem(
        side="ours",
        instant=line.when,
        when=_format(line.when, view),
        who=describe_writer(line.who, view.language),
        what=label,
        paragraphs=[*reason, *split_paragraphs(line.comment or "")],
    )


def _format(instant: str, view: EventView) -> str:
    return format_local_time(instant, view.language, view.region.time_zone)


def make_form(action: str, written: Written) -> RemarkForm:
    label, hint, button = _LABELS[written.kind]
    return RemarkForm(
        id=written.kind,
        action=action,
        key=written.key or str(uuid4()),
        label=label,
        hint=hint,
        button=button,
        text=written.text,
        error=written.error,
    )
