"""The warm feed: whole, in gzip, and as a 304, beside bare ASGI giving the same answers, and beside a naive server."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import msgspec
from pymongo import MongoClient

from bench.client import Answer, Request, ask
from bench.cores import cpu_seconds, keep_to, server_core
from bench.events import letters, published
from bench.load import NoFigure, Pressed, ask_times, press, tool
from bench.rounds import ROUNDS, Series, interleave, series
from bench.servers import servers, service, write_letters, yardstick
from bench.table import Budget, Report, number, spread
from bench.yardsticks.answers import keep
from shared.region import Region

EVENTS = 1_000
CONNECTIONS = 16
SECONDS = 1.0
TURNS = 3
"""Each round is taken in turns of a second, so that what disturbs the machine disturbs both sides of a ratio."""
NAIVE = "naive, 1 connection"
NAIVE_REQUESTS = 3
PATH = "/feeds/programme.ics"

Answers = Mapping[str, Answer]


class AnswersDiffer(NoFigure):
    """The yardstick does not give the same answer, so comparing it would say nothing."""


class Turn(msgspec.Struct, frozen=True):
    """What a server did in one turn; ``per_cpu_second`` counts only the time in which it was computing."""

    pressed: Pressed
    per_cpu_second: float


def measure(folder: Path, region: Region) -> Report:
    """Measure; about two minutes."""
    core = server_core()
    with ExitStack() as running:
        where = running.enter_context(servers(folder))
        for process in (*where.mongod, *where.kafka):
            keep_to(core, process)
        write_letters(letters(EVENTS, region), where)
        ours = running.enter_context(service("distribution", where, core=core))
        requests = _warm(f"{ours.address}{PATH}")
        answers = {kind: ask(request) for kind, request in requests.items()}
        keep({f"/{kind}": answer for kind, answer in answers.items()}, folder / "answers")
        bare = running.enter_context(yardstick("bare_asgi", [str(folder / "answers")], folder, core=core))
        same = {kind: msgspec.structs.replace(each, url=f"{bare.address}/{kind}") for kind, each in requests.items()}
        _compare(answers, same)
        _fill_naive(where.mongo_url, region)
        naive = running.enter_context(yardstick("naive_fastapi", [where.mongo_url, "naive"], folder, core=core))
        targets: dict[str, Callable[[], Turn]] = {
            **dict(_side_by_side(requests, ours.process, same, bare.process)),
            **dict(_one_connection(requests, ours.process, same, bare.process)),
            NAIVE: partial(_slow_turn, Request(f"{naive.address}/programme.ics"), naive.process),
        }
        return _report(interleave(targets, rounds=ROUNDS * TURNS), answers, where.log_name)


def _warm(url: str) -> Mapping[str, Request]:
    """Ask for each coding once, and learn what a client sends that has the feed already."""
    whole = Request(url, headers={"Accept-Encoding": "identity"})
    gzip = Request(url, headers={"Accept-Encoding": "gzip"})
    ask(whole)
    tag = ask(gzip).headers["etag"]
    return {"whole": whole, "gzip": gzip, "304": Request(url, headers={**gzip.headers, "If-None-Match": tag})}


def _fill_naive(mongo_url: str, region: Region) -> None:
    documents = [msgspec.to_builtins(published(number, region)) for number in range(EVENTS)]
    with MongoClient[dict[str, object]](mongo_url) as client:
        client["naive"]["events"].insert_many(documents)


def _compare(answers: Answers, requests: Mapping[str, Request]) -> None:
    for kind, request in requests.items():
        theirs, ours = ask(request), answers[kind]
        if theirs.without("date") != ours.without("date"):
            raise AnswersDiffer(f"{kind}: {theirs.status} {theirs.headers} is not {ours.status} {ours.headers}")


def _side_by_side(
    ours: Mapping[str, Request], our_process: int, bare: Mapping[str, Request], bare_process: int
) -> Iterator[tuple[str, Callable[[], Turn]]]:
    for kind in ours:
        yield kind, partial(_turn, ours[kind], our_process, CONNECTIONS)
        yield f"{kind}, bare ASGI", partial(_turn, bare[kind], bare_process, CONNECTIONS)


def _one_connection(
    ours: Mapping[str, Request], our_process: int, bare: Mapping[str, Request], bare_process: int
) -> Iterator[tuple[str, Callable[[], Turn]]]:
    """Bare ASGI too: what it reaches is all that this machine and this client can."""
    for kind in ("whole", "304"):
        yield f"{kind}, 1 connection", partial(_turn, ours[kind], our_process, 1)
        yield f"{kind}, bare ASGI, 1 connection", partial(_turn, bare[kind], bare_process, 1)


def _turn(request: Request, process: int, connections: int) -> Turn:
    return _timed(process, lambda: press(request, connections=connections, seconds=SECONDS))


def _slow_turn(request: Request, process: int) -> Turn:
    return _timed(process, lambda: ask_times(request, count=NAIVE_REQUESTS))


def _timed(process: int, press_it: Callable[[], Pressed]) -> Turn:
    before = cpu_seconds(process)
    pressed = press_it()
    return Turn(pressed, pressed.answers / (cpu_seconds(process) - before))


def _report(turns: Mapping[str, list[Turn]], answers: Answers, log: str) -> Report:
    rates = {name: series(found, lambda turn: turn.pressed.per_second) for name, found in turns.items()}
    computing = {name: series(found, lambda turn: turn.per_cpu_second) for name, found in turns.items()}
    beside = {kind: (computing[kind].over(computing[f"{kind}, bare ASGI"])) for kind in answers}
    return Report(
        title=f"feed: the warm programme.ics of {EVENTS:,} events",
        how=(
            f"{CONNECTIONS} connections unless said otherwise, by {tool()} on one core; servers, MongoDB and log on "
            f"another; {ROUNDS} rounds, each in {TURNS} turns of {SECONDS:.0f} s. The programme came through {log}. "
            f"Bare ASGI gives the same bytes and headers on the same uvicorn. The naive server is FastAPI, icalendar "
            f"and MongoDB, building the same feed, property by property, for each request."
        ),
        head=("answer", "requests/s, median (min–max)", "per second of CPU", "p50 ms", "p99 ms", "bytes"),
        rows=[_row(name, rates[name], computing[name], turns[name], answers) for name in turns],
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
            + spread(rates["whole, 1 connection"].over(rates["whole, bare ASGI, 1 connection"]))
            + " × bare ASGI: what limits it there is carrying the bytes from one process to the other.",
            "Requests per second of the server's own computing time, which other programs on the machine disturb "
            "less, give for ours : bare ASGI " + ", ".join(f"{kind} {spread(found)}" for kind, found in beside.items()),
        ],
    )


def _row(name: str, rate: Series, computing: Series, turns: list[Turn], answers: Answers) -> tuple[str, ...]:
    kind = answers.get(name.split(",", maxsplit=1)[0])
    p50 = series(turns, lambda turn: turn.pressed.p50_ms)
    p99 = series(turns, lambda turn: turn.pressed.p99_ms)
    size = f"{len(kind.body):,}" if kind else ""
    return (name, spread(rate), number(computing.median), number(p50.median), number(p99.median), size)
