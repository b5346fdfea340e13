"""Document mapping of a call: state and outbox. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from uuid_utils import uuid7

from services.calendar.call.model import YearCall
from shared.database.client import Document
from shared.eventlog.envelope import Envelope, parse_document, parse_message, wrap
from shared.messages import Message

SOURCE = "/calendar"


def write_call(call: YearCall) -> Document:
    """Write all fields but the outbox."""
    fields: Document = msgspec.to_builtins(call)
    return {"_id": fields.pop("year"), **fields}


def parse_call_document(document: Mapping[str, Any]) -> YearCall:
    return msgspec.convert({**document, "year": document["_id"]}, YearCall)


def wrap_call_message(message: Message, *, at: str, traceparent: str | None) -> Envelope:
    return wrap(message, id=str(uuid7()), source=SOURCE, time=at, traceparent=traceparent)


def is_call_pending(document: Mapping[str, Any]) -> bool:
    """Whether a message about the present number is in the outbox."""
    envelopes = [parse_document(each) for each in document.get("outbox", [])]
    return any(parse_message(each).number == document["number"] for each in envelopes)
