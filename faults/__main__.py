"""``python -m faults``: play the rows of the fault matrix, a line each; exit 1 if an invariant broke."""

from __future__ import annotations

import argparse
import asyncio
import secrets
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import uvloop

from bench.machine import describe
from deploy.local.cannot_start import CannotStart
from faults.matrix import rows_of
from faults.people.window import Window
from faults.playing import Result, play
from faults.row import Row
from faults.stage import stage
from faults.table import PAGE, head, line, page, violations
from shared.region import load_region

REGION = Path("deploy/region")


def main(arguments: Sequence[str]) -> int:
    """Do what the command line asks for; gives the exit code."""
    asked = read(arguments)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="kalendarium-faults-") as folder:
        try:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                results = runner.run(_play_all(Path(folder), rows_of(asked.row), asked))
        except CannotStart as error:
            sys.stderr.write(f"{error}\n")
            return 1
    _say(f"\n{len(results)} rows in {time.monotonic() - began:.0f} s, seed {asked.seed}.")
    if asked.write:
        PAGE.write_text(page(describe(), results, seed=asked.seed, long=asked.long), encoding="utf-8")
        _say(f"Written to {PAGE}.")
    return int(not all(each.good or (asked.allow_not_run and each.not_run) for each in results))


def read(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m faults", description=__doc__)
    parser.add_argument("--long", action="store_true", help="the longer faults, and more of them")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6), help="repeats a run's choices")
    parser.add_argument("--row", type=int, action="append", metavar="N", help="only this row; may be repeated")
    parser.add_argument("--write", action="store_true", help=f"write what was found to {PAGE}")
    parser.add_argument("--allow-not-run", action="store_true", help="let rows pass that this machine cannot play")
    parser.add_argument("--keep", action="store_true", help="say where the logs of a row that broke are kept")
    asked = parser.parse_args(arguments)
    if unknown := set(asked.row or ()) - {each.number for each in rows_of(None)}:
        parser.error(f"there is no row {unknown.pop()}")
    return asked


async def _play_all(folder: Path, rows: Sequence[Row], asked: argparse.Namespace) -> list[Result]:
    _say(f"seed {asked.seed}{', long' if asked.long else ''}")
    results: list[Result] = []
    async with stage(folder, load_region(REGION)) as made:
        _say(head())
        for number, row in enumerate(rows):
            began = time.monotonic()
            result = await play(made, row, Window(number), seed=f"{asked.seed}/{row.number}", long=asked.long)
            result.notes.append(f"{time.monotonic() - began:.0f} s")
            results.append(result)
            _say(line(result))
            _say(violations(result))
    return results


def _say(text: str) -> None:
    if text:
        print(text, flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
