"""Measures event loop delay: what blocks the loop blocks every request."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from contextlib import suppress

from shared.observability.metrics import MetricDefinition

EVERY_SECONDS = 0.25
REMEMBERED_SECONDS = 60.0


class LoopDelay:
    """Sleeps and measures how late it wakes; knows the longest delay of the last minute."""

    # The delays kept are descending: one that is older and shorter than another never matters again.

    def __init__(self, *, every: float = EVERY_SECONDS, remembered: float = REMEMBERED_SECONDS) -> None:
        self._every = every
        self._remembered = remembered
        self._delays: deque[tuple[float, float]] = deque()

    async def run(self, stop: asyncio.Event) -> None:
        clock = asyncio.get_running_loop().time
        while not stop.is_set():
            begun = clock()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._every):
                    await stop.wait()
            self.record(now := clock(), now - begun - self._every)

    def record(self, now: float, delay: float) -> None:
        """Both in seconds; ``now`` is of a monotonic clock."""
        while self._delays and self._delays[-1][1] <= delay:
            self._delays.pop()
        self._delays.append((now, delay))
        while self._delays[0][0] < now - self._remembered:
            self._delays.popleft()

    def get_max(self) -> float:
        return max(0.0, self._delays[0][1]) if self._delays else 0.0

    def metrics(self) -> Sequence[MetricDefinition]:
        meaning = "The longest time in the last 60 s that the event loop kept its work waiting."
        return [MetricDefinition(name="kal_event_loop_delay_max_seconds", meaning=meaning, reading=self.get_max)]
