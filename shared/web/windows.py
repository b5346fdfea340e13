"""Where counts are kept in memory; the one that comes with ``limits`` starts a thread for almost every request."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from limits.storage import Storage

LOOK_SECONDS: Final = 60.0


class Windows(Storage):
    """Counts by key, each until its window ends; for one thread, an event loop's.

    Windows that ended are dropped once a minute, by the request that comes then. ``now`` gives seconds since 1970.
    """

    STORAGE_SCHEME = None

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        super().__init__()
        self._now = now
        self._windows: dict[str, tuple[int, float]] = {}
        self._look_at = now() + LOOK_SECONDS

    @property
    def base_exceptions(self) -> type[Exception]:
        """Nothing else can go wrong in a dictionary."""
        return KeyError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count; a key without a window begins one of so many seconds."""
        now = self._now()
        if now >= self._look_at:
            self._windows = {each: window for each, window in self._windows.items() if window[1] > now}
            self._look_at = now + LOOK_SECONDS
        count, ends = self._windows.get(key, (0, 0.0))
        count, ends = (count + amount, ends) if ends > now else (amount, now + expiry)
        self._windows[key] = count, ends
        return count

    def get(self, key: str) -> int:
        """Give the count of a window that has not ended, or 0."""
        count, ends = self._windows.get(key, (0, 0.0))
        return count if ends > self._now() else 0

    def get_expiry(self, key: str) -> float:
        """Give when a window ends or ended; now if there is none."""
        return self._windows[key][1] if key in self._windows else self._now()

    def check(self) -> bool:
        """Memory is always there."""
        return True

    def reset(self) -> int:
        """Forget all; gives how many windows there were."""
        count = len(self._windows)
        self._windows.clear()
        return count

    def clear(self, key: str) -> None:
        """Forget one."""
        self._windows.pop(key, None)

    def __len__(self) -> int:
        """Give how many are kept."""
        return len(self._windows)
