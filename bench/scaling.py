"""Scaling: feeds and changes with 100 to 100,000 events; what depends on the programme's size, and what does not."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import msgspec

from bench.cores import build_pin_prefix, choose_server_core
from bench.load import MeasurementFailed
from bench.rounds import collect_series, interleave
from bench.sizes import CHANGES, PATH, Size
from bench.table import Report, format_number, format_spread
from shared.region import Region

SIZES = (100, 1_000, 10_000, 100_000)
# Measured once only, as it takes most of a minute.
ONCE_FROM = 100_000
SECONDS = 400


def measure(folder: Path, region: Region) -> Report:
    """About two minutes."""
    del folder, region  # each size is a process of its own, which reads the region itself
    small: Mapping[str, Callable[[], Size]] = {
        str(size): partial(_measure_size, size) for size in SIZES if size < ONCE_FROM
    }
    found = interleave(small) | {str(size): [_measure_size(size)] for size in SIZES if size >= ONCE_FROM}
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
        rows=[_build_row(size, found[str(size)]) for size in SIZES],
        budgets=[],
    )


def _measure_size(events: int) -> Size:
    command = [*build_pin_prefix(choose_server_core()), sys.executable, "-m", "bench.sizes", str(events)]
    done = subprocess.run(command, capture_output=True, check=False, timeout=SECONDS)  # noqa: S603 - our own program
    if done.returncode:
        raise MeasurementFailed(f"{events} events: {done.stderr.decode(errors='replace').strip().splitlines()[-1]}")
    return msgspec.json.decode(done.stdout, type=Size)


def _build_row(events: int, found: list[Size]) -> tuple[str, ...]:
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
    rows = [collect_series(found, figure) for figure in figures]
    return (
        f"{events:,}",
        *(format_spread(each) if place == 3 else format_number(each.median) for place, each in enumerate(rows)),
    )
