"""What a measurement found, as it is printed and as it stands in docs/performance.md: the same text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from bench.rounds import Series


@dataclass(frozen=True, slots=True)
class Budget:
    """A promise and what became of it: ``measured`` must be ``at least`` or ``at most`` the ``limit``."""

    promise: str
    kind: Literal["at least", "at most"]
    limit: float
    measured: Series
    unit: str = "×"

    @property
    def kept(self) -> bool:
        """Whether the median keeps the promise."""
        found = self.measured.median
        return found >= self.limit if self.kind == "at least" else found <= self.limit

    @property
    def row(self) -> Sequence[str]:
        """Its line in the table of promises."""
        sign = "≥" if self.kind == "at least" else "≤"
        limit = f"{sign} {number(self.limit)} {self.unit}"
        return (self.promise, limit, f"{spread(self.measured)} {self.unit}", "kept" if self.kept else "**missed**")


@dataclass(frozen=True, slots=True)
class Report:
    """One measurement: its figures, the promises they are held to, and how they were taken."""

    title: str
    how: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    budgets: Sequence[Budget]
    remarks: Sequence[str] = field(default=())

    def text(self) -> str:
        """Write it in Markdown that can also be read as it is."""
        parts = [f"## {self.title}", self.how, table(self.head, self.rows)]
        if self.budgets:
            parts.append(summary([self]))
        if self.remarks:
            parts.append("\n".join(f"- {remark}" for remark in self.remarks))
        return "\n\n".join(parts) + "\n"


def summary(reports: Sequence[Report]) -> str:
    """Write the promises of several measurements as one table."""
    return table(PROMISES, [budget.row for report in reports for budget in report.budgets])


PROMISES = ("promise", "budget", "measured, median (min–max)", "")


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Write a table; the first column is text, the others stand on the right."""
    widths = [max(len(line[column]) for line in (head, *rows)) for column in range(len(head))]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return "\n".join(_line(cells, widths) for cells in (head, rule, *rows))


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = zip(cells, widths, strict=True)
    return "| " + " | ".join([first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]) + " |"


def spread(found: Series) -> str:
    """Write a median with the least and the most beside it."""
    return f"{number(found.median)} ({number(found.least)}–{number(found.most)})"


def number(value: float) -> str:
    """Write a figure with about three digits that mean something."""
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f"{value:,.{digits}f}"
