"""``python -m faults``: play the rows of the fault matrix, a line each; exit 1 if an invariant broke."""

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
from deploy.local.cannot_start import CannotStart
from faults.drawn import smallest
from faults.kept import Keeper, Kept, read_kept
from faults.matrix import numbers, rows_of
from faults.page import PAGE, page
from faults.people.window import Window
from faults.playing import Result, play
from faults.row import Row
from faults.rows.anything import FAULTS, NUMBER, drawn_row
from faults.stage import Stage, stage
from faults.table import head, line, violations
from shared.region import load_region

REGION: Final = Path("deploy/region")
KEPT: Final = Path("var/faults")


def main(arguments: Sequence[str]) -> int:
    """Do what the command line asks for; gives the exit code."""
    asked = read(arguments)
    began = time.monotonic()
    if asked.page:
        return _write_page([read_kept(each) for each in asked.page])
    described = describe()
    keeper = Keeper(asked.keep or KEPT / f"{asked.seed}.jsonl")
    keeper.begin(described, seed=asked.seed, long=asked.long)
    rows = rows_of(asked.row, seed=asked.seed, long=asked.long, only=asked.only, seeds=asked.seeds)
    with tempfile.TemporaryDirectory(prefix="kalendarium-faults-") as folder:
        try:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                results = runner.run(_play_all(Path(folder), rows, keeper, seed=asked.seed, long=asked.long))
        except CannotStart as error:
            sys.stderr.write(f"{error}\n")
            return 1
    minutes = (time.monotonic() - began) / 60
    _say(f"\n{len(results)} rows in {minutes:.1f} min, seed {asked.seed}; kept in {keeper.path}.")
    if asked.write:
        _write_page([Kept(described, asked.seed, asked.long, results)])
    return int(not all(each.good or (asked.allow_not_run and each.skipped) for each in results))


def read(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m faults", description=__doc__)
    parser.add_argument("--long", action="store_true", help="the longer faults, and more of them")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6), help="repeats a run's choices")
    parser.add_argument("--row", type=int, action="append", metavar="N", help="only this row; may be repeated")
    parser.add_argument("--only", type=_places, metavar="0,2", help=f"of row {NUMBER} and one seed, only these faults")
    parser.add_argument("--seeds", type=int, metavar="N", help=f"so many of row {NUMBER}")
    parser.add_argument("--keep", type=Path, metavar="FILE", help=f"where results are kept, instead of {KEPT}")
    parser.add_argument("--page", type=Path, nargs="+", metavar="FILE", help=f"play nothing: make {PAGE} of these")
    parser.add_argument("--write", action="store_true", help=f"write what was found to {PAGE}")
    parser.add_argument("--allow-not-run", action="store_true", help="let rows pass that this machine cannot play")
    asked = parser.parse_args(arguments)
    if unknown := set(asked.row or ()) - set(numbers()):
        parser.error(f"there is no row {unknown.pop()}; there are {', '.join(map(str, sorted(numbers())))}")
    return asked


def _places(text: str) -> list[int]:
    return [int(each) for each in text.split(",")]


def _write_page(runs: Sequence[Kept]) -> int:
    PAGE.write_text(page(runs), encoding="utf-8")
    _say(f"Written to {PAGE}.")
    return 0


async def _play_all(folder: Path, rows: Sequence[Row], keeper: Keeper, *, seed: int, long: bool) -> list[Result]:
    _say(f"seed {seed}{', long' if long else ''}; every row begins at rest, with people of its own")
    results: list[Result] = []
    windows = (Window(number) for number in count())
    async with stage(folder, load_region(REGION)) as made:
        _say(head())
        drawn = seed
        for row in rows:
            result = await _play(made, row, next(windows), seed=f"{seed}/{row.name}", long=long)
            results.append(result)
            keeper.add(result)
            if NUMBER in row.numbers:
                if not result.good:
                    await _shrink(made, windows, drawn)
                drawn += 1
    return results


async def _play(made: Stage, row: Row, window: Window, *, seed: str, long: bool) -> Result:
    began = time.monotonic()
    result = await play(made, row, window, seed=seed, long=long)
    result.notes.append(f"took {time.monotonic() - began:.0f} s")
    _say(line(result))
    _say(violations(result))
    return result


async def _shrink(made: Stage, windows: Iterator[Window], seed: int) -> None:
    """Find out which of a seed's faults are needed, and say how to repeat them."""

    async def breaks(places: Sequence[int]) -> bool:
        row = drawn_row(seed, places)
        return not (await _play(made, row, next(windows), seed=f"{seed}/{row.name}", long=False)).good

    left = await smallest(range(FAULTS), breaks)
    _say(f"    repeat it: python -m faults --row {NUMBER} --seed {seed} --only {','.join(map(str, left))}")


def _say(text: str) -> None:
    if text:
        print(text, flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
