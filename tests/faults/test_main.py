"""The command line of the fault matrix, its lines and its page."""

from __future__ import annotations

import pytest

from faults.__main__ import read
from faults.checker import Violation
from faults.matrix import MANY_SEEDS, SEEDS, numbers, rows_of
from faults.page import page
from faults.playing import Result
from faults.row import Row, Scene
from faults.table import line, violations

MATRIX = {*range(1, 7), *range(8, 12), *range(13, 21), 22, 26, 28, 30, 32} - {7}


async def nothing(_: Scene) -> None:
    """Do no harm."""


ROW = Row((5,), "the primary is killed", nothing)


def test_every_row_that_was_promised_is_there() -> None:
    assert set(numbers()) == MATRIX


def test_rows_are_chosen_by_number() -> None:
    assert [row.numbers for row in rows_of([5, 30], seed=1, long=False)] == [(5,), (19, 30)]
    assert len(rows_of([32], seed=1, long=False)) == SEEDS
    assert len(rows_of([32], seed=1, long=True)) == MANY_SEEDS
    assert len(rows_of([32], seed=1, long=True, only=[0, 2])) == 1


def test_a_drawn_row_says_its_seed() -> None:
    first, second, *_ = rows_of([32], seed=41, long=False)

    assert first.what.startswith("drawn from seed 41: ")
    assert second.what.startswith("drawn from seed 42: ")


def test_a_number_that_is_no_row_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        read(["--row", "7"])

    assert "there is no row 7" in capsys.readouterr().err


def test_a_line_counts_what_broke_and_says_so() -> None:
    lost = Violation("kept", "F0-1 in ingest: it is missing")
    result = Result(ROW, accepted=1200, violations=[lost, lost], healed=3.14, notes=["1 kill"])

    cells = [cell.strip() for cell in line(result).strip("|").split("|")]

    assert cells == ["5", ROW.what, "1,200", "2", "0", "0", "0", "0", "0", "3.1", "**BROKEN**; 1 kill"]
    assert violations(result).splitlines() == ["    kept: F0-1 in ingest: it is missing"] * 2


def test_a_row_that_was_not_run_is_not_good() -> None:
    result = Result(ROW, not_run="mounting needs root")

    assert not result.good
    assert result.skipped
    assert "**not run: mounting needs root**" in line(result)


def test_a_row_that_broke_before_it_was_given_up_is_not_skipped() -> None:
    assert not Result(ROW, not_run="no root", violations=[Violation("heals", "it did not")]).skipped


def test_the_page_says_what_was_found_and_what_was_not_tried() -> None:
    good, missing = Result(ROW, accepted=10, healed=1.0), Result(ROW, not_run="no root")

    written = page({"machine": "2 cores", "date": "2026-11-21"}, [good, missing], seed=9, long=False)

    assert "10 acts were accepted; nothing broke, **not run: rows 5**." in written
    assert "- seed: 9" in written
    assert "Power loss of all nodes" in written
    assert line(good) in written
    assert "What broke" not in written


def test_the_page_tells_what_broke() -> None:
    result = Result(ROW, violations=[Violation("honest", "POST: 500 text/plain")])

    assert "## What broke\n\n- Row 5:\n\n    honest: POST: 500 text/plain\n" in page({}, [result], seed=9, long=False)
