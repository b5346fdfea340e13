"""Consumer lag in records and in seconds."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence

from shared.eventlog.consumer.partition import PartitionState, PartitionStates
from shared.eventlog.port import Partition

# The log is asked every 5 s; an older answer says nothing about now.
FRESH_SECONDS = 15.0


class LagTracker:
    """Tracks for each topic since when something written may be unhandled; in seconds since 1970."""

    # Everything is handled up to the later of two: the last handled record's timestamp, and the last time the log had
    # nothing more. So a steady stream that is kept up with is no lag, and a log that does not answer counts as lag.

    def __init__(self, states: PartitionStates, topics: Sequence[str], now: Callable[[], float] = time.time) -> None:
        self._states = states
        self._topics = topics
        self._now = now
        self._started = now()
        self._asked_at: float | None = None
        self._was_told = False

    def reset(self) -> None:
        # The partitions were reassigned: no earlier answer of the log counts.
        self._asked_at = None

    def observe(self, lag: Mapping[Partition, int], at: float) -> None:
        """Store the offsets behind the end of each of our partitions; one that comes later counts from then."""
        new_since = at if self._was_told else self._started
        self._asked_at, self._was_told = at, True
        for partition in self._states.keys() | lag.keys():
            state = self._states[partition]
            state.lag = lag.get(partition)
            if state.lag is None and not state.in_flight:
                state.handled_until = None
            if state.lag == 0 and not state.in_flight:
                state.handled_until = at if state.handled_until is None else max(at, state.handled_until)
            if state.lag is not None and state.handled_until is None:
                state.handled_until = new_since

    def get_records(self) -> dict[str, float] | None:
        """By topic; None while unknown."""
        if not self._is_fresh():
            return None
        return {topic: float(sum(state.lag or 0 for state in self._list_states(topic))) for topic in self._topics}

    def get_seconds(self) -> dict[str, float]:
        """By topic, the age of the oldest record that may be unhandled; 0 if there is none."""
        return {topic: self._compute_seconds(topic) for topic in self._topics}

    def _compute_seconds(self, topic: str) -> float:
        now = self._now()
        if not self._is_fresh():
            handled = (state.handled_until for state in self._list_states(topic) if state.handled_until is not None)
            return max(0.0, now - min(handled, default=self._started))
        waiting = [
            state for state in self._list_states(topic) if state.lag or (state.lag is not None and state.in_flight)
        ]
        since = (self._started if state.handled_until is None else state.handled_until for state in waiting)
        return max((max(0.0, now - each) for each in since), default=0.0)

    def _is_fresh(self) -> bool:
        return self._asked_at is not None and self._now() - self._asked_at < FRESH_SECONDS

    def _list_states(self, topic: str) -> Iterator[PartitionState]:
        return (state for partition, state in self._states.items() if partition.topic == topic)
