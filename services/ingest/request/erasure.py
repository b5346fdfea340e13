"""Erasure of a person from a request: the curators' words and the organisation's answer. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from services.ingest.request.repository import parse_request, wrap_answer
from shared.database.client import Document
from shared.erasure import ErasedPerson
from shared.eventlog.envelope import Envelope

COMPARED: Final = ("number", "own.answered_at")


def erase_request(document: Document, person: ErasedPerson) -> Document:
    """Return the fields that differ without the person."""
    own, answer = document["organisation"] in person.organisations, document.get("own")
    after: Document = {"text": person.erase_text(document["text"], named=own or person.curated)}
    if document.get("answer"):
        after["answer"] = person.erase_text(document["answer"], named=own)
    if answer and answer.get("reason"):
        after["own"] = answer | {"reason": person.erase_text(answer["reason"], named=own)}
    return {name: value for name, value in after.items() if value != document[name]}


def list_messages(before: Document, changes: Document, *, at: str) -> Sequence[Envelope]:
    """Wrap the organisation's answer again if it changes; the request itself is the calendar's message."""
    return [wrap_answer(parse_request(before | changes), at=at, traceparent=None)] if "own" in changes else ()
