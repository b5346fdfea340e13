"""Reads a topic from its beginning, without a group, and follows it.

Every replica reads everything, so nothing is committed and nothing parked: what cannot be read is skipped, listed and
counted. A log that is away is waited for; what was read stays.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

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


class Replay:
    """A topic from its beginning, or from the positions of a snapshot.

    ``caught_up`` is set once everything has been read that was there when reading began; ``positions`` are the next
    offsets by partition number, always those after what ``on_records`` has taken; ``lag`` is how many offsets were
    missing when the log was last asked, None before.
    """

    def __init__(
        self,
        log: EventLog,
        topic: str,
        on_records: Callable[[Sequence[Record]], None],
        *,
        start: Mapping[int, int] | None = None,
        settings: ReplaySettings | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Make a reader; nothing is contacted before it runs.

        Args:
            log: the event log.
            topic: what to read.
            on_records: takes records of one partition, in order. If it raises, it gets them again one by one, and
                those that it raises for again are skipped; so it must not mind repetition.
            start: the next offset by partition number, from a snapshot.
            settings: how the reader paces itself.
            clock: a monotonic clock in seconds.

        """
        self.caught_up = asyncio.Event()
        self.positions: dict[int, int] = dict(start or {})
        self.lag: int | None = None
        self.skipped: deque[Skipped] = deque(maxlen=LISTED)
        self.skipped_count = 0
        self.read_count = 0
        self._log = log
        self._topic = topic
        self._on_records = on_records
        self._settings = settings or ReplaySettings()
        self._clock = clock

    async def run(self, stop: asyncio.Event) -> None:
        """Read and follow until ``stop`` is set.

        Raises:
            TopicMismatch: the topic is missing, or kept in another way than this release needs.

        """
        failures = 0
        while not stop.is_set():
            try:
                start = {Partition(self._topic, number): offset for number, offset in self.positions.items()}
                reader = await unless(stop, self._log.read([self._topic], start))
                failures = 0
                if reader is not None:
                    await self._follow(reader, stop)
            except LogAway as away:
                failures += 1
                log.warning("event_log_away", topic=self._topic, reason=str(away))
                wait = min(self._settings.longest_wait, self._settings.first_wait * 2.0 ** min(failures - 1, 30))
                await unless(stop, asyncio.sleep(wait))

    async def _follow(self, reader: Reader, stop: asyncio.Event) -> None:
        try:
            self._note(reader)
            ends = await reader.ends()
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
                    self._note(reader)
                if now - looked >= self._settings.look_seconds:
                    looked = now
                    self._look(await reader.ends(), now - moved)
        finally:
            await reader.close()

    def _note(self, reader: Reader) -> None:
        self.positions = {partition.number: offset for partition, offset in reader.positions.items()}

    def _mark(self, ends: Mapping[Partition, int]) -> None:
        """See whether everything has been read that was there at the start."""
        if not self.caught_up.is_set() and self._missing(ends) == 0:
            self.lag = 0
            self.caught_up.set()
            log.info("topic_caught_up", topic=self._topic, records=self.read_count, skipped=self.skipped_count)

    def _look(self, ends: Mapping[Partition, int], quiet: float) -> None:
        self.lag = self._missing(ends)
        if self.lag and quiet > self._settings.stuck_after_seconds:
            raise LogAway(f"{self.lag} records wait and none arrived for {quiet:.0f} s; reading anew")

    def _missing(self, ends: Mapping[Partition, int]) -> int:
        return sum(max(0, end - self.positions.get(partition.number, 0)) for partition, end in ends.items())

    async def _take(self, batches: Mapping[Partition, Sequence[Record]]) -> None:
        for records in batches.values():
            self.read_count += len(records)
            try:
                self._on_records(records)
            except Exception:  # noqa: BLE001 - which of them it was is found out one by one
                for record in records:
                    self._take_one(record)
            await asyncio.sleep(0)  # requests come between slices

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
