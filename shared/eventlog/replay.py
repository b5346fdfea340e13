"""Reads a topic from its beginning, without a group, and follows it.

Every replica reads everything, so nothing is committed and nothing parked: what cannot be read is skipped, listed and
counted. A log that is away is waited for; what was read stays. Whoever starts from a snapshot gives the positions and
the last record seen at each, its *witness*: a log that does not hold that record there any more is another log, or was
restored to an earlier state, and is read from its beginning.
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

from shared.eventlog.envelope import NotReadable
from shared.eventlog.port import EventLog, LogAway, Partition, Reader, Record
from shared.eventlog.stopping import unless

log = structlog.get_logger(__name__)

LISTED = 100
"""How many of the records that were skipped are listed; all are counted."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A record that could not be read: where it stands, and why."""

    partition: int
    offset: int
    key: str | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaySettings:
    """How the reader paces itself; times in seconds.

    ``max_records`` bounds how long one slice holds up the event loop; ``look_seconds`` is how often the log is asked
    for its end, ``stuck_after_seconds`` when a reader that gets nothing although there is something is opened anew.
    """

    max_records: int = 500
    poll_seconds: float = 0.5
    look_seconds: float = 5.0
    stuck_after_seconds: float = 60.0
    first_wait: float = 0.25
    longest_wait: float = 5.0


class _LogReplaced(Exception):
    """What was read before is not what this log holds."""


class _Ends(NamedTuple):
    """Where the partitions ended when the log was asked, and when that was, in seconds since 1970."""

    offsets: Mapping[Partition, int]
    asked_at: float


class Replay:
    """A topic from its beginning, or from the positions of a snapshot.

    ``caught_up`` is set once everything has been read that was there when reading began; ``positions`` are the next
    offsets by partition number, always those after what ``on_records`` has taken, and ``witnesses`` tell the last
    record before each; ``lag`` is how many offsets were missing when the log was last asked, None before.
    ``complete_at`` is the instant, in seconds since 1970, up to which everything written is known to be read, None
    before; ``newest_ms`` is the newest timestamp of a record, in milliseconds since 1970, 0 before. ``is_away`` tells
    whether the log did not answer when it was last asked.
    """

    def __init__(
        self,
        log: EventLog,
        topic: str,
        on_records: Callable[[Sequence[Record]], None],
        *,
        start: Mapping[int, int] | None = None,
        witnesses: Mapping[int, bytes] | None = None,
        on_replaced: Callable[[], None] = lambda: None,
        settings: ReplaySettings | None = None,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Make a reader; nothing is contacted before it runs.

        Args:
            log: the event log.
            topic: what to read.
            on_records: takes records of one partition, in order. If it raises, it gets them again one by one, and
                those that it raises for again are skipped; so it must not mind repetition.
            start: the next offset by partition number, from a snapshot.
            witnesses: what :attr:`witnesses` said then.
            on_replaced: hears that the log is not the one that was read before; everything it holds comes again.
            settings: how the reader paces itself.
            clock: a monotonic clock in seconds.
            now: seconds since 1970.

        """
        self.caught_up = asyncio.Event()
        self.positions: dict[int, int] = dict(start or {})
        self.witnesses: dict[int, bytes] = dict(witnesses or {})
        self.lag: int | None = None
        self.complete_at: float | None = None
        self.newest_ms = 0
        self.is_away = False
        self.skipped: deque[Skipped] = deque(maxlen=LISTED)
        self.skipped_count = 0
        self.read_count = 0
        self._to_meet: dict[int, bytes] = {}
        self._log = log
        self._topic = topic
        self._on_records = on_records
        self._on_replaced = on_replaced
        self._settings = settings or ReplaySettings()
        self._clock = clock
        self._now = now

    async def run(self, stop: asyncio.Event) -> None:
        """Read and follow until ``stop`` is set.

        Raises:
            TopicMismatch: the topic is missing, or kept in another way than this release needs.

        """
        failures = 0
        while not stop.is_set():
            try:
                reader = await unless(stop, self._log.read([self._topic], self._start()))
                failures, self.is_away = 0, False
                if reader is not None:
                    await self._follow(reader, stop)
            except _LogReplaced as replaced:
                log.warning("event_log_replaced", topic=self._topic, reason=str(replaced))
                self._begin_anew()
            except LogAway as away:
                failures, self.is_away = failures + 1, True
                log.warning("event_log_away", topic=self._topic, reason=str(away))
                wait = min(self._settings.longest_wait, self._settings.first_wait * 2.0 ** min(failures - 1, 30))
                await unless(stop, asyncio.sleep(wait))

    def _start(self) -> dict[Partition, int]:
        """Ask for what comes next, and where there is a witness for that record once more."""
        self._to_meet = {number: witness for number, witness in self.witnesses.items() if number in self.positions}
        return {
            Partition(self._topic, number): offset - (number in self._to_meet)
            for number, offset in self.positions.items()
        }

    def _begin_anew(self) -> None:
        self.positions, self.witnesses, self._to_meet = {}, {}, {}
        self.caught_up.clear()
        self.lag = self.complete_at = None
        self.read_count = self.skipped_count = self.newest_ms = 0
        self.skipped.clear()
        self._on_replaced()

    async def _follow(self, reader: Reader, stop: asyncio.Event) -> None:
        try:
            self._check_start(reader)
            ends = await self._ends(reader)
            looked = moved = self._clock()
            while not stop.is_set():
                self._mark(ends)
                batches = await unless(
                    stop, reader.poll(timeout=self._settings.poll_seconds, max_records=self._settings.max_records)
                )
                now = self._clock()
                if batches:
                    moved = now
                    await self._take(batches)
                if now - looked >= self._settings.look_seconds:
                    looked = now
                    self._mark(ends)
                    ends = self._look(ends, await self._ends(reader), now - moved)
        finally:
            await reader.close()

    def _check_start(self, reader: Reader) -> None:
        """See that reading goes on where it was asked to, and note where it begins in partitions that are new to us."""
        there = {partition.number: offset for partition, offset in reader.positions.items()}
        for number, offset in self.positions.items():
            asked = offset - (number in self._to_meet)
            if asked and there.get(number) != asked:
                raise _LogReplaced(f"partition {number} cannot be read from {asked} on")
        self.positions = there | {number: offset for number, offset in self.positions.items() if offset}

    async def _ends(self, reader: Reader) -> _Ends:
        asked_at = self._now()
        ends = await reader.ends()
        for partition, end in ends.items():
            if end < self.positions.get(partition.number, 0):
                raise _LogReplaced(f"partition {partition.number} ends at {end}, and was read beyond that")
        return _Ends(ends, asked_at)

    def _mark(self, ends: _Ends) -> None:
        """See whether everything has been read that was there when the log was asked."""
        if self._to_meet or self._missing(ends):
            return
        self.complete_at = ends.asked_at
        if not self.caught_up.is_set():
            self.lag = 0
            self.caught_up.set()
            log.info("topic_caught_up", topic=self._topic, records=self.read_count, skipped=self.skipped_count)

    def _look(self, before: _Ends, ends: _Ends, quiet: float) -> _Ends:
        """Give the ends to reach next: those from before as long as they are not reached, for more may always come."""
        self.lag = self._missing(ends)
        if self.lag and quiet > self._settings.stuck_after_seconds:
            raise LogAway(f"{self.lag} records wait and none arrived for {quiet:.0f} s; reading anew")
        return before if self._missing(before) else ends

    def _missing(self, ends: _Ends) -> int:
        return sum(max(0, end - self.positions.get(partition.number, 0)) for partition, end in ends.offsets.items())

    async def _take(self, batches: Mapping[Partition, Sequence[Record]]) -> None:
        for partition, batch in batches.items():
            records = self._continued(partition.number, batch)
            self.read_count += len(records)
            try:
                self._on_records(records)
            except Exception:  # noqa: BLE001 - which of them it was is found out one by one
                for record in records:
                    self._take_one(record)
            self.positions[partition.number] = batch[-1].offset + 1
            self.witnesses[partition.number] = witness_of(batch[-1])
            self.newest_ms = max(self.newest_ms, batch[-1].timestamp_ms)
            await asyncio.sleep(0)  # requests come between slices

    def _continued(self, number: int, batch: Sequence[Record]) -> Sequence[Record]:
        """Give what is new in a batch, once it is sure that it goes on where reading ended."""
        first, expected = batch[0], self.positions.get(number, 0)
        witness = self._to_meet.pop(number, None)
        if witness is None:
            if first.offset < expected:
                raise _LogReplaced(f"partition {number} goes on at {first.offset}, and was read up to {expected}")
            return batch
        if first.offset != expected - 1 or witness_of(first) != witness:
            raise _LogReplaced(f"partition {number} does not hold at {expected - 1} what was read there")
        return batch[1:]

    def _take_one(self, record: Record) -> None:
        try:
            self._on_records([record])
        except Exception as error:
            key = None if record.key is None else record.key.decode(errors="replace")
            skipped = Skipped(record.partition.number, record.offset, key, f"{type(error).__name__}: {error}")
            self.skipped.append(skipped)
            self.skipped_count += 1
            bug = None if isinstance(error, NotReadable) else error
            log.error("record_skipped", topic=self._topic, **asdict(skipped), exc_info=bug)  # noqa: TRY400 - no trace where the record is to blame


def witness_of(record: Record) -> bytes:
    """Tell a record from every other that could stand at its place: 16 bytes."""
    told = blake2b(record.timestamp_ms.to_bytes(8, "big", signed=True), digest_size=16)
    for part in (record.key, record.value):
        told.update(b"-" if part is None else b"+%d:" % len(part) + part)
    return told.digest()
