"""Fixed windows: counts by key in memory, each until its window ends; for one thread, an event loop's."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, NamedTuple

CLEANUP_SECONDS: Final = 60.0


class RateWindow(NamedTuple):
    """``ends_at`` is in seconds since 1970."""

    requests: int
    ends_at: float


class FixedWindows:
    """``now`` gives seconds since 1970; a request drops the windows that ended, once a minute."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._windows: dict[str, RateWindow] = {}
        self._cleanup_at = now() + CLEANUP_SECONDS

    def count(self, key: str, seconds: int) -> RateWindow:
        """Count once; a key without a window begins one of so many seconds."""
        now = self._now()
        if now >= self._cleanup_at:
            self._windows = {each: window for each, window in self._windows.items() if window.ends_at > now}
            self._cleanup_at = now + CLEANUP_SECONDS
        count, ends_at = self._windows.get(key, (0, 0.0))
        window = RateWindow(count + 1, ends_at) if ends_at > now else RateWindow(1, now + seconds)
        self._windows[key] = window
        return window

    def __len__(self) -> int:
        return len(self._windows)
