"""What the command line of the benches understands."""

from __future__ import annotations

import pytest

from bench.__main__ import MEASUREMENTS, main, read, render_page
from bench.rounds import Series
from bench.table import Budget, Report


def test_names_are_taken_in_the_order_they_are_given() -> None:
    assert read(["visible", "feed"]).names == ["visible", "feed"]


def test_without_a_name_everything_is_measured_and_nothing_written() -> None:
    asked = read([])

    assert (asked.names, asked.write, asked.strict) == ([], False, False)


def test_an_unknown_name_is_refused_with_those_that_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["speed"])

    assert ended.value.code == 2
    assert (
        f"there is no measurement speed; there are {', '.join(MEASUREMENTS)}, soak, hostile" in capsys.readouterr().err
    )


def test_the_page_names_the_machine_and_holds_every_promise() -> None:
    reports = [
        Report(name, "…", ("what",), [("ours",)], [Budget(f"{name} promise", "at most", 1, Series((2.0,)))])
        for name in ("feed", "submit")
    ]

    written = render_page({"machine": "a loom", "date": "2026-11-21"}, reports)

    assert written.startswith("# Performance\n")
    assert "- machine: a loom\n- date: 2026-11-21\n" in written
    assert [written.count(f"| {name} promise") for name in ("feed", "submit")] == [2, 2]
