"""Warm feed: whole, gzipped and as a 304, next to bare ASGI with the same responses, and to a naive server."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import msgspec
from pymongo import MongoClient

from bench.baselines.responses import save_responses
from bench.client import Request, Response, ask
from bench.cores import choose_server_core, measure_cpu_seconds, pin_process
from bench.events import make_envelopes, make_published
from bench.load import LoadResult, MeasurementFailed, apply_load, ask_repeatedly, name_load_tool
from bench.rounds import ROUNDS, Series, collect_series, interleave
from bench.servers import run_baseline, run_service, start_servers, write_envelopes
from bench.table import Budget, Report, format_number, format_spread
from shared.region import Region

EVENTS = 1_000
CONNECTIONS = 16
SECONDS = 1.0
# Each round is split into turns of a second, so that a disturbance affects both sides of a ratio.
TURNS = 3
NAIVE = "naive, 1 connection"
NAIVE_REQUESTS = 3
PATH = "/feeds/programme.ics"

Answers = Mapping[str, Response]


class AnswersDiffer(MeasurementFailed):
    """The baseline serves another response, so a comparison would be invalid."""


class FeedTurn(msgspec.Struct, frozen=True):
    """``per_cpu_second`` counts only the time in which the server was computing."""

    pressed: LoadResult
    per_cpu_second: float


def measure(folder: Path, region: Region) -> Report:
    """About two minutes."""
    core = choose_server_core()
    with ExitStack() as running:
        where = running.enter_context(start_servers(folder))
        for process in (*where.mongod, *where.kafka):
            pin_process(core, process)
        write_envelopes(make_envelopes(EVENTS, region), where)
        ours = running.enter_context(run_service("distribution", where, core=core))
        requests = _warm_up(f"{ours.address}{PATH}")
        answers = {kind: ask(request) for kind, request in requests.items()}
        save_responses({f"/{kind}": answer for kind, answer in answers.items()}, folder / "answers")
        bare = running.enter_context(run_baseline("bare_asgi", [str(folder / "answers")], folder, core=core))
        same = {kind: msgspec.structs.replace(each, url=f"{bare.address}/{kind}") for kind, each in requests.items()}
        _compare(answers, same)
        _fill_naive(where.mongo_url, region)
        naive = running.enter_context(run_baseline("naive_fastapi", [where.mongo_url, "naive"], folder, core=core))
        targets: dict[str, Callable[[], FeedTurn]] = {
            **dict(_pair_turns(requests, ours.process, same, bare.process)),
            **dict(_pair_single_turns(requests, ours.process, same, bare.process)),
            NAIVE: partial(_load_slowly, Request(f"{naive.address}/programme.ics"), naive.process),
        }
        return _report(interleave(targets, rounds=ROUNDS * TURNS), answers, where.log_name)


def _warm_up(url: str) -> Mapping[str, Request]:
    # What a client sends that has the feed already is known only after a first request.
    whole = Request(url, headers={"Accept-Encoding": "identity"})
    gzip = Request(url, headers={"Accept-Encoding": "gzip"})
    ask(whole)
    tag = ask(gzip).headers["etag"]
    return {"whole": whole, "gzip": gzip, "304": Request(url, headers={**gzip.headers, "If-None-Match": tag})}


def _fill_naive(mongo_url: str, region: Region) -> None:
    documents = [msgspec.to_builtins(make_published(number, region)) for number in range(EVENTS)]
    with MongoClient[dict[str, object]](mongo_url) as client:
        client["naive"]["events"].insert_many(documents)


def _compare(answers: Answers, requests: Mapping[str, Request]) -> None:
    for kind, request in requests.items():
        theirs, ours = ask(request), answers[kind]
        if theirs.without("date") != ours.without("date"):
            raise AnswersDiffer(f"{kind}: {theirs.status} {theirs.headers} is not {ours.status} {ours.headers}")


def _pair_turns(
    ours: Mapping[str, Request], our_process: int, bare: Mapping[str, Request], bare_process: int
) -> Iterator[tuple[str, Callable[[], FeedTurn]]]:
    for kind in ours:
        yield kind, partial(_load_turn, ours[kind], our_process, CONNECTIONS)
        yield f"{kind}, bare ASGI", partial(_load_turn, bare[kind], bare_process, CONNECTIONS)


def _pair_single_turns(
    ours: Mapping[str, Request], our_process: int, bare: Mapping[str, Request], bare_process: int
) -> Iterator[tuple[str, Callable[[], FeedTurn]]]:
    # Bare ASGI too: what it reaches is all that this machine and this client can.
    for kind in ("whole", "304"):
        yield f"{kind}, 1 connection", partial(_load_turn, ours[kind], our_process, 1)
        yield f"{kind}, bare ASGI, 1 connection", partial(_load_turn, bare[kind], bare_process, 1)


def _load_turn(request: Request, process: int, connections: int) -> FeedTurn:
    return _time_turn(process, lambda: apply_load(request, connections=connections, seconds=SECONDS))


def _load_slowly(request: Request, process: int) -> FeedTurn:
    return _time_turn(process, lambda: ask_repeatedly(request, count=NAIVE_REQUESTS))


def _time_turn(process: int, press_it: Callable[[], LoadResult]) -> FeedTurn:
    before = measure_cpu_seconds(process)
    pressed = press_it()
    return FeedTurn(pressed, pressed.answers / (measure_cpu_seconds(process) - before))


def _report(turns: Mapping[str, list[FeedTurn]], answers: Answers, log: str) -> Report:
    rates = {name: collect_series(found, lambda turn: turn.pressed.per_second) for name, found in turns.items()}
    computing = {name: collect_series(found, lambda turn: turn.per_cpu_second) for name, found in turns.items()}
    beside = {kind: (computing[kind].over(computing[f"{kind}, bare ASGI"])) for kind in answers}
    return Report(
        title=f"feed: the warm programme.ics of {EVENTS:,} events",
        how=(
            f"{CONNECTIONS} connections unless said otherwise, by {name_load_tool()} on one core; servers, MongoDB and "
            f"log on another; {ROUNDS} rounds, each in {TURNS} turns of {SECONDS:.0f} s. The programme came through "
            f"{log}. Bare ASGI gives the same bytes and headers on the same uvicorn. The naive server is FastAPI, "
            f"icalendar "
            f"and MongoDB, building the same feed, property by property, for each request."
        ),
        head=("answer", "requests/s, median (min–max)", "per second of CPU", "p50 ms", "p99 ms", "bytes"),
        rows=[_build_row(name, rates[name], computing[name], turns[name], answers) for name in turns],
        budgets=[
            *(
                Budget(f"{kind} : bare ASGI", "at least", 0.9, rates[kind].over(rates[f"{kind}, bare ASGI"]))
                for kind in answers
            ),
            Budget("whole : naive", "at least", 700, rates["whole, 1 connection"].over(rates[NAIVE])),
            Budget("304 : naive", "at least", 1_700, rates["304, 1 connection"].over(rates[NAIVE])),
        ],
        remarks=[
            "At one connection the whole feed is "
            + format_spread(rates["whole, 1 connection"].over(rates["whole, bare ASGI, 1 connection"]))
            + " × bare ASGI: what limits it there is carrying the bytes from one process to the other.",
            "Requests per second of the server's own computing time, which other programs on the machine disturb "
            "less, give for ours : bare ASGI "
            + ", ".join(f"{kind} {format_spread(found)}" for kind, found in beside.items()),
        ],
    )


def _build_row(name: str, rate: Series, computing: Series, turns: list[FeedTurn], answers: Answers) -> tuple[str, ...]:
    kind = answers.get(name.split(",", maxsplit=1)[0])
    p50 = collect_series(turns, lambda turn: turn.pressed.p50_ms)
    p99 = collect_series(turns, lambda turn: turn.pressed.p99_ms)
    size = f"{len(kind.body):,}" if kind else ""
    return (
        name,
        format_spread(rate),
        format_number(computing.median),
        format_number(p50.median),
        format_number(p99.median),
        size,
    )
