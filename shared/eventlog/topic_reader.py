"""Topic reader: reads a topic from its beginning, without a group, and follows it.

Every replica reads everything, so nothing is committed or dead-lettered: an invalid message is skipped, listed and
counted. A start from a snapshot takes its positions and, of each, a *checkpoint*: a digest of the last record read. A
log that does not hold that record is another log, or was restored to an earlier state, and is read from its beginning.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import blake2b
from typing import NamedTuple

import structlog

from shared.aio.backoff import backoff
from shared.aio.cancellation import wait_or_stop
from shared.eventlog.envelope import InvalidMessage
from shared.eventlog.port import EventLog, LogUnavailable, Partition, Reader, Record

log = structlog.get_logger(__name__)

# All are counted.
LISTED = 100


@dataclass(frozen=True, slots=True)
class SkippedRecord:
    partition: int
    offset: int
    key: str | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicReaderSettings:
    """Times in seconds."""

    max_records: int = 500  # bounds how long one slice holds up the event loop
    poll_seconds: float = 0.5
    look_seconds: float = 5.0  # between two questions for the log's end
    stalled_after_seconds: float = 60.0  # then a reader that gets nothing although there is something is reopened
    first_wait: float = 0.25
    longest_wait: float = 5.0


class _LogReplaced(Exception):
    """The log does not hold what was read before."""


class _Ends(NamedTuple):
    """``asked_at`` is in seconds since 1970."""

    offsets: Mapping[Partition, int]
    asked_at: float


class TopicReader:
    """Nothing is contacted before :meth:`run`.

    ``on_records`` takes records of one partition, in order. If it raises, it gets them again one by one, and those that
    it raises for again are skipped; so repeats must be harmless. ``on_reset`` is called when the log is another one;
    all its records follow.
    """

    def __init__(
        self,
        log: EventLog,
        topic: str,
        on_records: Callable[[Sequence[Record]], None],
        *,
        start: Mapping[int, int] | None = None,
        checkpoints: Mapping[int, bytes] | None = None,
        on_reset: Callable[[], None] = lambda: None,
        settings: TopicReaderSettings | None = None,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.caught_up = asyncio.Event()  # everything was read that was there when reading began
        self.positions: dict[int, int] = dict(start or {})  # next offsets by partition number
        self.checkpoints: dict[int, bytes] = dict(checkpoints or {})  # digests of the records before these
        self.lag: int | None = None  # offsets missing when the log was last asked
        self.complete_at: float | None = None  # everything written up to then is read; seconds since 1970
        self.newest_ms = 0  # newest timestamp of a record, in milliseconds since 1970
        self.is_unavailable = False
        self.skipped: deque[SkippedRecord] = deque(maxlen=LISTED)
        self.skipped_count = 0
        self.read_count = 0
        self._to_verify: dict[int, bytes] = {}
        self._log = log
        self._topic = topic
        self._on_records = on_records
        self._on_reset = on_reset
        self._settings = settings or TopicReaderSettings()
        self._clock = clock
        self._now = now

    async def run(self, stop: asyncio.Event) -> None:
        """Raises TopicMismatch."""
        failures = 0
        while not stop.is_set():
            try:
                reader = await wait_or_stop(stop, self._log.read([self._topic], self._start()))
                failures, self.is_unavailable = 0, False
                if reader is not None:
                    await self._follow(reader, stop)
            except _LogReplaced as replaced:
                log.warning("event_log_replaced", topic=self._topic, reason=str(replaced))
                self._reset()
            except LogUnavailable as error:
                failures, self.is_unavailable = failures + 1, True
                log.warning("event_log_unavailable", topic=self._topic, reason=str(error))
                wait = backoff(failures, first=self._settings.first_wait, longest=self._settings.longest_wait)
                await wait_or_stop(stop, asyncio.sleep(wait))

    def _start(self) -> dict[Partition, int]:
        # One record earlier where there is a checkpoint to verify.
        self._to_verify = {
            number: checkpoint for number, checkpoint in self.checkpoints.items() if number in self.positions
        }
        return {
            Partition(self._topic, number): offset - (number in self._to_verify)
            for number, offset in self.positions.items()
        }

    def _reset(self) -> None:
        self.positions, self.checkpoints, self._to_verify = {}, {}, {}
        self.caught_up.clear()
        self.lag = self.complete_at = None
        self.read_count = self.skipped_count = self.newest_ms = 0
        self.skipped.clear()
        self._on_reset()

    async def _follow(self, reader: Reader, stop: asyncio.Event) -> None:
        try:
            self._check_start(reader)
            ends = await self._ask_ends(reader)
            looked = moved = self._clock()
            while not stop.is_set():
                self._note_progress(ends)
                batches = await wait_or_stop(
                    stop, reader.poll(timeout=self._settings.poll_seconds, max_records=self._settings.max_records)
                )
                now = self._clock()
                if batches:
                    moved = now
                    await self._take(batches)
                if now - looked >= self._settings.look_seconds:
                    looked = now
                    self._note_progress(ends)
                    ends = self._update_ends(ends, await self._ask_ends(reader), now - moved)
        finally:
            await reader.close()

    def _check_start(self, reader: Reader) -> None:
        there = {partition.number: offset for partition, offset in reader.positions.items()}
        for number, offset in self.positions.items():
            asked = offset - (number in self._to_verify)
            if asked and there.get(number) != asked:
                raise _LogReplaced(f"partition {number} cannot be read from {asked} on")
        self.positions = there | {number: offset for number, offset in self.positions.items() if offset}

    async def _ask_ends(self, reader: Reader) -> _Ends:
        asked_at = self._now()
        ends = await reader.get_ends()
        for partition, end in ends.items():
            if end < self.positions.get(partition.number, 0):
                raise _LogReplaced(f"partition {partition.number} ends at {end}, and was read beyond that")
        return _Ends(ends, asked_at)

    def _note_progress(self, ends: _Ends) -> None:
        if self._to_verify or self._count_missing(ends):
            return
        self.complete_at = ends.asked_at
        if not self.caught_up.is_set():
            self.lag = 0
            self.caught_up.set()
            log.info("topic_caught_up", topic=self._topic, records=self.read_count, skipped=self.skipped_count)

    def _update_ends(self, before: _Ends, ends: _Ends, quiet: float) -> _Ends:
        # The earlier ends until they are reached, for new records may always come.
        self.lag = self._count_missing(ends)
        if self.lag and quiet > self._settings.stalled_after_seconds:
            raise LogUnavailable(f"{self.lag} records wait and none arrived for {quiet:.0f} s; reopening")
        return before if self._count_missing(before) else ends

    def _count_missing(self, ends: _Ends) -> int:
        return sum(max(0, end - self.positions.get(partition.number, 0)) for partition, end in ends.offsets.items())

    async def _take(self, batches: Mapping[Partition, Sequence[Record]]) -> None:
        for partition, batch in batches.items():
            records = self._check_continuity(partition.number, batch)
            self.read_count += len(records)
            try:
                self._on_records(records)
            except Exception:  # noqa: BLE001 - which of them it was is found out one by one
                for record in records:
                    self._take_one(record)
            self.positions[partition.number] = batch[-1].offset + 1
            self.checkpoints[partition.number] = compute_checkpoint(batch[-1])
            self.newest_ms = max(self.newest_ms, batch[-1].timestamp_ms)
            await asyncio.sleep(0)  # let requests run between slices

    def _check_continuity(self, number: int, batch: Sequence[Record]) -> Sequence[Record]:
        first, expected = batch[0], self.positions.get(number, 0)
        checkpoint = self._to_verify.pop(number, None)
        if checkpoint is None:
            if first.offset < expected:
                raise _LogReplaced(f"partition {number} continues at {first.offset}, and was read up to {expected}")
            return batch
        if first.offset != expected - 1 or compute_checkpoint(first) != checkpoint:
            raise _LogReplaced(f"partition {number} does not hold at {expected - 1} what was read there")
        return batch[1:]

    def _take_one(self, record: Record) -> None:
        try:
            self._on_records([record])
        except Exception as error:
            key = None if record.key is None else record.key.decode(errors="replace")
            skipped = SkippedRecord(record.partition.number, record.offset, key, f"{type(error).__name__}: {error}")
            self.skipped.append(skipped)
            self.skipped_count += 1
            bug = None if isinstance(error, InvalidMessage) else error
            log.error("record_skipped", topic=self._topic, **asdict(skipped), exc_info=bug)  # noqa: TRY400 - no trace where the record is to blame


def compute_checkpoint(record: Record) -> bytes:
    """Of 16 bytes; it tells a record from any other at its offset."""
    digest = blake2b(record.timestamp_ms.to_bytes(8, "big", signed=True), digest_size=16)
    for part in (record.key, record.value):
        digest.update(b"-" if part is None else b"+%d:" % len(part) + part)
    return digest.digest()
