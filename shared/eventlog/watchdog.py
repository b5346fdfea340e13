"""Sees that a consumer gets on, and says so loudly when it does not (A6)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import structlog

from shared.eventlog.port import LogAway, Partition, PartitionLost, Subscription
from shared.eventlog.watermark import Watermark

log = structlog.get_logger(__name__)


class Stuck(Exception):
    """Records wait and none arrives, though the log answers: end the process, so that it is started anew."""


@dataclass(slots=True)
class Standstill:
    """A partition that lags: where it stood, and since when. Seconds of a monotonic clock."""

    position: int | None
    since: float


@dataclass(slots=True)
class Watchdog:
    """Compares what the log says is there with what was handed out.

    The client's fetch task can die in silence while heartbeats keep the partitions, and the client's own idea of the
    log's end then stands still too; so the log itself is asked. An outage is no standstill: when the log does not
    answer, or a partition waits for a retry, the watch begins anew.
    """

    stuck_after: float
    clock: Callable[[], float]
    last_poll: float = 0.0
    lag: dict[Partition, int] = field(default_factory=dict)
    subscription: Subscription | None = None
    waiting: Callable[[], frozenset[Partition]] = frozenset
    watermark: Watermark | None = None
    now: Callable[[], float] = time.time
    _handed_out: dict[Partition, int] = field(default_factory=dict)
    _standing: dict[Partition, Standstill] = field(default_factory=dict)

    def polled(self, positions: Mapping[Partition, int] | None = None) -> None:
        """Note that the loop came round, and the positions after what it was handed."""
        self.last_poll = self.clock()
        self._handed_out.update(positions or {})

    async def run(self) -> None:
        """Watch for ever.

        Raises:
            Stuck: if the loop does not come round, or records wait and none is handed out.

        """
        self.polled()
        while True:
            await asyncio.sleep(min(5.0, self.stuck_after / 4))
            await self.look()

    async def look(self) -> None:
        """Look once; raises :class:`Stuck`."""
        if self.clock() - self.last_poll > self.stuck_after:
            raise Stuck(f"the consumer did not ask for records for {self.stuck_after:g} s")
        if self.subscription is None:
            self._standing.clear()
            return
        asked_at = self.now()
        try:
            self.lag = await self.subscription.lag()
        except (LogAway, PartitionLost) as reason:
            log.debug("lag_unknown", reason=str(reason))
            self._standing.clear()
            return
        if self.watermark is not None:
            self.watermark.asked(self.lag, asked_at)
        self._compare()

    def _compare(self) -> None:
        now = self.clock()
        behind = {partition for partition, records in self.lag.items() if records > 0} - self.waiting()
        self._standing = {partition: stand for partition, stand in self._standing.items() if partition in behind}
        for partition in behind:
            position = self._handed_out.get(partition)
            stand = self._standing.setdefault(partition, Standstill(position, now))
            if stand.position != position:
                self._standing[partition] = Standstill(position, now)
            elif now - stand.since > self.stuck_after:
                raise Stuck(
                    f"{partition.topic}/{partition.number} is {self.lag[partition]} records behind and none arrived "
                    f"for {self.stuck_after:g} s"
                )
