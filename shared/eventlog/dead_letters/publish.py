"""Publishing of dead letters: the record untouched, its origin and the error in headers."""

from __future__ import annotations

from datetime import datetime

from shared.clock import write_instant
from shared.eventlog.port import Headers, Outgoing, Record
from shared.eventlog.topics import name_dead_letter_topic

# Begins the added headers; a replay removes them.
PREFIX = "parked_"

# Characters, so that a dead letter always fits.
MAX_REASON = 1000

# Errors whose name on the wire is older than the one in the code.
WIRE_NAMES = {"InvalidMessage": "NotReadable"}


def build_dead_letter(record: Record, *, group: str, error: BaseException, attempts: int, at: datetime) -> Outgoing:
    """Value and headers untouched, origin and error in added headers."""
    where = {
        "topic": record.topic,
        "partition": str(record.partition.number),
        "offset": str(record.offset),
        "timestamp_ms": str(record.timestamp_ms),
        "group": group,
        "error": WIRE_NAMES.get(type(error).__name__, type(error).__name__),
        "reason": str(error)[:MAX_REASON],
        "attempts": str(attempts),
        "at": write_instant(at, timespec="seconds"),
    }
    added = [(PREFIX + name, text.encode(errors="replace")) for name, text in where.items()]
    return Outgoing(name_dead_letter_topic(record.topic, group), record.key, record.value, [*record.headers, *added])


def strip_dead_letter_headers(headers: Headers) -> Headers:
    return [(name, value) for name, value in headers if not name.startswith(PREFIX)]
