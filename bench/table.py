"""Report of a measurement: the same text is printed and written to docs/performance.md."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from bench.rounds import Series


@dataclass(frozen=True, slots=True)
class Budget:
    """``measured`` must be ``at least`` or ``at most`` the ``limit``."""

    promise: str
    kind: Literal["at least", "at most"]
    limit: float
    measured: Series
    unit: str = "×"

    @property
    def met(self) -> bool:
        # The median decides.
        found = self.measured.median
        return found >= self.limit if self.kind == "at least" else found <= self.limit

    @property
    def row(self) -> Sequence[str]:
        sign = "≥" if self.kind == "at least" else "≤"
        limit = f"{sign} {format_number(self.limit)} {self.unit}"
        return (
            self.promise,
            limit,
            f"{format_spread(self.measured)} {self.unit}",
            "kept" if self.met else "**missed**",
        )


@dataclass(frozen=True, slots=True)
class Report:
    """One measurement: figures, budgets, and how they were taken."""

    title: str
    how: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    budgets: Sequence[Budget]
    remarks: Sequence[str] = field(default=())

    def render(self) -> str:
        """As Markdown that can also be read as plain text."""
        parts = [f"## {self.title}", self.how, render_table(self.head, self.rows)]
        if self.budgets:
            parts.append(render_summary([self]))
        if self.remarks:
            parts.append("\n".join(f"- {remark}" for remark in self.remarks))
        return "\n\n".join(parts) + "\n"


def render_summary(reports: Sequence[Report]) -> str:
    return render_table(PROMISES, [budget.row for report in reports for budget in report.budgets])


PROMISES = ("promise", "budget", "measured, median (min–max)", "")


def render_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The first column is text, the others are right-aligned."""
    widths = [max(len(line[column]) for line in (head, *rows)) for column in range(len(head))]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return "\n".join(_render_line(cells, widths) for cells in (head, rule, *rows))


def _render_line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = zip(cells, widths, strict=True)
    return "| " + " | ".join([first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]) + " |"


def format_spread(found: Series) -> str:
    """The median with least and most."""
    return f"{format_number(found.median)} ({format_number(found.least)}–{format_number(found.most)})"


def format_number(value: float) -> str:
    """About three significant digits."""
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f"{value:,.{digits}f}"
