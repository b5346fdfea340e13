"""All rows of the matrix, in the order of their numbers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from faults.row import ROWS, Row
from faults.rows import brokers, clocks, crowds, databases, disks, groups, records, services

PLAYS: Final = (brokers, clocks, crowds, databases, disks, groups, records, services)
"""Importing them enters their rows."""


def rows_of(numbers: Collection[int] | None) -> Sequence[Row]:
    """Give the rows with these numbers; all if none are named."""
    return sorted((row for row in ROWS if not numbers or row.number in numbers), key=lambda row: row.number)
