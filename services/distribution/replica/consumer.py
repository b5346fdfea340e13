"""Applies the records of the programme's topic: the newest revision of each event wins."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec

from services.distribution.programme.model import Programme
from shared.eventlog.envelope import InvalidMessage
from shared.eventlog.port import Record
from shared.eventlog.tracing import trace_applying
from shared.messages import EventPublished, EventWithdrawn
from shared.observability.logging import is_tracing_enabled

TOPIC = "programme.v1"


class ProgrammeReader:
    """``on_change`` gets the ids of the events that changed."""

    # Only the type header is read, not the whole envelope: at a start every replica reads every event.

    def __init__(self, programme: Programme, on_change: Callable[[Sequence[str]], None]) -> None:
        self._on_change = on_change
        self._handlers: Mapping[bytes, Callable[[bytes], str | None]] = {
            EventPublished.TYPE.encode(): programme.publish,
            EventWithdrawn.TYPE.encode(): programme.withdraw,
        }

    def apply(self, records: Sequence[Record]) -> None:
        """Apply records in order; repeating them is harmless. Raises InvalidMessage at the first foreign record."""
        take_one = self._apply_traced if is_tracing_enabled() else self._apply_record
        changed: list[str] = []
        try:
            for record in records:
                event_id = take_one(record)
                if event_id is not None:
                    changed.append(event_id)
        finally:
            if changed:
                self._on_change(changed)

    def _apply_traced(self, record: Record) -> str | None:
        with trace_applying(record, "distribution"):
            return self._apply_record(record)

    def _apply_record(self, record: Record) -> str | None:
        kind = None
        for name, value in record.headers:
            if name == "ce_type":
                kind = value
                break
        handler = self._handlers.get(kind or b"")
        if handler is None or record.value is None or record.key is None:
            raise InvalidMessage(f"the type {kind!r} is unknown, or there is no value or key")
        try:
            return handler(record.value)
        except (ValueError, msgspec.MsgspecError, RecursionError) as error:
            raise InvalidMessage(str(error)) from error
