"""Polling with a deadline."""

from __future__ import annotations

import time
from collections.abc import Callable

_INTERVAL_SECONDS = 0.05


def poll_until(question: Callable[[], bool], *, within: float) -> bool:
    """Poll until it is true or ``within`` seconds have passed; returns the last answer."""
    end = time.monotonic() + within
    while not (answer := question()) and time.monotonic() < end:
        time.sleep(_INTERVAL_SECONDS)
    return answer
