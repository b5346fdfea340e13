"""Rate limit for aiokafka's log lines: while brokers are unavailable each client repeats itself ten times a second."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable
from functools import cache

# A filter sees nothing of its logger's children, so each is named.
LOGGERS = (
    "aiokafka",
    "aiokafka.cluster",
    "aiokafka.conn",
    "aiokafka.consumer.fetcher",
    "aiokafka.consumer.group_coordinator",
    "aiokafka.producer.sender",
)


class RateLimitFilter(logging.Filter):
    """Passes a message of the same wording once in so many seconds, with the number of those dropped."""

    def __init__(self, seconds: float = 10.0, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._seconds = seconds
        self._clock = clock
        self._passed: dict[tuple[str, str], float] = {}
        self._dropped: Counter[tuple[str, str]] = Counter()

    def filter(self, record: logging.LogRecord) -> bool:
        # Errors with a traceback always pass.
        message = (record.name, str(record.msg))
        now = self._clock()
        if record.exc_info is None and now - self._passed.get(message, float("-inf")) < self._seconds:
            self._dropped[message] += 1
            return False
        self._passed[message] = now
        if more := self._dropped.pop(message, 0):
            record.msg = f"{record.msg} (and {more} times before)"
        return True


@cache
def throttle_client_logs() -> None:
    rate_limit = RateLimitFilter()
    for name in LOGGERS:
        logging.getLogger(name).addFilter(rate_limit)
