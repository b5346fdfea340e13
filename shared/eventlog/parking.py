"""Sets a record aside that can never be handled, untouched, with where and why."""

from __future__ import annotations

from datetime import UTC, datetime

from shared.eventlog.port import Headers, Outgoing, Record
from shared.eventlog.topics import parked_topic

PREFIX = "parked_"
"""How the headers begin that parking adds; a replay takes them off again."""

MAX_REASON = 1000
"""Characters of the reason that are kept, so that a parked record always fits."""


def parked(record: Record, *, group: str, why: BaseException, attempts: int, at: datetime) -> Outgoing:
    """Write the record for the parked topic: value and headers untouched, then where it came from and why.

    Args:
        record: what could not be handled.
        group: who could not handle it.
        why: the error that said so.
        attempts: how often it was tried.
        at: now.

    """
    where = {
        "topic": record.topic,
        "partition": str(record.partition.number),
        "offset": str(record.offset),
        "timestamp_ms": str(record.timestamp_ms),
        "group": group,
        "error": type(why).__name__,
        "reason": str(why)[:MAX_REASON],
        "attempts": str(attempts),
        "at": at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
    }
    added = [(PREFIX + name, text.encode(errors="replace")) for name, text in where.items()]
    return Outgoing(parked_topic(record.topic, group), record.key, record.value, [*record.headers, *added])


def without_parking(headers: Headers) -> Headers:
    """Take off what parking added."""
    return [(name, value) for name, value in headers if not name.startswith(PREFIX)]
