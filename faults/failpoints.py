"""Failpoints: places where a test kills a service, to show that nothing is lost or doubled there.

``KAL_CRASH_AT=outbox.sent`` kills the process (SIGKILL) when it first reaches that place, ``outbox.sent:3`` the third
time, ``record.taken=<key>`` whenever it has that record. The product knows nothing of it: :func:`install` listens to
the spans of traces and to the database client's command events, which come in the task that does the work.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from pymongo import monitoring

from shared.observability.logging import Span, derive_traceparent, set_span_recorder

VARIABLE: Final = "KAL_CRASH_AT"

# After a service's write, before the relay is notified.
STORE_WRITTEN: Final = "store.written"
# After the log's acknowledgement, before the message is removed from the outbox.
OUTBOX_SENT: Final = "outbox.sent"
# After the crash guard's note, before a handler has the record.
RECORD_TAKEN: Final = "record.taken"
# After a handler's effect, before the offset is committed.
CONSUMER_HANDLED: Final = "consumer.handled"
# After distribution was handed a record, before the programme has it.
RECORD_READ: Final = "record.read"
# After the programme has a record, before a feed does.
RECORD_APPLIED: Final = "record.applied"
# After a handler's effect; the process lives, but the client's fetch task ends silently.
FETCH_TASK: Final = "fetch.task"

STORES: Final = frozenset({"entries", "submissions"})
FETCH_ROUTINE: Final = "Fetcher._fetch_requests_routine"


class Failpoints:
    """Counts how often the process reaches its place."""

    def __init__(self, wanted: str) -> None:
        """``wanted`` is ``place``, ``place:time`` or ``place=key``."""
        place, _, time = wanted.partition(":")
        self._place, _, self._key = place.partition("=")
        self._time = int(time or "1")
        self._hits: Counter[str] = Counter()

    def reach(self, place: str, key: str = "") -> bool:
        """Count a visit; whether it is the place, the record and the time."""
        if place != self._place or (self._key and self._key != key):
            return False
        self._hits[place] += 1
        return self._hits[place] >= self._time

    def hit(self, place: str | None, key: str = "") -> None:
        if place is not None and self.reach(place, key):
            os.kill(os.getpid(), signal.SIGKILL)

    @contextmanager
    def record_span(self, traceparent: str | None, step: Span) -> Iterator[str]:
        # In place of the exporter: a span begins before and ends after a step.
        before, after = _name_places(step)
        key = str(step.attributes.get("messaging.kafka.message.key", ""))
        self.hit(before, key)
        yield derive_traceparent(traceparent)
        self.hit(after, key)
        if after == CONSUMER_HANDLED and self.reach(FETCH_TASK):
            cancel_fetching()


def _name_places(step: Span) -> tuple[str | None, str | None]:
    """The places before and after a span."""
    if step.kind == "producer":
        return None, OUTBOX_SENT
    if step.kind != "consumer":
        return None, None
    if "messaging.consumer.group.name" in step.attributes:
        return RECORD_TAKEN, CONSUMER_HANDLED
    return RECORD_READ, RECORD_APPLIED


class StoreWrites(monitoring.CommandListener):
    """Reports the database commands that change a store, once they are answered.

    The relay's removal of sent messages is a write to the same collections, but no failpoint.
    """

    def __init__(self, failpoints: Failpoints) -> None:
        self._failpoints = failpoints
        self._writing: set[int] = set()

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        command: Mapping[str, Any] = event.command
        if event.command_name not in {"insert", "update"} or command[event.command_name] not in STORES:
            return
        if not any("$pull" in update["u"] for update in command.get("updates", ())):
            self._writing.add(event.request_id)

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        if event.request_id in self._writing:
            self._writing.discard(event.request_id)
            if event.reply.get("n"):
                self._failpoints.hit(STORE_WRITTEN)

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        self._writing.discard(event.request_id)


def cancel_fetching() -> None:
    """As an error inside the task would end it. Raises LookupError if the client calls the task by another name."""
    fetching = [task for task in asyncio.all_tasks() if getattr(task.get_coro(), "__qualname__", "") == FETCH_ROUTINE]
    if not fetching:
        raise LookupError(f"no task runs {FETCH_ROUTINE}")
    for task in fetching:
        task.cancel()


def install(environment: Mapping[str, str]) -> None:
    """Call it before the process opens anything."""
    wanted = environment.get(VARIABLE)
    if wanted:
        failpoints = Failpoints(wanted)
        set_span_recorder(failpoints.record_span)
        monitoring.register(StoreWrites(failpoints))
