"""All rows of the matrix, in the order of their numbers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from faults.row import ROWS, Row
from faults.rows import anything, brokers, clocks, crowds, databases, disks, groups, records, services

PLAYS: Final = (brokers, clocks, crowds, databases, disks, groups, records, services)
"""Importing them enters their rows."""
SEEDS, MANY_SEEDS = 3, 200


def numbers() -> Collection[int]:
    """Give the numbers there are."""
    return {number for row in ROWS for number in row.numbers} | {anything.NUMBER}


def rows_of(
    chosen: Collection[int] | None,
    *,
    seed: int,
    long: bool,
    only: Sequence[int] | None = None,
    seeds: int | None = None,
) -> Sequence[Row]:
    """Give the rows with these numbers, all if none are named; then those that are drawn from the seed and the next.

    Args:
        chosen: numbers of the matrix.
        seed: the first seed of row 32.
        long: many seeds instead of a few.
        only: of the one seed's faults, only those at these places.
        seeds: so many seeds, whatever the length of the run.

    """
    rows = sorted((row for row in ROWS if not chosen or set(row.numbers) & set(chosen)), key=lambda row: row.numbers)
    if chosen and anything.NUMBER not in chosen:
        return rows
    turns = 1 if only is not None else seeds or (MANY_SEEDS if long else SEEDS)
    return [*rows, *(anything.drawn_row(seed + turn, only) for turn in range(turns))]
