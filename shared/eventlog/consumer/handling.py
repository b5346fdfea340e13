"""Record handling: parse, dispatch to a handler, then done, dead-lettered or to be retried."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from structlog.contextvars import bind_contextvars, bound_contextvars

from shared.clock import utc_now
from shared.eventlog.consumer.crash_guard import Batch, CrashGuard
from shared.eventlog.consumer.partition import Retry
from shared.eventlog.dead_letters.publish import build_dead_letter
from shared.eventlog.envelope import Envelope, InvalidMessage, parse, parse_message
from shared.eventlog.port import LogUnavailable, Partition, Record, RecordRefused, Sender
from shared.eventlog.tracing import build_handling_span
from shared.messages import Message
from shared.observability.logging import enter_trace

# Returns once its effect is stored.
Handler = Callable[[Any, Envelope], Awaitable[None]]

log = structlog.get_logger(__name__)


class Rejected(Exception):
    """Raised by a handler: this message can never be handled; dead-letter it."""


class KilledTheProcess(Exception):
    """The process died repeatedly while it handled this record."""


@dataclass(slots=True)
class Counters:
    """Records since the start of the process, by outcome."""

    handled: int = 0
    dead_lettered: int = 0
    retried: int = 0


class Handling:
    def __init__(
        self,
        sender: Sender,
        *,
        group: str,
        handlers: Mapping[type[Message], Handler],
        is_transient: Callable[[BaseException], bool],
        guard: CrashGuard | None,
        bug_attempts: int,
        most_crashes: int,
    ) -> None:
        self._sender = sender
        self._group = group
        self._handlers = handlers
        self._is_transient = is_transient
        self._guard = guard
        self._bug_attempts = bug_attempts
        self._most_crashes = most_crashes
        self.counters = Counters()

    async def find_suspects(self, batches: Mapping[Partition, Sequence[Record]]) -> Sequence[Partition] | Retry:
        """Partitions whose next record was in flight in a crash; take each of them alone."""
        if self._guard is None:
            return ()
        try:
            crashes = await asyncio.gather(*(self._guard.count_crashes(records[0]) for records in batches.values()))
        except Exception as error:
            if not self._is_transient(error):
                raise
            return self._retry_after_outage(error)
        return [partition for partition, count in zip(batches, crashes, strict=True) if count]

    async def take(self, records: Sequence[Record]) -> Batch | Retry:
        if self._guard is None:
            return Batch(records, 0)
        try:
            return await self._guard.take(records)
        except Exception as error:
            if not self._is_transient(error):
                raise
            return self._retry_after_outage(error)

    async def handle(self, record: Record, *, bugs: int, crashes: int) -> Retry | None:
        """``bugs`` and ``crashes`` count earlier attempts; None once the record is done or dead-lettered."""
        named = {"topic": record.topic, "partition": record.partition.number, "offset": record.offset}
        unread = dict.fromkeys(("message_id", "type", "traceparent"))
        with bound_contextvars(**named, key=_decode_key(record.key), **unread):
            try:
                self._check_crashes(crashes)
                await self._attempt(record)
            except (InvalidMessage, Rejected, KilledTheProcess) as error:
                return await self._dead_letter(record, error, bugs + 1)
            except Exception as error:  # noqa: BLE001 - the one place that takes any error of a handler
                return await self._handle_failure(record, error, bugs + 1)
            return None

    async def release(self, partition: Partition) -> None:
        if self._guard is None:
            return
        try:
            await self._guard.release(partition)
        except Exception as error:
            if not self._is_transient(error):
                raise
            log.warning("release_not_noted", reason=repr(error))

    async def _attempt(self, record: Record) -> None:
        begun = time.perf_counter()
        envelope = parse(topic=record.topic, key=record.key, value=record.value, headers=record.headers)
        bind_contextvars(message_id=envelope.id, type=envelope.type, traceparent=envelope.traceparent)
        message = parse_message(envelope)
        handler = self._handlers.get(type(message))
        if handler is not None:
            with enter_trace(envelope.traceparent, build_handling_span(record, envelope, self._group)):
                await handler(message, envelope)
        self.counters.handled += 1
        log.info(
            "record_passed_by" if handler is None else "record_handled",
            duration_ms=round((time.perf_counter() - begun) * 1000, 2),
        )

    def _retry_after_outage(self, error: Exception) -> Retry:
        log.warning("retrying_after_outage", reason=repr(error))
        return self._count_retry(error, bug=False)

    def _check_crashes(self, crashes: int) -> None:
        if crashes >= self._most_crashes:
            raise KilledTheProcess(f"the process died {crashes} times with this record in flight")

    async def _handle_failure(self, record: Record, error: Exception, attempts: int) -> Retry | None:
        if self._is_transient(error):
            return self._retry_after_outage(error)
        log.error("record_failed", attempts=attempts, exc_info=error)
        if attempts >= self._bug_attempts:
            return await self._dead_letter(record, error, attempts)
        return self._count_retry(error, bug=True)

    async def _dead_letter(self, record: Record, error: BaseException, attempts: int) -> Retry | None:
        letter = build_dead_letter(record, group=self._group, error=error, attempts=attempts, at=utc_now())
        try:
            await self._sender.send(letter)
        except (LogUnavailable, RecordRefused) as refused:
            log.error("record_not_dead_lettered", reason=repr(refused), dead_lettered_because=str(error))  # noqa: TRY400 - no bug of ours to trace
            return self._count_retry(refused, bug=False)
        self.counters.dead_lettered += 1
        log.error("record_dead_lettered", error=type(error).__name__, reason=str(error), dead_letter_topic=letter.topic)
        return None

    def _count_retry(self, error: BaseException, *, bug: bool) -> Retry:
        self.counters.retried += 1
        return Retry(error, bug)


def _decode_key(key: bytes | None) -> str | None:
    return None if key is None else key.decode(errors="replace")
