"""The envelope of a message on the log: CloudEvents 1.0 in binary mode of the Kafka protocol binding.

Attributes travel as headers ``ce_<name>`` in UTF-8, the message as the record's value in JSON (``content-type``).
``traceparent`` (the CloudEvents distributed tracing extension) lets one trace run from the form to the feed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from shared.eventlog.port import Outgoing
from shared.eventlog.topics import topic_of
from shared.messages import MESSAGES, Message

CONTENT_TYPE = "application/json"
SPEC_VERSION = "1.0"
MAX_LETTER_BYTES = 1_000_000
"""What key, headers and data may have together; a topic takes 1,048,588 bytes a batch, its framing included."""
REQUIRED = ("id", "source", "specversion", "type")
Headers = Iterable[tuple[str, bytes | None]]

_TOPICS = {message: topic_of(message).name for message in MESSAGES}
_TYPES: dict[str, type[Message]] = {message.TYPE: message for message in MESSAGES}
_DECODERS = {name: msgspec.json.Decoder(message) for name, message in _TYPES.items()}


class NotReadable(Exception):
    """A record is not a message that this release understands; it can never be handled."""


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """A message in its envelope, ready for the log and for an outbox.

    ``key`` is the subject, ``time`` the instant of the fact in RFC 3339 UTC, ``data`` the message as JSON bytes.
    """

    id: str
    topic: str
    key: str
    type: str
    source: str
    time: str
    data: bytes
    traceparent: str | None = None

    def headers(self) -> list[tuple[str, bytes]]:
        """Write the envelope as record headers."""
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

    def document(self) -> dict[str, Any]:
        """Give the letter the shape in which an outbox keeps it."""
        return msgspec.structs.asdict(self)

    def outgoing(self) -> Outgoing:
        """Give the letter the shape in which the log takes it."""
        return Outgoing(self.topic, self.key.encode(), self.data, self.headers())


def read_document(document: Mapping[str, Any]) -> Letter:
    """Read a letter as an outbox keeps it; fields of a later release are left alone."""
    return Letter(**{name: document[name] for name in Letter.__struct_fields__ if name in document})


def too_large(letter: Letter) -> bool:
    """Tell whether the log would refuse a letter for its size; ask before accepting what it says (A18)."""
    headers = sum(len(name) + len(value) for name, value in letter.headers())
    return len(letter.key.encode()) + len(letter.data) + headers > MAX_LETTER_BYTES


def enclose(message: Message, *, id: str, source: str, time: str, traceparent: str | None = None) -> Letter:  # noqa: A002 - CloudEvents' word
    """Put a message into its envelope.

    Args:
        message: what is to be said.
        id: unique for this source; a repeat of the same fact keeps it.
        source: the service that says so, e.g. ``/calendar``.
        time: when the fact became true, RFC 3339 in UTC.
        traceparent: the W3C trace context it belongs to.

    """
    return Letter(
        id=id,
        topic=_TOPICS[type(message)],
        key=message.subject,
        type=message.TYPE,
        source=source,
        time=time,
        data=msgspec.json.encode(message),
        traceparent=traceparent,
    )


def open_letter(*, topic: str, key: bytes | None, value: bytes | None, headers: Headers) -> Letter:
    """Read a record's envelope.

    Raises:
        NotReadable: if a required attribute is missing, a header is not UTF-8, or there is no value.

    """
    attributes: dict[str, str] = {}
    for name, raw in headers:
        if raw is not None and (name.startswith("ce_") or name == "content-type"):
            attributes[name.removeprefix("ce_")] = _text(raw, f"header {name}")
    missing = [name for name in REQUIRED if name not in attributes]
    if missing:
        raise NotReadable(f"the envelope lacks {', '.join(missing)}")
    if attributes["specversion"] != SPEC_VERSION:
        raise NotReadable(f"the envelope is of CloudEvents {attributes['specversion']}, not {SPEC_VERSION}")
    if not attributes.get("content-type", CONTENT_TYPE).startswith(CONTENT_TYPE):
        raise NotReadable(f"the content type is {attributes['content-type']}, not {CONTENT_TYPE}")
    if value is None:
        raise NotReadable("the record has no value")
    if key is None:
        raise NotReadable("the record has no key")
    return Letter(
        id=attributes["id"],
        topic=topic,
        key=_text(key, "the key"),
        type=attributes["type"],
        source=attributes["source"],
        time=attributes.get("time", ""),
        data=value,
        traceparent=attributes.get("traceparent"),
    )


def read_message(letter: Letter) -> Message:
    """Read the message inside a letter.

    Raises:
        NotReadable: if its type is unknown, its data is no JSON of that type, or its subject is not the record's key.

    """
    decoder = _DECODERS.get(letter.type)
    if decoder is None:
        raise NotReadable(f"the type {letter.type} is unknown")
    try:
        message = decoder.decode(letter.data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise NotReadable(f"{letter.type}: {error}") from error
    if message.subject != letter.key:
        raise NotReadable(f"the key is {letter.key}, but the message speaks of {message.subject}")
    return message


def _text(raw: bytes, what: str) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise NotReadable(f"{what} is not UTF-8") from error
