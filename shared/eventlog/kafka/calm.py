"""Keeps aiokafka from filling the log while brokers are away: it says the same ten times a second, for each client."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable
from functools import cache

CHATTY = (
    "aiokafka",
    "aiokafka.cluster",
    "aiokafka.conn",
    "aiokafka.consumer.fetcher",
    "aiokafka.consumer.group_coordinator",
    "aiokafka.producer.sender",
)
"""A filter acts on what its own logger is given, not on what comes up from below, so each is named."""


class OnceInAWhile(logging.Filter):
    """Lets a message of the same wording pass once in so many seconds, with the number of those held back."""

    def __init__(self, seconds: float = 10.0, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._seconds = seconds
        self._clock = clock
        self._passed: dict[tuple[str, str], float] = {}
        self._held_back: Counter[tuple[str, str]] = Counter()

    def filter(self, record: logging.LogRecord) -> bool:
        """Decide about one line; errors that bring a trace always pass."""
        said = (record.name, str(record.msg))
        now = self._clock()
        if record.exc_info is None and now - self._passed.get(said, float("-inf")) < self._seconds:
            self._held_back[said] += 1
            return False
        self._passed[said] = now
        if more := self._held_back.pop(said, 0):
            record.msg = f"{record.msg} (and {more} times before)"
        return True


@cache
def calm_the_client() -> None:
    """Set the filter, once for the process."""
    filtering = OnceInAWhile()
    for name in CHATTY:
        logging.getLogger(name).addFilter(filtering)
