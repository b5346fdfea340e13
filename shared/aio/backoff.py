"""Exponential back-off."""

from __future__ import annotations

_MOST_DOUBLINGS = 30


def backoff(failures: int, *, first: float, longest: float) -> float:
    """Seconds to wait after ``failures`` in a row: ``first``, doubled with each, up to ``longest``."""
    return min(longest, first * 2.0 ** min(max(failures - 1, 0), _MOST_DOUBLINGS))
