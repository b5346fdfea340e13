"""Waiting for something to become true, with a deadline."""

from __future__ import annotations

import time
from collections.abc import Callable

_LOOK_AGAIN_SECONDS = 0.05


def becomes_true(question: Callable[[], bool], *, within: float) -> bool:
    """Ask ``question`` until it is true, or until ``within`` seconds have passed; the last answer."""
    end = time.monotonic() + within
    while not (answer := question()) and time.monotonic() < end:
        time.sleep(_LOOK_AGAIN_SECONDS)
    return answer
