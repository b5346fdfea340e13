"""Partition state: everything that a consumer knows of one assigned partition.

Loop, crash guard, lag and watchdog share it; none keeps state by partition for itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shared.aio.backoff import backoff
from shared.eventlog.port import Partition, Record

NEVER = -1


@dataclass(frozen=True, slots=True)
class Retry:
    """The outcome of a record that is not done; ``bug``: it failed by an error of ours, not by an outage."""

    reason: BaseException
    bug: bool


@dataclass(slots=True)
class RetryState:
    """A record to retry. ``due`` is by the loop's monotonic clock; None while it is being handled."""

    offset: int
    tries: int = 0
    bugs: int = 0
    due: float | None = None


@dataclass(frozen=True, slots=True)
class CrashRecord:
    """Notes of earlier processes: records up to ``until`` are suspect, ``offset`` was in flight alone."""

    until: int = NEVER
    offset: int = NEVER
    crashes: int = 0  # with that record, the first one, in its batch, included

    def count_crashes(self, offset: int) -> int:
        """One crash for each record of a batch that a process died with."""
        if offset == self.offset:
            return self.crashes
        return 1 if offset <= self.until else 0


@dataclass(slots=True)
class Stall:
    """Since when a partition that lags has handed out nothing, by the loop's monotonic clock."""

    position: int | None
    since: float


@dataclass(slots=True)
class PartitionState:
    """The first four fields end with the assignment, the others stay with the partition."""

    next_offset: int | None = None  # what to commit; None if that is committed
    retry: RetryState | None = None
    in_flight: bool = False
    crash_record: CrashRecord | None = None  # None until it was read
    handled_until: float | None = None  # everything written up to then is handled; seconds since 1970
    lag: int | None = None  # offsets behind the end when the log was last asked; None if it was not ours then
    position: int | None = None  # the last offset handed out
    stall: Stall | None = None  # set while it lags and hands out nothing

    def reset(self) -> None:
        # The assignment is over.
        self.next_offset = self.retry = self.crash_record = None
        self.in_flight = False

    def start(self, records: Sequence[Record]) -> None:
        # Only what was written before the first of them is handled.
        written = records[0].timestamp_ms / 1000
        self.in_flight = True
        self.handled_until = written if self.handled_until is None else min(written, self.handled_until)

    def finish(self, record: Record) -> None:
        # All earlier records are done too.
        self.next_offset = record.offset + 1
        self.handled_until = max(record.timestamp_ms / 1000, self.handled_until or 0.0)
        if self.retry is not None and self.retry.offset <= record.offset:
            self.retry = None

    def release(self) -> None:
        # What is not done will be handed out again.
        self.in_flight = False

    def schedule_retry(self, offset: int, retry: Retry, *, now: float, first: float, longest: float) -> float:
        """Returns the seconds until then."""
        if self.retry is None or self.retry.offset != offset:
            self.retry = RetryState(offset)
        self.retry.tries += 1
        self.retry.bugs += retry.bug
        wait = backoff(self.retry.tries, first=first, longest=longest)
        self.retry.due = now + wait
        return wait

    def count_bugs(self, offset: int) -> int:
        return self.retry.bugs if self.retry is not None and self.retry.offset == offset else 0

    @property
    def retry_due(self) -> float | None:
        return None if self.retry is None else self.retry.due


class PartitionStates(defaultdict[Partition, PartitionState]):
    def __init__(self) -> None:
        super().__init__(PartitionState)

    def reset(self) -> None:
        for state in self.values():
            state.reset()

    def resume_due(self, now: float) -> list[Partition]:
        """Partitions whose wait is over; they no longer wait."""
        over = []
        for partition, state in self.items():
            if state.retry is not None and state.retry.due is not None and state.retry.due <= now:
                state.retry.due = None
                over.append(partition)
        return over

    def find_next_due(self) -> float | None:
        return min((state.retry_due for state in self.values() if state.retry_due is not None), default=None)

    @property
    def waiting(self) -> int:
        return sum(state.retry_due is not None for state in self.values())

    @property
    def most_tries(self) -> int:
        return max((state.retry.tries for state in self.values() if state.retry is not None), default=0)

    @property
    def lag(self) -> int:
        return sum(state.lag or 0 for state in self.values())

    def list_uncommitted(self) -> Mapping[Partition, int]:
        return {partition: state.next_offset for partition, state in self.items() if state.next_offset is not None}

    def mark_committed(self) -> None:
        for state in self.values():
            state.next_offset = None
