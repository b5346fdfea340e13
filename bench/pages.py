"""Pages: how long they take and how large they are, with a large programme that came through the public APIs."""

from __future__ import annotations

import asyncio
import gzip
import time
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from bench.client import Request, ask
from bench.events import YEAR
from bench.keys import create_editor_keys, create_sessions
from bench.load import LoadResult, MeasurementFailed, ask_repeatedly
from bench.rounds import ROUNDS, Series, collect_series, interleave
from bench.system import BenchSystem, start_system
from bench.table import Budget, Report, format_number, format_spread
from bench.workflow import OK, WaitingEntry, accept_all, await_arrival, submit_events
from shared.accounts.accounts import Role
from shared.region import Region

EVENTS = 10_000
WAITING = 1_000
ORGANISATIONS = 40
REQUESTS = 40
LIST = "public list"


class FilledProgramme(NamedTuple):
    public: WaitingEntry
    waiting: WaitingEntry
    seconds: float


def measure(folder: Path, region: Region) -> Report:
    """About three minutes, most of which the events take to be published."""
    with start_system(folder, region) as made:
        keys = create_editor_keys(made.servers.mongo_url, region, count=ORGANISATIONS)
        filled = asyncio.run(_fill(made, region, keys))
        requests = _build_requests(made, filled, create_sessions(made.servers.mongo_url, region))
        sizes = {name: _measure_kilobytes(request) for name, request in requests.items()}
        found = interleave({name: partial(ask_repeatedly, each, count=REQUESTS) for name, each in requests.items()})
        return _report(found, sizes, filled.seconds)


async def _fill(made: BenchSystem, region: Region, keys: Sequence[str]) -> FilledProgramme:
    began = time.perf_counter()
    await submit_events(made, region, range(EVENTS), keys)
    accepted = await await_arrival(made, EVENTS)
    await accept_all(made, accepted)
    seconds = time.perf_counter() - began
    await submit_events(made, region, range(EVENTS, EVENTS + WAITING), keys)
    return FilledProgramme(accepted[0], (await await_arrival(made, WAITING))[0], seconds)


def _build_requests(
    made: BenchSystem, filled: FilledProgramme, cookies: Mapping[Role, Mapping[str, str]]
) -> Mapping[str, Request]:
    public = {
        LIST: "/pl/",
        "public list in German, filtered": "/de/?category=maritime&county=3262",
        "a year": f"/pl/{YEAR}",
        "a month": f"/pl/{YEAR}/08",
        "an event": f"/en/events/{filled.public.id}",
        "subscribing": "/pl/subscribe",
        "offices": "/pl/offices",
        "organisers": "/pl/organisers",
        "API, 200 events": "/api/v1/events?limit=200",
    }
    staff: Mapping[str, tuple[str, Role]] = {
        "editor's list": (f"{made.ingest}/ingest/", "editor"),
        "editor's form": (f"{made.ingest}/ingest/submissions/new", "editor"),
        "curator's queue": (f"{made.calendar}/calendar/", "curator"),
        "curator's entry": (f"{made.calendar}/calendar/entries/{filled.waiting.id}", "curator"),
        "curator's programme": (f"{made.calendar}/calendar/programme/{YEAR}", "curator"),
    }
    gzip_too = {"Accept-Encoding": "gzip"}
    return {name: Request(f"{made.distribution}{path}", headers=gzip_too) for name, path in public.items()} | {
        name: Request(url, headers={**gzip_too, **cookies[role]}) for name, (url, role) in staff.items()
    }


def _measure_kilobytes(request: Request) -> float:
    # Compressed as a proxy would.
    answer = ask(request)
    if answer.status != OK:
        raise MeasurementFailed(f"{request.url} answers {answer.status}")
    packed = answer.headers.get("content-encoding") == "gzip"
    return len(answer.body if packed else gzip.compress(answer.body, 6)) / 1_000


def _report(found: Mapping[str, list[LoadResult]], sizes: Mapping[str, float], seconds: float) -> Report:
    p95 = {name: collect_series(rounds, lambda pressed: pressed.p95_ms) for name, rounds in found.items()}
    slowest = max(p95, key=lambda name: p95[name].median)
    largest = max(sizes, key=lambda name: sizes[name])
    return Report(
        title=f"pages: with {EVENTS:,} events in the programme",
        how=(
            f"One request at a time, {REQUESTS} in each of {ROUNDS} rounds; three services as processes. All events "
            f"were sent in as {ORGANISATIONS} organisations and accepted through the APIs; {WAITING:,} more wait for "
            f"the curator. Sizes are in gzip."
        ),
        head=("page", "p50 ms", "p95 ms, median (min–max)", "kB"),
        rows=[
            (name, _compute_p50(found[name]), format_spread(p95[name]), format_number(sizes[name])) for name in found
        ],
        budgets=[
            Budget(f"p95, {LIST}", "at most", 50, p95[LIST], unit="ms"),
            Budget(f"p95, the slowest ({slowest})", "at most", 50, p95[slowest], unit="ms"),
            Budget(f"size, {LIST}", "at most", 200, Series((sizes[LIST],)), unit="kB"),
            Budget(f"size, the largest ({largest})", "at most", 200, Series((sizes[largest],)), unit="kB"),
        ],
        remarks=[
            f"From the first submission until all {EVENTS:,} events were public it took {format_number(seconds)} s."
        ],
    )


def _compute_p50(rounds: Sequence[LoadResult]) -> str:
    return format_number(collect_series(rounds, lambda pressed: pressed.p50_ms).median)
