"""Writes the reference documents that are made from the code: AsyncAPI of the log, OpenAPI of each service.

``python -m docs.reference`` (``make documents``) writes them; a test keeps them current.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import msgspec
import yaml

from services.calendar import app as calendar
from services.distribution import app as distribution
from services.ingest import app as ingest
from shared.event.model import Event
from shared.eventlog.topics import PARTITIONS, TOPICS, Topic
from shared.messages import MESSAGES, Message

ASYNCAPI: Final = Path("docs/asyncapi.yaml")
OPENAPI: Final = Path("docs/openapi")
REF: Final = "#/components/schemas/{name}"

HEADERS: Final[dict[str, Any]] = {
    "type": "object",
    "description": "CloudEvents 1.0, binary mode of the Kafka protocol binding.",
    "required": ["content-type", "ce_specversion", "ce_id", "ce_source", "ce_type", "ce_subject", "ce_time"],
    "properties": {
        "content-type": {"const": "application/json"},
        "ce_specversion": {"const": "1.0"},
        "ce_id": {"type": "string", "format": "uuid", "description": "A repeat of the same fact keeps it."},
        "ce_source": {"type": "string", "examples": ["/calendar"]},
        "ce_type": {"type": "string"},
        "ce_subject": {"type": "string", "description": "The record's key."},
        "ce_time": {"type": "string", "format": "date-time"},
        "ce_partitionkey": {"type": "string", "description": "The record's key."},
        "ce_traceparent": {"type": "string", "description": "W3C trace context."},
    },
}


def asyncapi() -> dict[str, Any]:
    """Describe the event log as an AsyncAPI 3.0 document: topics as channels, who sends and receives what."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Kalendarium's event log",
            "version": "1",
            "description": "What travels between ingest, calendar and distribution. Every message carries the full "
            "state of its subject and a number that only rises; a reader applies what is newer and skips the rest.",
            "license": {"name": "EUPL-1.2"},
        },
        "defaultContentType": "application/json",
        "channels": {_id(topic): _channel(topic) for topic in TOPICS},
        "operations": dict(_operations()),
        "components": {
            "messages": {message.__name__: _message(message) for message in MESSAGES},
            "schemas": _schemas(),
        },
    }


def openapi() -> dict[str, dict[str, Any]]:
    """Describe each service's API as an OpenAPI document, by the service's name; nothing is opened for it."""
    return {
        "ingest": ingest.create_app(ingest.Settings()).openapi(),
        "calendar": calendar.create_app(calendar.Settings()).openapi(),
        "distribution": distribution.create_app(distribution.Settings()).fastapi.openapi(),
    }


def documents() -> dict[Path, str]:
    """Give every generated document: its file, from the repository's root, and its text."""
    written = {
        OPENAPI / f"{name}.json": json.dumps(document, indent=1, ensure_ascii=False) + "\n"
        for name, document in openapi().items()
    }
    return written | {ASYNCAPI: yaml.safe_dump(asyncapi(), sort_keys=False, allow_unicode=True, width=120)}


def _id(topic: Topic) -> str:
    return topic.name.split(".", maxsplit=1)[0]


def _channel(topic: Topic) -> dict[str, Any]:
    return {
        "address": topic.name,
        "description": f"Key: {topic.key}. Written by {topic.written_by}, read by {' and '.join(topic.read_by)}.",
        "messages": {
            message.__name__: {"$ref": f"#/components/messages/{message.__name__}"} for message in topic.messages
        },
        "bindings": {
            "kafka": {
                "partitions": PARTITIONS,
                "topicConfiguration": {
                    "cleanup.policy": topic.settings["cleanup.policy"].split(","),
                },
                "bindingVersion": "0.5.0",
            }
        },
    }


def _operations() -> Iterable[tuple[str, dict[str, Any]]]:
    for topic in TOPICS:
        yield f"{topic.written_by}SendsTo{_id(topic).title()}", _operation(topic, "send", topic.written_by)
        for reader in topic.read_by:
            yield f"{reader}Reads{_id(topic).title()}", _operation(topic, "receive", reader)


def _operation(topic: Topic, action: str, service: str) -> dict[str, Any]:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{_id(topic)}"},
        "summary": f"{service} {'writes' if action == 'send' else 'reads'} {topic.name}",
        "tags": [{"name": service}],
    }


def _message(message: type[Message]) -> dict[str, Any]:
    return {
        "name": message.TYPE,
        "title": message.__name__,
        "summary": (message.__doc__ or "").splitlines()[0],
        "contentType": "application/json",
        "headers": {**HEADERS, "properties": {**HEADERS["properties"], "ce_type": {"const": message.TYPE}}},
        "payload": {"$ref": REF.format(name=message.__name__)},
    }


def _schemas() -> dict[str, Any]:
    """Give the schema of every message; ``event`` is shown as what it holds, though readers keep it as it came."""
    _, components = msgspec.json.schema_components([*MESSAGES, Event], ref_template=REF)
    for message in MESSAGES:
        fields = components[message.__name__]["properties"]
        if "event" in fields:
            fields["event"] = {"$ref": REF.format(name="Event")}
    for component in components.values():
        component.get("properties", {}).pop("extra", None)  # unknown fields stand next to the known ones
    return dict(sorted(components.items()))


def main() -> None:
    """Write the documents again."""
    for path, text in documents().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
