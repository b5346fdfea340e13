"""How long the event loop kept its work waiting: what blocks it blocks every request."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from contextlib import suppress

from shared.measures import Measure

EVERY_SECONDS = 0.25
REMEMBERED_SECONDS = 60.0


class LoopDelay:
    """Sleeps and sees how much later it wakes; remembers the longest delay of the last minute, for whoever asks.

    The delays kept fall from the first to the last: what is shorter and older than another never matters again.
    """

    def __init__(self, *, every: float = EVERY_SECONDS, remembered: float = REMEMBERED_SECONDS) -> None:
        self._every = every
        self._remembered = remembered
        self._delays: deque[tuple[float, float]] = deque()

    async def run(self, stop: asyncio.Event) -> None:
        """Measure until ``stop`` is set."""
        clock = asyncio.get_running_loop().time
        while not stop.is_set():
            begun = clock()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._every):
                    await stop.wait()
            self.note(now := clock(), now - begun - self._every)

    def note(self, now: float, delay: float) -> None:
        """Remember a delay; both in seconds, ``now`` of a monotonic clock."""
        while self._delays and self._delays[-1][1] <= delay:
            self._delays.pop()
        self._delays.append((now, delay))
        while self._delays[0][0] < now - self._remembered:
            self._delays.popleft()

    def longest(self) -> float:
        """Give the longest delay that is remembered, in seconds."""
        return max(0.0, self._delays[0][1]) if self._delays else 0.0

    def measures(self) -> Sequence[Measure]:
        """Give its one number."""
        meaning = "The longest time in the last 60 s that the event loop kept its work waiting."
        return [Measure(name="kal_event_loop_delay_max_seconds", meaning=meaning, reading=self.longest)]
