"""Erasure of a person from a request: the curators' words and the organisation's answer. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from services.calendar.request.repository import parse_request, wrap_request
from shared.database.client import Document
from shared.erasure import ErasedPerson
from shared.eventlog.envelope import Envelope

COMPARED: Final = ("number",)


def erase_request(document: Document, person: ErasedPerson) -> Document:
    """Return the fields that differ without the person."""
    own = document["organisation"] in person.organisations
    after = {"text": person.erase_text(document["text"], named=own or person.curated)}
    if document.get("answer"):
        after["answer"] = person.erase_text(document["answer"], named=own)
    return {name: value for name, value in after.items() if value != document[name]}


def erase_job(document: Document, person: ErasedPerson) -> Document:
    """As :func:`erase_request`, of one that is still to be mailed."""
    return {f"payload.{name}": value for name, value in erase_request(document["payload"], person).items()}


def list_messages(before: Document, changes: Document, *, at: str) -> Sequence[Envelope]:
    """Wrap the request again, with the same number."""
    return [wrap_request(parse_request(before | changes), at=at, traceparent=None)]
