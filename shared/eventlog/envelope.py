"""Message envelope: CloudEvents 1.0 in binary mode of the Kafka protocol binding.

Attributes are headers ``ce_<name>`` in UTF-8, the message is the value in JSON. ``traceparent`` is the distributed
tracing extension.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from shared.eventlog.port import Outgoing
from shared.eventlog.topics import find_topic
from shared.messages import MESSAGES, Message

CONTENT_TYPE = "application/json"
SPEC_VERSION = "1.0"
REQUIRED = ("id", "source", "specversion", "type")

_TOPICS = {message: find_topic(message).name for message in MESSAGES}
_TYPES: dict[str, type[Message]] = {message.TYPE: message for message in MESSAGES}
_DECODERS = {name: msgspec.json.Decoder(message) for name, message in _TYPES.items()}


class InvalidMessage(Exception):
    """A record is not a message that this release understands; no retry helps."""


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """``key`` is the subject, ``time`` the instant of the fact in RFC 3339 UTC, ``data`` the message as JSON bytes."""

    id: str
    topic: str
    key: str
    type: str
    source: str
    time: str
    data: bytes
    traceparent: str | None = None

    def build_headers(self) -> list[tuple[str, bytes]]:
        attributes = {
            "specversion": SPEC_VERSION,
            "id": self.id,
            "source": self.source,
            "type": self.type,
            "subject": self.key,
            "time": self.time,
            "partitionkey": self.key,
        }
        headers = [("content-type", CONTENT_TYPE.encode())]
        headers += [(f"ce_{name}", value.encode()) for name, value in attributes.items()]
        if self.traceparent:
            headers.append(("ce_traceparent", self.traceparent.encode()))
        return headers

    def to_document(self) -> dict[str, Any]:
        """As an outbox stores it."""
        return msgspec.structs.asdict(self)

    def to_outgoing(self) -> Outgoing:
        return Outgoing(self.topic, self.key.encode(), self.data, self.build_headers())


def parse_document(document: Mapping[str, Any]) -> Envelope:
    """From an outbox; fields of a later release are ignored."""
    return Envelope(**{name: document[name] for name in Envelope.__struct_fields__ if name in document})


def wrap(message: Message, *, id: str, source: str, time: str, traceparent: str | None = None) -> Envelope:  # noqa: A002 - CloudEvents' word
    """A repeat of the fact keeps its ``id``; ``source`` is the service, ``/calendar``; ``time`` is RFC 3339 in UTC."""
    return Envelope(
        id=id,
        topic=_TOPICS[type(message)],
        key=message.subject,
        type=message.TYPE,
        source=source,
        time=time,
        data=msgspec.json.encode(message),
        traceparent=traceparent,
    )


def parse(
    *, topic: str, key: bytes | None, value: bytes | None, headers: Iterable[tuple[str, bytes | None]]
) -> Envelope:
    """Raises InvalidMessage: a required attribute or the value is missing, or a header is not UTF-8."""
    attributes: dict[str, str] = {}
    for name, raw in headers:
        if raw is not None and (name.startswith("ce_") or name == "content-type"):
            attributes[name.removeprefix("ce_")] = _decode(raw, f"header {name}")
    missing = [name for name in REQUIRED if name not in attributes]
    if missing:
        raise InvalidMessage(f"the envelope lacks {', '.join(missing)}")
    if attributes["specversion"] != SPEC_VERSION:
        raise InvalidMessage(f"the envelope is of CloudEvents {attributes['specversion']}, not {SPEC_VERSION}")
    if not attributes.get("content-type", CONTENT_TYPE).startswith(CONTENT_TYPE):
        raise InvalidMessage(f"the content type is {attributes['content-type']}, not {CONTENT_TYPE}")
    if value is None:
        raise InvalidMessage("the record has no value")
    if key is None:
        raise InvalidMessage("the record has no key")
    return Envelope(
        id=attributes["id"],
        topic=topic,
        key=_decode(key, "the key"),
        type=attributes["type"],
        source=attributes["source"],
        time=attributes.get("time", ""),
        data=value,
        traceparent=attributes.get("traceparent"),
    )


def parse_message(envelope: Envelope) -> Message:
    """Raises InvalidMessage: unknown type, data not JSON of that type, or a subject other than the record's key."""
    decoder = _DECODERS.get(envelope.type)
    if decoder is None:
        raise InvalidMessage(f"the type {envelope.type} is unknown")
    try:
        message = decoder.decode(envelope.data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidMessage(f"{envelope.type}: {error}") from error
    if message.subject != envelope.key:
        raise InvalidMessage(f"the key is {envelope.key}, but the message speaks of {message.subject}")
    return message


def _decode(raw: bytes, what: str) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise InvalidMessage(f"{what} is not UTF-8") from error
