"""Stall detection: ends a consumer that gets no records although there are some."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import structlog

from shared.eventlog.consumer.lag import LagTracker
from shared.eventlog.consumer.partition import PartitionState, PartitionStates, Stall
from shared.eventlog.port import LogUnavailable, Partition, PartitionLost, Subscription

log = structlog.get_logger(__name__)


class ConsumerStalled(Exception):
    """Records wait and none arrives, though the log answers: end the process, so that a supervisor restarts it."""


@dataclass(slots=True)
class Watchdog:
    """Compares what the log holds with what was handed out."""

    # The client's fetch task can die silently while heartbeats keep the partitions, and its own idea of the log's end
    # then stands still too; so the log itself is asked. An outage is no stall: if the log does not answer, or a
    # partition waits for a retry, the time starts again.

    stalled_after: float
    states: PartitionStates
    lag: LagTracker
    clock: Callable[[], float]
    last_poll: float
    subscription: Subscription | None = None
    now: Callable[[], float] = time.time

    def note_poll(self, positions: Mapping[Partition, int] | None = None) -> None:
        self.last_poll = self.clock()
        for partition, position in (positions or {}).items():
            self.states[partition].position = position

    async def run(self) -> None:
        """Raises ConsumerStalled if the loop makes no progress, or records wait and none is handed out."""
        self.note_poll()
        while True:
            await asyncio.sleep(min(5.0, self.stalled_after / 4))
            await self.check()

    async def check(self) -> None:
        if self.clock() - self.last_poll > self.stalled_after:
            raise ConsumerStalled(f"the consumer did not ask for records for {self.stalled_after:g} s")
        if self.subscription is None:
            self._clear()
            return
        asked_at = self.now()
        try:
            lag = await self.subscription.get_lag()
        except (LogUnavailable, PartitionLost) as reason:
            log.debug("lag_unknown", reason=str(reason))
            self._clear()
            return
        self.lag.observe(lag, asked_at)
        for partition, state in self.states.items():
            self._compare(partition, state)

    def _clear(self) -> None:
        for state in self.states.values():
            state.stall = None

    def _compare(self, partition: Partition, state: PartitionState) -> None:
        now = self.clock()
        if not state.lag or state.retry_due is not None:
            state.stall = None
        elif state.stall is None or state.stall.position != state.position:
            state.stall = Stall(state.position, now)
        elif now - state.stall.since > self.stalled_after:
            raise ConsumerStalled(
                f"{partition.topic}/{partition.number} is {state.lag} records behind and none arrived "
                f"for {self.stalled_after:g} s"
            )
