"""How an entry is kept: one document with its state, its outbox, and what it is found by. Pure.

``card`` is what the queue is searched and ordered by (what a reviewer looks at), ``slot`` is the place in the programme
of what is public; it is null while nothing is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from uuid_utils import uuid7

from services.calendar.domain.entry import Entry, EventContent, live_status, matter, review_state
from shared.database import Document
from shared.eventlog.envelope import Letter, enclose, read_document, read_message
from shared.eventlog.topics import PROGRAMME
from shared.messages import Message

SOURCE = "/calendar"


def document_of(entry: Entry) -> Document:
    """Give the fields of an entry's document, without its outbox."""
    fields: Document = msgspec.to_builtins(entry)
    return {"_id": fields.pop("id"), **fields, "card": _card(entry), "slot": _slot(entry)}


def entry_of(document: Mapping[str, Any]) -> Entry:
    """Read a document; what a list left out of it counts as empty."""
    return msgspec.convert({**document, "id": document["_id"]}, Entry)


def changed_fields(before: Entry, after: Entry) -> Document:
    """Give the fields in which two states of an entry differ: a long history is not written again for a decision."""
    old, new = document_of(before), document_of(after)
    return {name: value for name, value in new.items() if value != old[name]}


def letters_of(messages: Iterable[Message], *, at: str, traceparent: str | None) -> list[Letter]:
    """Put messages into their envelopes."""
    return [enclose(each, id=str(uuid7()), source=SOURCE, time=at, traceparent=traceparent) for each in messages]


def unsent_revisions(document: Mapping[str, Any]) -> set[int]:
    """Read from an outbox which revisions the public is still to be told of."""
    letters = [read_document(each) for each in document.get("outbox", []) if each["topic"] == PROGRAMME.name]
    return {read_message(letter).number for letter in letters}


def order(entry: Entry, event: EventContent) -> str:
    """Give the text that orders a programme: start, end, Polish title, organisation, external id, and the id."""
    dates = event["dates"]
    parts = (
        dates["start"],
        dates["end"],
        event["title"]["pl"],
        entry.organiser.slug,
        entry.external_id or "",
        entry.id,
    )
    return "\x1f".join(parts)


def _card(entry: Entry) -> Document:
    return {"state": review_state(entry), "matter": matter(entry), "since": entry.sent_at, **_places(entry.event)}


def _slot(entry: Entry) -> Document | None:
    status = live_status(entry)
    if entry.live is None or status in {None, "withdrawn"}:
        return None
    event = entry.live.event
    return {"order": order(entry, event), **_places(event)}


def _places(event: EventContent) -> Document:
    """Give what filters ask for: days as written (a time sorts after its day), every category, the county."""
    return {
        "start": event["dates"]["start"],
        "end": event["dates"]["end"],
        "county": event["venue"]["county"],
        "categories": [event["category"], *event.get("also", [])],
    }
