"""Bounds of uploads: how many a process holds in memory at once, and how many of them one organisation's may be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from shared.sandbox.model import SandboxBusy

CHILDREN: Final = 2
AT_ONCE: Final = 6
OF_ONE: Final = 3


class UploadSlots:
    """Taken before the body is read: each upload may be 20 MB."""

    def __init__(self, *, at_once: int = AT_ONCE, of_one: int = OF_ONE) -> None:
        self._at_once = at_once
        self._of_one = of_one
        self._taken: Counter[str] = Counter()

    @contextmanager
    def take(self, organisation: str) -> Iterator[None]:
        """Raises SandboxBusy."""
        if self._taken.total() >= self._at_once or self._taken[organisation] >= self._of_one:
            raise SandboxBusy
        self._taken[organisation] += 1
        try:
            yield
        finally:
            self._taken[organisation] -= 1
            self._taken += Counter()  # forgets those who have none
