"""What was found, a line each, as it is printed and as it stands in docs/reliability.md."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from faults.playing import Result

COLUMNS: Final = (
    "row",
    "what",
    "accepted",
    "lost",
    "doubled",
    "went back",
    "leaked",
    "not honest",
    "feeds not 200",
    "healed in s",
    "notes",
)
INVARIANTS: Final = ("kept", "once", "forward", "gate", "honest", "readable")
MOST_TOLD: Final = 6


def head() -> str:
    """Give the head of the table."""
    return f"{_line(COLUMNS)}\n{_line(['---'] * len(COLUMNS))}"


def line(result: Result) -> str:
    """Give a row's line."""
    if result.not_run is not None:
        return _line([result.row.name, result.row.what, *["–"] * 8, f"**not run: {result.not_run}**"])
    counts = [str(result.count(each)) for each in INVARIANTS]
    healed = "–" if result.healed is None or result.count("heals") else f"{result.healed:.1f}"
    verdict = [] if result.good else ["**BROKEN**"]
    return _line(
        [
            result.row.name,
            result.row.what,
            f"{result.accepted:,}",
            *counts,
            healed,
            "; ".join([*verdict, *result.notes]),
        ]
    )


def violations(result: Result) -> str:
    """Tell the first violations of a row."""
    told = [f"    {each.invariant}: {each.text}" for each in result.violations[:MOST_TOLD]]
    if (more := len(result.violations) - MOST_TOLD) > 0:
        told.append(f"    … and {more} more")
    return "\n".join(told)


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
