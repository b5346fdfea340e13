"""Feeds and changes with 100 to 100,000 events: what follows the programme's size, and what only the change."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import msgspec

from bench.cores import on, server_core
from bench.load import NoFigure
from bench.rounds import interleave, series
from bench.sizes import CHANGES, PATH, Size
from bench.table import Report, number, spread
from shared.region import Region

SIZES = (100, 1_000, 10_000, 100_000)
ONCE_FROM = 100_000
"""Such a size is measured once only: it takes most of a minute."""
SECONDS = 400


def measure(folder: Path, region: Region) -> Report:
    """Measure; about two minutes."""
    del folder, region  # each size is a process of its own, which reads the region itself
    small: Mapping[str, Callable[[], Size]] = {str(size): partial(_size, size) for size in SIZES if size < ONCE_FROM}
    found = interleave(small) | {str(size): [_size(size)] for size in SIZES if size >= ONCE_FROM}
    return Report(
        title=f"scaling: {PATH.removeprefix('/feeds/')} from {SIZES[0]:,} to {SIZES[-1]:,} events",
        how=(
            f"Each size in a fresh process without network, by computing time: medians of {CHANGES} changes, each an "
            f"added event, and of three rounds; {ONCE_FROM:,} events once. Applying runs from the message in hand to "
            f"the new tag, so that a conditional request sees it; the body is joined for the first who wants it. "
            f"Answers are what our code takes for a request, in front of the server's own work."
        ),
        head=(
            "events",
            "bytes each, kept",
            "and rendered",
            "first rendering, µs each",
            "apply ms, median (min–max)",
            "p99 ms",
            "join gzip ms",
            "join whole ms",
            "304 µs",
            "gzip µs",
        ),
        rows=[_row(size, found[str(size)]) for size in SIZES],
        budgets=[],
    )


def _size(events: int) -> Size:
    command = [*on(server_core()), sys.executable, "-m", "bench.sizes", str(events)]
    done = subprocess.run(command, capture_output=True, check=False, timeout=SECONDS)  # noqa: S603 - our own program
    if done.returncode:
        raise NoFigure(f"{events} events: {done.stderr.decode(errors='replace').strip().splitlines()[-1]}")
    return msgspec.json.decode(done.stdout, type=Size)


def _row(events: int, found: list[Size]) -> tuple[str, ...]:
    figures: tuple[Callable[[Size], float], ...] = (
        lambda size: size.kept,
        lambda size: size.rendered,
        lambda size: size.first_us,
        lambda size: size.apply_ms,
        lambda size: size.apply_p99_ms,
        lambda size: size.join_ms,
        lambda size: size.plain_ms,
        lambda size: size.not_modified_us,
        lambda size: size.whole_us,
    )
    rows = [series(found, figure) for figure in figures]
    return (f"{events:,}", *(spread(each) if place == 3 else number(each.median) for place, each in enumerate(rows)))
