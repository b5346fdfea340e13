"""What becomes of one record: handled, parked, or to be tried again."""

from __future__ import annotations

import asyncio
import errno
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog
from structlog.contextvars import bind_contextvars, bound_contextvars

from shared import crash_points
from shared.database import is_away
from shared.eventlog.attempts import Attempts, Batch
from shared.eventlog.envelope import Letter, NotReadable, open_letter, read_message
from shared.eventlog.parking import parked
from shared.eventlog.port import LogAway, Partition, Record, RecordRefused, Sender
from shared.eventlog.steps import handling
from shared.messages import Message
from shared.telemetry import tracing

Handler = Callable[[Any, Letter], Awaitable[None]]
"""Takes a message and the letter it came in; returns when its effect is kept."""

log = structlog.get_logger(__name__)

DISK_TROUBLE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS})


class Rejected(Exception):
    """Raised by a handler: this message can never be handled; park it."""


class KilledTheProcess(Exception):
    """The process died again and again while it handled this record."""


def outside_world_is_away(error: BaseException) -> bool:
    """Tell trouble of the outside world (log, database, network, disk), which passes, from a bug, which does not."""
    if isinstance(error, OSError) and error.errno in DISK_TROUBLE:
        return True
    return isinstance(error, LogAway | ConnectionError | TimeoutError) or is_away(error)


@dataclass(frozen=True, slots=True)
class TryAgain:
    """The record is not done; ``bug`` says that it was not the outside world's fault."""

    why: BaseException
    bug: bool


@dataclass(slots=True)
class Tally:
    """What became of the records so far."""

    handled: int = 0
    parked: int = 0
    tried_again: int = 0


class Handling:
    """Handles records for a group, by the type of their message."""

    def __init__(
        self,
        sender: Sender,
        *,
        group: str,
        handlers: Mapping[type[Message], Handler],
        outage: Callable[[BaseException], bool],
        attempts: Attempts | None,
        bug_attempts: int,
        deaths: int,
    ) -> None:
        self._sender = sender
        self._group = group
        self._handlers = handlers
        self._outage = outage
        self._attempts = attempts
        self._bug_attempts = bug_attempts
        self._deaths = deaths
        self.tally = Tally()

    def begin_anew(self) -> None:
        """Forget what was known of the partitions, because they were given anew."""
        if self._attempts is not None:
            self._attempts.forget()

    async def suspects(self, batches: Mapping[Partition, Sequence[Record]]) -> Sequence[Partition] | TryAgain:
        """Tell in which partitions the process may have died with the next record in hand; take each of them alone."""
        if self._attempts is None:
            return ()
        try:
            deaths = await asyncio.gather(*(self._attempts.deaths(records[0]) for records in batches.values()))
        except Exception as why:
            if not self._outage(why):
                raise
            return self._wait_for_outside(why)
        return [partition for partition, count in zip(batches, deaths, strict=True) if count]

    async def take(self, records: Sequence[Record]) -> Batch | TryAgain:
        """Take records of one partition in hand; it may be only the first, if the process died with it before."""
        if self._attempts is None:
            return Batch(records, 0)
        try:
            return await self._attempts.take(records)
        except Exception as why:
            if not self._outage(why):
                raise
            return self._wait_for_outside(why)

    async def handle(self, record: Record, *, bugs: int, deaths: int) -> TryAgain | None:
        """Handle one record, which failed ``bugs`` times and killed the process ``deaths`` times before.

        Returns:
            None once it is done or parked.

        """
        named = {"topic": record.topic, "partition": record.partition.number, "offset": record.offset}
        unread = dict.fromkeys(("message_id", "type", "traceparent"))
        with bound_contextvars(**named, key=_text(record.key), **unread):
            try:
                self._check_deaths(deaths)
                await self._attempt(record)
            except (NotReadable, Rejected, KilledTheProcess) as why:
                return await self._park(record, why, bugs + 1)
            except Exception as why:  # noqa: BLE001 - the one place that takes a handler's any error
                return await self._failed(record, why, bugs + 1)
            return None

    async def let_go(self, partition: Partition) -> None:
        """Note that the process outlived what it had in hand of a partition."""
        if self._attempts is None:
            return
        try:
            await self._attempts.let_go(partition)
        except Exception as why:
            if not self._outage(why):
                raise
            log.warning("letting_go_not_noted", reason=repr(why))

    async def _attempt(self, record: Record) -> None:
        begun = time.perf_counter()
        letter = open_letter(topic=record.topic, key=record.key, value=record.value, headers=record.headers)
        bind_contextvars(message_id=letter.id, type=letter.type, traceparent=letter.traceparent)
        message = read_message(letter)
        crash_points.reach(crash_points.RECORD_TAKEN, of=letter.key)
        handler = self._handlers.get(type(message))
        if handler is not None:
            with tracing(letter.traceparent, handling(record, letter, self._group)):
                await handler(message, letter)
            crash_points.reach(crash_points.CONSUMER_HANDLED)
        self.tally.handled += 1
        log.info(
            "record_passed_by" if handler is None else "record_handled",
            duration_ms=round((time.perf_counter() - begun) * 1000, 2),
        )

    def _wait_for_outside(self, why: Exception) -> TryAgain:
        log.warning("records_wait_for_the_outside_world", reason=repr(why))
        return self._again(why, bug=False)

    def _check_deaths(self, deaths: int) -> None:
        if deaths >= self._deaths:
            raise KilledTheProcess(f"the process died {deaths} times with this record in hand")

    async def _failed(self, record: Record, why: Exception, attempts: int) -> TryAgain | None:
        if self._outage(why):
            log.warning("record_waits_for_the_outside_world", reason=repr(why))
            return self._again(why, bug=False)
        log.error("record_failed", attempts=attempts, exc_info=why)
        if attempts >= self._bug_attempts:
            return await self._park(record, why, attempts)
        return self._again(why, bug=True)

    async def _park(self, record: Record, why: BaseException, attempts: int) -> TryAgain | None:
        aside = parked(record, group=self._group, why=why, attempts=attempts, at=datetime.now(UTC))
        try:
            await self._sender.send(aside)
        except (LogAway, RecordRefused) as refused:
            log.error("record_not_parked", reason=repr(refused), parked_because=str(why))  # noqa: TRY400 - no bug of ours to trace
            return self._again(refused, bug=False)
        self.tally.parked += 1
        log.error("record_parked", error=type(why).__name__, reason=str(why), parked_topic=aside.topic)
        return None

    def _again(self, why: BaseException, *, bug: bool) -> TryAgain:
        self.tally.tried_again += 1
        return TryAgain(why, bug)


def _text(key: bytes | None) -> str | None:
    return None if key is None else key.decode(errors="replace")
