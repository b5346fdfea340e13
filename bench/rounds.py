"""Interleaved rounds: every target in turn, again and again, so that a machine that drifts is unkind to all alike."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

ROUNDS = 3

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Series:
    """One figure, measured once a round."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle one: a disturbed round does not move it."""
        return statistics.median(self.values)

    @property
    def least(self) -> float:
        """The smallest."""
        return min(self.values)

    @property
    def most(self) -> float:
        """The largest."""
        return max(self.values)

    def over(self, other: Series) -> Series:
        """Divide round by round: what disturbed a whole round disturbed both, and goes out of the ratio."""
        return Series(tuple(ours / theirs for ours, theirs in zip(self.values, other.values, strict=True)))


def interleave(targets: Mapping[str, Callable[[], T]], *, rounds: int = ROUNDS) -> dict[str, list[T]]:
    """Measure all targets in turn, A B C A B C …; gives each one's results, a round after the other."""
    results: dict[str, list[T]] = {name: [] for name in targets}
    for _ in range(rounds):
        for name, measure in targets.items():
            results[name].append(measure())
    return results


def series(results: Sequence[T], figure: Callable[[T], float]) -> Series:
    """Take one figure out of a target's results."""
    return Series(tuple(figure(result) for result in results))


def percentile(values: Sequence[float], share: float) -> float:
    """Give the smallest value that at least this share (0 to 1) of all values does not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]
