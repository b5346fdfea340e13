"""Tables that can be read as they are and as Markdown."""

from __future__ import annotations

import pytest

from bench.rounds import Series
from bench.table import Budget, Report, format_number, format_spread, render_summary, render_table


def test_columns_are_as_wide_as_their_widest_cell() -> None:
    assert render_table(("what", "n"), [("feed", "1,000"), ("a", "2")]) == (
        "| what |     n |\n| ---- | ----: |\n| feed | 1,000 |\n| a    |     2 |"
    )


@pytest.mark.parametrize(
    ("value", "written"), [(0.957, "0.96"), (9.99, "9.99"), (12.34, "12.3"), (123.4, "123"), (12_345.6, "12,346")]
)
def test_figures_have_about_three_digits(value: float, written: str) -> None:
    assert format_number(value) == written


def test_a_median_is_written_with_its_spread() -> None:
    assert format_spread(Series((0.9, 0.95, 1.0))) == "0.95 (0.90–1.00)"


@pytest.mark.parametrize(
    ("budget", "met"),
    [
        (Budget("fast", "at least", 0.9, Series((0.8, 0.9, 1.0))), True),
        (Budget("fast", "at least", 0.9, Series((0.8, 0.89, 1.0))), False),
        (Budget("small", "at most", 200, Series((200.0,)), unit="kB"), True),
        (Budget("small", "at most", 200, Series((201.0,)), unit="kB"), False),
    ],
)
def test_the_median_decides_whether_a_budget_is_met(budget: Budget, met: bool) -> None:  # noqa: FBT001 - a parameter
    assert budget.met is met


def test_a_report_says_how_it_was_taken_and_what_was_promised() -> None:
    budget = Budget("ours : bare", "at least", 0.9, Series((0.5,)))
    report = Report("feed", "By hand.", ("what", "n"), [("ours", "1")], [budget], remarks=["It was windy."])

    text = report.render()

    assert text == "\n\n".join(
        [
            "## feed",
            "By hand.",
            render_table(("what", "n"), [("ours", "1")]),
            render_summary([report]),
            "- It was windy.\n",
        ]
    )
    assert "| ours : bare | ≥ 0.90 × | 0.50 (0.50–0.50) × | **missed** |" in text.replace("  ", "")
