"""Document mapping of an entry: state, outbox and two indexes. Pure.

The queue index (``card``) has what the queue filters and sorts by; the programme index (``slot``) has the same of what
is public, and is null while nothing is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from msgspec.structs import replace
from uuid_utils import uuid7

from services.calendar.entry.model import (
    ContentVersion,
    Entry,
    Live,
    Proposal,
    Report,
    get_live_status,
    get_public_content,
    get_public_event,
    get_queue_reason,
    get_reported_facts,
    get_review_state,
)
from shared.database.client import Document
from shared.event.days import get_span
from shared.event.lapse import find_first_end
from shared.event.model import Dates, Event, collect_extra, serialize_part
from shared.eventlog.envelope import Envelope, parse_document, parse_message, wrap
from shared.eventlog.topics import PROGRAMME
from shared.messages import Message

SOURCE = "/calendar"


def write_entry(entry: Entry) -> Document:
    """Write all fields but the outbox."""
    fields: Document = msgspec.to_builtins(replace(entry, contents=(), proposal=None, live=None, report=None))
    fields |= {
        "contents": [write_content(each) for each in entry.contents],
        "proposal": write_content(entry.proposal) if entry.proposal else None,
        "live": write_content(entry.live) if entry.live else None,
        "report": write_content(entry.report) if entry.report else None,
    }
    return {"_id": fields.pop("id"), **fields, "card": _make_queue_index(entry), "slot": _make_programme_index(entry)}


def parse_entry(document: Mapping[str, Any]) -> Entry:
    """A projection's missing fields are empty."""
    contents = [_gather_event(each) for each in document.get("contents", ())]
    versions = {name: _gather_event(document[name]) for name in ("proposal", "live", "report") if document.get(name)}
    return msgspec.convert({**document, "id": document["_id"], "contents": contents, **versions}, Entry)


def write_content(content: ContentVersion | Proposal | Live | Report) -> Document:
    fields: Document = msgspec.to_builtins(content)
    return fields | {"event": serialize_part(content.event)}


def _gather_event(content: Document) -> Document:
    return content | {"event": collect_extra(content["event"], Event)}


def write_changes(before: Entry, after: Entry) -> Document:
    """Write the fields that differ: a decision does not write a long history again."""
    old, new = write_entry(before), write_entry(after)
    return {name: value for name, value in new.items() if value != old[name]}


def wrap_messages(messages: Iterable[Message], *, at: str, traceparent: str | None) -> list[Envelope]:
    return [wrap(each, id=str(uuid7()), source=SOURCE, time=at, traceparent=traceparent) for each in messages]


def read_unsent_revisions(document: Mapping[str, Any]) -> set[int]:
    envelopes = [parse_document(each) for each in document.get("outbox", []) if each["topic"] == PROGRAMME.name]
    return {parse_message(envelope).number for envelope in envelopes}


def make_order_key(entry: Entry, event: Event) -> str:
    """Join start, end, Polish title, organisation, external id and id: the order of a programme."""
    parts = (
        _find_start(event.dates),
        event.dates.end,
        event.title["pl"],
        entry.organiser.slug,
        entry.external_id or "",
        entry.id,
    )
    return "\x1f".join(parts)


def _make_queue_index(entry: Entry) -> Document:
    """Reported facts wait for a curator whatever became of a version after them."""
    return {
        "state": "waiting" if get_reported_facts(entry) else get_review_state(entry),
        "matter": get_queue_reason(entry),
        "since": entry.queue_key,
        **({"unanswered": True} if entry.unanswered else {}),
        **_make_filter_index(entry.event),
    }


def _make_programme_index(entry: Entry) -> Document | None:
    status, public = get_live_status(entry), get_public_content(entry)
    if public is None or status in {None, "withdrawn"}:
        return None
    event, ends = public.event, find_first_end((get_public_event(entry) or public.event).images)
    lapses = {"picture_until": ends} if ends else {}
    return {"order": make_order_key(entry, event), **lapses, **_make_filter_index(event)}


def _find_start(dates: Dates) -> str:
    """The start as written (a time sorts after its day), or the first day of repeats if an exception moves that."""
    first = get_span(dates)[0]
    return dates.start if dates.start.startswith(first) else first


def _make_filter_index(event: Event) -> Document:
    return {
        "start": _find_start(event.dates),
        "end": get_span(event.dates)[1],
        "county": event.venue.county,
        "categories": [event.category, *event.also],
        **({"part_of": event.part_of} if event.part_of else {}),
    }
