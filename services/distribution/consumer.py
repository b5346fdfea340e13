"""What distribution does with the records of the programme's topic: the newest revision of each event wins."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec

from services.distribution.programme import Programme
from shared.crash_points import RECORD_APPLIED, RECORD_READ, is_anywhere, reach
from shared.eventlog.envelope import NotReadable
from shared.eventlog.port import Record
from shared.eventlog.steps import applying
from shared.messages import EventPublished, EventWithdrawn
from shared.telemetry import traces_are_collected

TOPIC = "programme.v1"


class ProgrammeReader:
    """Takes records into the programme.

    Only the headers' type is looked at, not the whole envelope: at a start every replica reads every event, and what
    makes a record readable is its message.
    """

    def __init__(self, programme: Programme, on_change: Callable[[str], None]) -> None:
        """Make a reader.

        Args:
            programme: what the records are applied to.
            on_change: gets the id of each event that a record changed.

        """
        self._on_change = on_change
        self._handlers: Mapping[bytes, Callable[[bytes], str | None]] = {
            EventPublished.TYPE.encode(): programme.publish,
            EventWithdrawn.TYPE.encode(): programme.withdraw,
        }

    def take(self, records: Sequence[Record]) -> None:
        """Apply records in order; repeating them does no harm.

        Raises:
            NotReadable: at the first record that is not a message about the programme.

        """
        take_one = self._watched if is_anywhere() or traces_are_collected() else self._apply
        for record in records:
            changed = take_one(record)
            if changed is not None:
                self._on_change(changed)

    def _watched(self, record: Record) -> str | None:
        """Apply a record where somebody wants to see it, or to kill the process there."""
        reach(RECORD_READ)
        with applying(record, "distribution"):
            changed = self._apply(record)
        reach(RECORD_APPLIED)
        return changed

    def _apply(self, record: Record) -> str | None:
        kind = None
        for name, value in record.headers:
            if name == "ce_type":
                kind = value
                break
        handler = self._handlers.get(kind or b"")
        if handler is None or record.value is None or record.key is None:
            raise NotReadable(f"the type {kind!r} is unknown, or there is no value or key")
        try:
            return handler(record.value)
        except (ValueError, msgspec.MsgspecError, RecursionError) as error:
            raise NotReadable(str(error)) from error
