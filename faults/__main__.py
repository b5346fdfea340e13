"""``python -m faults``: run the rows of the fault matrix, a line each; exit code 1 if an invariant broke."""

from __future__ import annotations

import argparse
import asyncio
import secrets
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Final

import uvloop

from bench.machine import describe
from deploy.local.errors import StartError
from faults.cluster import FaultCluster, start_cluster
from faults.draws import minimize
from faults.matrix import list_numbers, select_rows
from faults.page import PAGE, render_page
from faults.results import KeptRun, ResultFile, read_results
from faults.row import Row
from faults.rows.drawn import FAULTS, NUMBER, create_drawn_row
from faults.runner import Result, play_row
from faults.table import render_head, render_row, render_violations
from faults.workload.month import EventMonth
from shared.region import load_region

REGION: Final = Path("deploy/region")
KEPT: Final = Path("var/faults")


def main(arguments: Sequence[str]) -> int:
    """Returns the exit code."""
    asked = read(arguments)
    began = time.monotonic()
    if asked.page:
        return _write_page([read_results(each) for each in asked.page])
    described = describe()
    keeper = ResultFile(asked.keep or KEPT / f"{asked.seed}.jsonl")
    keeper.begin(described, seed=asked.seed, long=asked.long)
    rows = select_rows(asked.row, seed=asked.seed, long=asked.long, only=asked.only, seeds=asked.seeds)
    with tempfile.TemporaryDirectory(prefix="kalendarium-faults-") as folder:
        try:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                results = runner.run(_play_rows(Path(folder), rows, keeper, seed=asked.seed, long=asked.long))
        except StartError as error:
            sys.stderr.write(f"{error}\n")
            return 1
    minutes = (time.monotonic() - began) / 60
    _print(f"\n{len(results)} rows in {minutes:.1f} min, seed {asked.seed}; kept in {keeper.path}.")
    if asked.write:
        _write_page([KeptRun(described, asked.seed, asked.long, results)])
    return int(not all(each.good or (asked.allow_not_run and each.skipped) for each in results))


def read(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m faults", description=__doc__)
    parser.add_argument("--long", action="store_true", help="the longer faults, and more of them")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6), help="repeats a run's choices")
    parser.add_argument("--row", type=int, action="append", metavar="N", help="only this row; may be repeated")
    parser.add_argument(
        "--only", type=_parse_indices, metavar="0,2", help=f"of row {NUMBER} and one seed, only these faults"
    )
    parser.add_argument("--seeds", type=int, metavar="N", help=f"so many of row {NUMBER}")
    parser.add_argument("--keep", type=Path, metavar="FILE", help=f"where results are kept, instead of {KEPT}")
    parser.add_argument("--page", type=Path, nargs="+", metavar="FILE", help=f"play nothing: make {PAGE} of these")
    parser.add_argument("--write", action="store_true", help=f"write what was found to {PAGE}")
    parser.add_argument("--allow-not-run", action="store_true", help="let rows pass that this machine cannot play")
    asked = parser.parse_args(arguments)
    if unknown := set(asked.row or ()) - set(list_numbers()):
        parser.error(f"there is no row {unknown.pop()}; there are {', '.join(map(str, sorted(list_numbers())))}")
    return asked


def _parse_indices(text: str) -> list[int]:
    return [int(each) for each in text.split(",")]


def _write_page(runs: Sequence[KeptRun]) -> int:
    PAGE.write_text(render_page(runs), encoding="utf-8")
    _print(f"Written to {PAGE}.")
    return 0


async def _play_rows(folder: Path, rows: Sequence[Row], keeper: ResultFile, *, seed: int, long: bool) -> list[Result]:
    _print(f"seed {seed}{', long' if long else ''}; every row begins at rest, with its own load")
    results: list[Result] = []
    windows = (EventMonth(number) for number in count())
    async with start_cluster(folder, load_region(REGION)) as made:
        _print(render_head())
        drawn = seed
        for row in rows:
            result = await _play_row(made, row, next(windows), seed=f"{seed}/{row.name}", long=long)
            results.append(result)
            keeper.add(result)
            if NUMBER in row.numbers:
                if not result.good:
                    await _minimize(made, windows, drawn)
                drawn += 1
    return results


async def _play_row(made: FaultCluster, row: Row, window: EventMonth, *, seed: str, long: bool) -> Result:
    began = time.monotonic()
    result = await play_row(made, row, window, seed=seed, long=long)
    result.notes.append(f"took {time.monotonic() - began:.0f} s")
    _print(render_row(result))
    _print(render_violations(result))
    return result


async def _minimize(made: FaultCluster, windows: Iterator[EventMonth], seed: int) -> None:
    """Find the faults of a seed that are needed, and print how to repeat them."""

    async def breaks(places: Sequence[int]) -> bool:
        row = create_drawn_row(seed, places)
        return not (await _play_row(made, row, next(windows), seed=f"{seed}/{row.name}", long=False)).good

    left = await minimize(range(FAULTS), breaks)
    _print(f"    repeat it: python -m faults --row {NUMBER} --seed {seed} --only {','.join(map(str, left))}")


def _print(text: str) -> None:
    if text:
        print(text, flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
