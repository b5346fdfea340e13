"""What was found, a line each, as it is printed and as it stands in docs/reliability.md."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
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


def joined(results: Sequence[Result]) -> str:
    """Give one line for many rows of the same number that all held."""
    healed = sorted(each.healed for each in results if each.healed is not None)
    spread = f"{median(healed):.1f}, at most {healed[-1]:.1f}" if healed else "–"
    what = f"{len(results)} sequences of faults, each drawn from a seed of its own"
    counts = [str(sum(each.count(invariant) for each in results)) for invariant in INVARIANTS]
    accepted = f"{sum(each.accepted for each in results):,}"
    example = f"such as: {results[0].row.what}"
    return _line([results[0].row.name, what, accepted, *counts, spread, example])


def violations(result: Result) -> str:
    """Tell the first violations of a row."""
    told = [f"    {each.invariant}: {each.text}" for each in result.violations[:MOST_TOLD]]
    if (more := len(result.violations) - MOST_TOLD) > 0:
        told.append(f"    … and {more} more")
    return "\n".join(told)


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
