"""The command line of the fault matrix, its lines and its page."""

from __future__ import annotations

from pathlib import Path

import pytest

from faults.__main__ import read
from faults.checker import Violation
from faults.matrix import MANY_SEEDS, SEEDS, list_numbers, select_rows
from faults.page import render_page
from faults.results import KeptRun, ResultFile, read_results
from faults.row import Row, Scene
from faults.rows.drawn import create_drawn_row
from faults.runner import Result
from faults.table import render_row, render_violations

MATRIX = {*range(1, 7), *range(8, 12), *range(13, 21), 22, 26, 28, 30, 32, 33} - {7}


async def nothing(_: Scene) -> None:
    """Do no harm."""


ROW = Row((5,), "the primary is killed", nothing)


def test_every_row_that_was_promised_is_there() -> None:
    assert set(list_numbers()) == MATRIX


def test_rows_are_chosen_by_number() -> None:
    assert [row.numbers for row in select_rows([5, 30], seed=1, long=False)] == [(5,), (19, 30)]
    assert len(select_rows([32], seed=1, long=False)) == SEEDS
    assert len(select_rows([32], seed=1, long=True)) == MANY_SEEDS
    assert len(select_rows([32], seed=1, long=True, only=[0, 2])) == 1
    assert len(select_rows([32], seed=1, long=True, seeds=70)) == 70


def test_a_drawn_row_says_its_seed() -> None:
    first, second, *_ = select_rows([32], seed=41, long=False)

    assert first.what.startswith("drawn from seed 41: ")
    assert second.what.startswith("drawn from seed 42: ")


def test_a_number_that_is_no_row_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        read(["--row", "7"])

    assert "there is no row 7" in capsys.readouterr().err


def test_a_line_counts_what_broke_and_says_so() -> None:
    lost = Violation("kept", "F0-1 in ingest: it is missing")
    result = Result(ROW, accepted=1200, violations=[lost, lost], healed=3.14, notes=["1 kill"])

    cells = [cell.strip() for cell in render_row(result).strip("|").split("|")]

    assert cells == ["5", ROW.what, "1,200", "2", "0", "0", "0", "0", "0", "3.1", "**BROKEN**; 1 kill"]
    assert render_violations(result).splitlines() == ["    kept: F0-1 in ingest: it is missing"] * 2


def test_a_row_that_was_not_run_is_not_good() -> None:
    result = Result(ROW, not_run="mounting needs root")

    assert not result.good
    assert result.skipped
    assert "**not run: mounting needs root**" in render_row(result)


def test_a_row_that_broke_before_it_was_given_up_is_not_skipped() -> None:
    assert not Result(ROW, not_run="no root", violations=[Violation("heals", "it did not")]).skipped


def test_the_page_says_what_was_found_and_what_was_not_tried() -> None:
    good, missing = Result(ROW, accepted=10, healed=1.0), Result(ROW, not_run="no root")

    written = render_page(
        [KeptRun({"machine": "2 cores", "date": "2026-11-21"}, 9, long=False, results=[good, missing])]
    )

    assert "10 acts were accepted; nothing broke, **not run: rows 5**." in written
    assert "- first seed of each run: 9 (short)" in written
    assert "Power loss of all nodes" in written
    assert render_row(good) in written
    assert "What broke" not in written


def test_the_page_tells_what_broke() -> None:
    result = Result(ROW, violations=[Violation("honest", "POST: 500 text/plain")])

    assert "## What broke\n\n- Row 5:\n\n    honest: POST: 500 text/plain\n" in render_page(
        [KeptRun({}, 9, long=False, results=[result])]
    )


def test_many_drawn_sequences_that_held_share_a_line_and_one_that_broke_has_its_own() -> None:
    good = [Result(create_drawn_row(seed), accepted=10, healed=float(seed)) for seed in range(1, 10)]
    bad = Result(create_drawn_row(77), accepted=5, violations=[Violation("kept", "it is missing")])

    written = render_page([KeptRun({}, 1, long=True, results=[*good, bad])])

    told = [each for each in written.splitlines() if each.startswith("| 32 |")]
    assert told[0] == render_row(bad)
    assert told[1].startswith("| 32 | 9 sequences of faults, each drawn from a seed of its own | 90 | 0 | 0 |")
    assert "| 5.0, at most 9.0 |" in told[1]
    assert len(told) == 2


def test_what_was_kept_of_a_run_is_read_again(tmp_path: Path) -> None:
    good = Result(ROW, accepted=10, healed=1.5, notes=["1 kill"])
    bad = Result(ROW, violations=[Violation("kept", "it is missing")], not_run="no root")
    keeper = ResultFile(tmp_path / "deep" / "7.jsonl")
    keeper.begin({"machine": "2 cores"}, seed=7, long=True)
    for each in (good, bad):
        keeper.add(each)

    kept = read_results(keeper.path)

    assert (kept.described, kept.seed, kept.long) == ({"machine": "2 cores"}, 7, True)
    assert [render_row(each) for each in kept.results] == [render_row(good), render_row(bad)]
    assert render_page([kept]) == render_page([KeptRun({"machine": "2 cores"}, 7, long=True, results=[good, bad])])


def test_a_file_that_keeps_no_run_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text('{"type":"row"}\n')

    with pytest.raises(ValueError, match="line 1"):
        read_results(path)
