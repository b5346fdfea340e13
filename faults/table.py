"""Result table: a line each, as it is printed and as it is in docs/reliability.md."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Final

from faults.runner import Result

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


def render_head() -> str:
    return f"{_render_line(COLUMNS)}\n{_render_line(['---'] * len(COLUMNS))}"


def render_row(result: Result) -> str:
    if result.not_run is not None:
        return _render_line([result.row.name, result.row.what, *["–"] * 8, f"**not run: {result.not_run}**"])
    counts = [str(result.count(each)) for each in INVARIANTS]
    healed = "–" if result.healed is None or result.count("heals") else f"{result.healed:.1f}"
    verdict = [] if result.good else ["**BROKEN**"]
    return _render_line(
        [
            result.row.name,
            result.row.what,
            f"{result.accepted:,}",
            *counts,
            healed,
            "; ".join([*verdict, *result.notes]),
        ]
    )


def render_summary(results: Sequence[Result]) -> str:
    """One line for many rows of the same number that all held."""
    healed = sorted(each.healed for each in results if each.healed is not None)
    spread = f"{median(healed):.1f}, at most {healed[-1]:.1f}" if healed else "–"
    what = f"{len(results)} sequences of faults, each drawn from a seed of its own"
    counts = [str(sum(each.count(invariant) for each in results)) for invariant in INVARIANTS]
    accepted = f"{sum(each.accepted for each in results):,}"
    example = f"such as: {results[0].row.what}"
    return _render_line([results[0].row.name, what, accepted, *counts, spread, example])


def render_violations(result: Result) -> str:
    told = [f"    {each.invariant}: {each.text}" for each in result.violations[:MOST_TOLD]]
    if (more := len(result.violations) - MOST_TOLD) > 0:
        told.append(f"    … and {more} more")
    return "\n".join(told)


def _render_line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
