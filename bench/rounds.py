"""Interleaved rounds: every target in turn, so that a machine that drifts affects all alike."""

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
        # A disturbed round does not move it.
        return statistics.median(self.values)

    @property
    def least(self) -> float:
        return min(self.values)

    @property
    def most(self) -> float:
        return max(self.values)

    def over(self, other: Series) -> Series:
        """Round by round: what disturbed a whole round cancels out."""
        return Series(tuple(ours / theirs for ours, theirs in zip(self.values, other.values, strict=True)))


def interleave(targets: Mapping[str, Callable[[], T]], *, rounds: int = ROUNDS) -> dict[str, list[T]]:
    """In the order A B C A B C."""
    results: dict[str, list[T]] = {name: [] for name in targets}
    for _ in range(rounds):
        for name, measure in targets.items():
            results[name].append(measure())
    return results


def collect_series(results: Sequence[T], figure: Callable[[T], float]) -> Series:
    return Series(tuple(figure(result) for result in results))


def compute_percentile(values: Sequence[float], share: float) -> float:
    """Nearest rank: the smallest value that at least this share (0 to 1) of all values does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]
