"""Fault matrix: all rows in the order of their numbers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from faults.row import ROWS, Row
from faults.rows import brokers, clocks, crowds, databases, disks, drawn, groups, jobs, records, services

# Their import registers their rows.
ROW_MODULES: Final = (brokers, clocks, crowds, databases, disks, groups, jobs, records, services)
SEEDS, MANY_SEEDS = 3, 200


def list_numbers() -> Collection[int]:
    return {number for row in ROWS for number in row.numbers} | {drawn.NUMBER}


def select_rows(
    chosen: Collection[int] | None,
    *,
    seed: int,
    long: bool,
    only: Sequence[int] | None = None,
    seeds: int | None = None,
) -> Sequence[Row]:
    """Rows by number, all by default; then drawn ones for the seed and the next.

    ``only`` are the indices of the faults to play, of one seed; ``seeds`` overrides the number of seeds.
    """
    rows = sorted((row for row in ROWS if not chosen or set(row.numbers) & set(chosen)), key=lambda row: row.numbers)
    if chosen and drawn.NUMBER not in chosen:
        return rows
    turns = 1 if only is not None else seeds or (MANY_SEEDS if long else SEEDS)
    return [*rows, *(drawn.create_drawn_row(seed + turn, only) for turn in range(turns))]
