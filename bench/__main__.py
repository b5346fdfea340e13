"""``python -m bench [NAME …]``: measure, and print what was promised beside what was found.

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

from bench import feed, pages, profile, replicas, scaling, soak, start, submit, visible
from bench.client import ConnectionLost
from bench.load import NoFigure
from bench.machine import describe
from bench.servers import NeedsKafka
from bench.table import Report, summary
from deploy.local.cannot_start import CannotStart
from shared.region import Region, load_region

Measure = Callable[[Path, Region], Report]

MEASUREMENTS: Mapping[str, Measure] = {
    "feed": feed.measure,
    "submit": submit.measure,
    "visible": visible.measure,
    "start": start.measure,
    "pages": pages.measure,
    "scaling": scaling.measure,
    "replicas": replicas.measure,
    "profile": profile.measure,
}
LONG: Mapping[str, Callable[..., Report]] = {"soak": soak.measure}
"""Measured only when asked for by name; takes the minutes."""
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
    """Do what the command line asks for; gives the exit code: 1 if something could not be measured, 2 for bad words."""
    asked = read(arguments)
    described = describe()
    _say(_facts(described))
    measures: Mapping[str, Measure] = {
        **MEASUREMENTS,
        **{name: partial(each, minutes=asked.minutes) for name, each in LONG.items()},
    }
    reports = {name: _measured(name, measures[name]) for name in asked.names or MEASUREMENTS}
    found = [report for report in reports.values() if report]
    if any(report.budgets for report in found):
        _say(f"\n## In short\n\n{summary(found)}\n")
    if asked.write:
        PAGE.write_text(page(described, found), encoding="utf-8")
        _say(f"Written to {PAGE}.")
    missed = any(not budget.kept for report in found for budget in report.budgets)
    return 1 if None in reports.values() or (asked.strict and missed) else 0


def read(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line: ``names``, ``write``, ``strict``."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    known = [*MEASUREMENTS, *LONG]
    names = f"one of {', '.join(known)}; without any, all but {', '.join(LONG)}"
    parser.add_argument("names", nargs="*", metavar="NAME", help=names)
    parser.add_argument("--minutes", type=float, default=soak.MINUTES, help="how long the soak lasts")
    parser.add_argument("--write", action="store_true", help=f"write what was found to {PAGE}")
    parser.add_argument("--strict", action="store_true", help="end with 1 if a budget was missed")
    asked = parser.parse_args(arguments)
    for name in asked.names:
        if name not in known:
            parser.error(f"there is no measurement {name}; there are {', '.join(known)}")
    return asked


def page(described: Mapping[str, str], reports: Sequence[Report]) -> str:
    """Write the page that keeps a run."""
    parts = [
        INTRODUCTION,
        _facts(described),
        f"\n## In short\n\n{summary(reports)}\n",
        *(each.text() for each in reports),
    ]
    return "\n".join(parts)


def _measured(name: str, measure: Measure) -> Report | None:
    """Measure one thing and print it; None if that could not be done."""
    began = time.monotonic()
    _say(f"\nmeasuring {name} ...")
    try:
        with tempfile.TemporaryDirectory(prefix="kalendarium-bench-") as folder:
            report = measure(Path(folder), load_region(REGION))
    except (CannotStart, ConnectionLost, NeedsKafka, NoFigure, TimeoutError) as error:
        sys.stderr.write(f"{name} could not be measured: {error or type(error).__name__}\n")
        return None
    _say(f"({time.monotonic() - began:.0f} s)\n\n{report.text()}")
    return report


def _facts(described: Mapping[str, str]) -> str:
    return "\n".join(f"- {what}: {found}" for what, found in described.items())


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
