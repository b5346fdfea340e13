"""Repeats: pages and feeds of a programme of which a fifth repeats, next to one without, and expanding rules."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime
from functools import partial
from pathlib import Path

import msgspec
from dateutil.rrule import rrulestr

from bench.baselines.responses import save_responses
from bench.client import Request, ask
from bench.cores import choose_server_core, pin_process
from bench.events import REPEATING_EVERY, YEAR, make_envelopes, make_event_id, make_repeats
from bench.load import LoadResult, apply_load, ask_repeatedly, name_load_tool
from bench.rounds import ROUNDS, Series, collect_series, interleave
from bench.servers import RunningProcess, run_baseline, run_service, start_servers, write_envelopes
from bench.table import Budget, Report, format_number, format_spread
from shared.event.model import Dates
from shared.event.recurrence import list_occurrences
from shared.region import Region

EVENTS = 10_000
REPEATING = EVENTS // REPEATING_EVERY
RULES = 10_000
REQUESTS = 40
CONNECTIONS = 16
SECONDS = 1.0
# As for the feed: a disturbance of the machine affects both sides of a ratio.
TURNS = 3
LIST = "public list"
ALONE = "dateutil alone"
OURS = "occurrences"
FEED = "/feeds/programme.ics"
GZIP: Mapping[str, str] = {"Accept-Encoding": "gzip"}
PATHS: Mapping[str, str] = {
    LIST: "/pl/",
    "a month": f"/pl/{YEAR}/06",
    "a weekend": f"/pl/?from={YEAR}-06-11&to={YEAR}-06-13",
    "a year": f"/pl/{YEAR}",
    "an event": f"/en/events/{make_event_id(0)}",
    "API, 200 events": "/api/v1/events?limit=200",
}


def measure(folder: Path, region: Region) -> Report:
    """About two minutes."""
    core = choose_server_core()
    with ExitStack() as running:
        services = {}
        for name in ("repeating", "plain"):
            where = running.enter_context(start_servers(folder / name, kafka=False))
            for process in where.mongod:
                pin_process(core, process)
            write_envelopes(make_envelopes(EVENTS, region, repeating=name == "repeating"), where)
            services[name] = running.enter_context(run_service("distribution", where, core=core))
        feeds = _prepare_feeds(services["repeating"], running, folder, core)
        pages = {
            f"{name}, {kind}": partial(
                ask_repeatedly, Request(f"{service.address}{path}", headers=GZIP), count=REQUESTS
            )
            for name, path in PATHS.items()
            for kind, service in services.items()
        }
        loads = {
            name: partial(apply_load, request, connections=CONNECTIONS, seconds=SECONDS)
            for name, request in feeds.items()
        }
        asked = interleave(pages) | interleave(loads, rounds=ROUNDS * TURNS)
        size = len(ask(feeds["whole"]).body)
    return _report(asked, interleave({OURS: _expand, ALONE: _expand_alone}), size)


def _prepare_feeds(ours: RunningProcess, running: ExitStack, folder: Path, core: int | None) -> Mapping[str, Request]:
    whole = Request(f"{ours.address}{FEED}", headers={"Accept-Encoding": "identity"})
    gzip = Request(f"{ours.address}{FEED}", headers=GZIP)
    ask(whole)
    tag = ask(gzip).headers["etag"]
    requests = {"whole": whole, "gzip": gzip, "304": Request(gzip.url, headers={**GZIP, "If-None-Match": tag})}
    save_responses({f"/{name}": ask(each) for name, each in requests.items()}, folder / "answers")
    bare = running.enter_context(run_baseline("bare_asgi", [str(folder / "answers")], folder, core=core))
    theirs = {
        f"{name}, bare ASGI": msgspec.structs.replace(each, url=f"{bare.address}/{name}")
        for name, each in requests.items()
    }
    return {**requests, **theirs}


def _expand() -> float:
    """Seconds for all rules, each of its own, with their exceptions."""
    dates = [msgspec.convert(make_repeats(number), Dates) for number in range(RULES)]
    began = time.process_time()
    for each in dates:
        list_occurrences(each)
    return time.process_time() - began


def _expand_alone() -> float:
    rules = [(each["recurrence"]["rrule"], each["start"]) for each in map(make_repeats, range(RULES))]
    began = time.process_time()
    for rule, start in rules:
        list(rrulestr(rule, dtstart=datetime.fromisoformat(start)))
    return time.process_time() - began


def _report(asked: Mapping[str, list[LoadResult]], expanded: Mapping[str, Sequence[float]], size: int) -> Report:
    p95 = {name: collect_series(rounds, lambda pressed: pressed.p95_ms) for name, rounds in asked.items()}
    rates = {name: collect_series(rounds, lambda pressed: pressed.per_second) for name, rounds in asked.items()}
    seconds = {name: Series(tuple(found)) for name, found in expanded.items()}
    slowest = max(PATHS, key=lambda name: p95[f"{name}, repeating"].median)
    feeds = ("whole", "gzip", "304")
    return Report(
        title=f"repeats: {REPEATING:,} of {EVENTS:,} events repeat",
        how=(
            f"Distribution on one core, two of it side by side: one programme in which every fifth event repeats (6 to "
            f"39 times; of a third of them one time is cancelled and one moved), and one in which none does. Pages one "
            f"request at a time, {REQUESTS} in each of {ROUNDS} rounds; the warm feed of {size / 1e6:.1f} MB at "
            f"{CONNECTIONS} connections by {name_load_tool()}, next to bare ASGI with the same bytes, in "
            f"{TURNS} turns a round. {RULES:,} rules "
            f"are expanded in one process, each of its own, next to {ALONE} without exceptions and bounds."
        ),
        head=("what", "p50 ms", "p95 ms, median (min–max)", "requests/s"),
        rows=[
            (
                name,
                format_number(collect_series(asked[name], lambda pressed: pressed.p50_ms).median),
                format_spread(p95[name]),
                format_number(rates[name].median),
            )
            for name in asked
        ],
        budgets=[
            Budget(f"repeats: p95, {LIST}", "at most", 50, p95[f"{LIST}, repeating"], unit="ms"),
            Budget(f"repeats: p95, the slowest ({slowest})", "at most", 50, p95[f"{slowest}, repeating"], unit="ms"),
            Budget(
                f"repeats: p95, {LIST} : without repeats",
                "at most",
                2,
                p95[f"{LIST}, repeating"].over(p95[f"{LIST}, plain"]),
            ),
            *(
                Budget(f"repeats: {name} : bare ASGI", "at least", 0.9, rates[name].over(rates[f"{name}, bare ASGI"]))
                for name in feeds
            ),
            Budget(f"expanding rules : {ALONE}", "at most", 3, seconds[OURS].over(seconds[ALONE])),
        ],
        remarks=[
            (
                f"Expanding {RULES:,} rules takes {format_spread(seconds[OURS])} s, "
                f"{ALONE} {format_spread(seconds[ALONE])} s."
            )
        ],
    )
