"""``python -m bench [NAME …]``: measure, and print each promise next to what was measured.

Everything is started on loopback, in a folder that is deleted afterwards.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from bench import feed, hostile, jobs, pages, profile, repeats, replicas, scaling, soak, start, submit, visible
from bench.client import ConnectionLost
from bench.load import MeasurementFailed
from bench.machine import describe
from bench.servers import KafkaMissing
from bench.table import Report, render_summary
from deploy.local.errors import StartError
from shared.region import Region, load_region

Measure = Callable[[Path, Region], Report]

MEASUREMENTS: Mapping[str, Measure] = {
    "feed": feed.measure,
    "submit": submit.measure,
    "visible": visible.measure,
    "start": start.measure,
    "pages": pages.measure,
    "repeats": repeats.measure,
    "scaling": scaling.measure,
    "replicas": replicas.measure,
    "jobs": jobs.measure,
    "profile": profile.measure,
}
# Measured only when named on the command line.
LONG: Mapping[str, Callable[[argparse.Namespace], Measure]] = {
    "soak": lambda asked: partial(soak.measure, minutes=asked.minutes),
    "hostile": lambda asked: partial(hostile.measure, requests=asked.requests),
}
REGION = Path("deploy/region")
PAGE = Path("docs/performance.md")
INTRODUCTION = """\
# Performance

What we promise about speed (decided before it was built, see [architecture](architecture.md)) and what one run found.
`make bench` repeats it, `make bench NAME=feed` a part of it; this page is written by `python -m bench --write`.

Only ratios travel: both sides of each were measured in one run, in turn, on one machine. Absolute figures are of this
machine and this day.
"""


def main(arguments: Sequence[str]) -> int:
    """Returns the exit code: 1 if something could not be measured, 2 for an unknown argument."""
    asked = read(arguments)
    described = describe()
    _print(_render_facts(described))
    measures: Mapping[str, Measure] = {
        **MEASUREMENTS,
        **{name: choose(asked) for name, choose in LONG.items()},
    }
    reports = {name: _run_measurement(name, measures[name]) for name in asked.names or MEASUREMENTS}
    found = [report for report in reports.values() if report]
    if any(report.budgets for report in found):
        _print(f"\n## In short\n\n{render_summary(found)}\n")
    if asked.write:
        PAGE.write_text(render_page(described, found), encoding="utf-8")
        _print(f"Written to {PAGE}.")
    missed = any(not budget.met for report in found for budget in report.budgets)
    return 1 if None in reports.values() or (asked.strict and missed) else 0


def read(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    known = [*MEASUREMENTS, *LONG]
    names = f"one of {', '.join(known)}; without any, all but {', '.join(LONG)}"
    parser.add_argument("names", nargs="*", metavar="NAME", help=names)
    parser.add_argument("--minutes", type=float, default=soak.MINUTES, help="how long the soak lasts")
    parser.add_argument("--requests", type=int, default=hostile.REQUESTS, help="how many of each hostile request")
    parser.add_argument("--write", action="store_true", help=f"write what was found to {PAGE}")
    parser.add_argument("--strict", action="store_true", help="end with 1 if a budget was missed")
    asked = parser.parse_args(arguments)
    for name in asked.names:
        if name not in known:
            parser.error(f"there is no measurement {name}; there are {', '.join(known)}")
    return asked


def render_page(described: Mapping[str, str], reports: Sequence[Report]) -> str:
    parts = [
        INTRODUCTION,
        _render_facts(described),
        f"\n## In short\n\n{render_summary(reports)}\n",
        *(each.render() for each in reports),
    ]
    return "\n".join(parts)


def _run_measurement(name: str, measure: Measure) -> Report | None:
    """None if it could not be measured."""
    began = time.monotonic()
    _print(f"\nmeasuring {name} ...")
    try:
        with tempfile.TemporaryDirectory(prefix="kalendarium-bench-") as folder:
            report = measure(Path(folder), load_region(REGION))
    except (StartError, ConnectionLost, KafkaMissing, MeasurementFailed, TimeoutError) as error:
        sys.stderr.write(f"{name} could not be measured: {error or type(error).__name__}\n")
        return None
    _print(f"({time.monotonic() - began:.0f} s)\n\n{report.render()}")
    return report


def _render_facts(described: Mapping[str, str]) -> str:
    return "\n".join(f"- {what}: {found}" for what, found in described.items())


def _print(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
