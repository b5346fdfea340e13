"""Submissions through the API, validated and kept by a majority, beside bare inserts of the same events."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from pymongo import MongoClient
from pymongo.collection import Collection

from bench.client import Outcome, Request
from bench.cores import cpu_seconds, keep_to, load_core, on, server_core
from bench.events import event
from bench.keys import bearer, editor_key
from bench.load import NoFigure, Pressed, press, pressed_by, tool
from bench.rounds import ROUNDS, interleave, series
from bench.servers import Servers, servers, service
from bench.table import Budget, Report, number, spread
from shared.region import Region
from shared.settings import CommonSettings

IN_FLIGHT = 32
SECONDS = 4.0
DRAIN_SECONDS = 120.0
EVENTS = 200
PATH = "/ingest/api/v1/submissions"
OURS, BARE, BARE_BESIDE = "submission", "insert_one", "insert_one on the server's core"


class NotKept(NoFigure):
    """More was answered than stands in the database."""


class Turn(msgspec.Struct, frozen=True):
    """What went in, how long its messages took to go out once the load had ended, and what each cost.

    ``cpu_ms`` is computing time: ours is that of ingest and mongod, theirs that of the client and mongod.
    """

    pressed: Pressed
    cpu_ms: float
    drained_seconds: float = 0.0


def measure(folder: Path, region: Region) -> Report:
    """Measure; about a minute and a half."""
    with servers(folder) as where, MongoClient[dict[str, Any]](where.mongo_url) as client:
        for process in where.mongod:
            keep_to(server_core(), process)
        for process in where.kafka:
            keep_to(load_core(), process)
        events = [event(number, region) for number in range(EVENTS)]
        key = editor_key(where.mongo_url, region)
        with service("ingest", where, core=server_core()) as ingest:
            request = Request(
                f"{ingest.address}{PATH}",
                "POST",
                {**bearer(key), "Content-Type": "application/json"},
                tuple(msgspec.json.encode(each).decode() for each in events),
            )
            kept = client[CommonSettings().database("ingest")]["submissions"]
            submit = partial(_submit, request, kept, processes=(ingest.process, *where.mongod))
            submit(seconds=1.0)
            targets: dict[str, Callable[[], Turn]] = {
                OURS: partial(submit, seconds=SECONDS),
                BARE: partial(_insert, where, events, load_core()),
                BARE_BESIDE: partial(_insert, where, events, server_core()),
            }
            return _report(interleave(targets), where)


def _submit(request: Request, kept: Collection[dict[str, Any]], *, processes: Sequence[int], seconds: float) -> Turn:
    """Send in, count what was kept, and wait until all of it is on the log."""
    before, computed = kept.count_documents({}), cpu_seconds(*processes)
    pressed = press(request, connections=IN_FLIGHT, seconds=seconds)
    ended, computed = time.monotonic(), cpu_seconds(*processes) - computed
    found = kept.count_documents({}) - before
    if found < pressed.answers:
        raise NotKept(f"{pressed.answers} submissions were answered, {found} are kept")
    while kept.count_documents({"outbox.id": {"$exists": True}}, hint="outbox", limit=1):
        if time.monotonic() - ended > DRAIN_SECONDS:
            raise NoFigure("The relay has not sent what was taken in.")
        time.sleep(0.05)
    return Turn(pressed, computed * 1_000 / pressed.answers, time.monotonic() - ended)


def _insert(where: Servers, events: Sequence[Mapping[str, Any]], core: int | None) -> Turn:
    arguments = (where.mongo_url, str(IN_FLIGHT), str(SECONDS))
    command = [*on(core), sys.executable, "-m", "bench.yardsticks.bare_insert", *arguments]
    computed = cpu_seconds(*where.mongod)
    lines = b"\n".join(msgspec.json.encode(each) for each in events)
    done = subprocess.run(command, input=lines, capture_output=True, check=False, timeout=SECONDS + 60)  # noqa: S603 - our own program
    if done.returncode:
        raise NoFigure(f"insert_one: {done.stderr.decode(errors='replace').strip().splitlines()[-1]}")
    outcome = msgspec.json.decode(done.stdout, type=Outcome)
    computed = cpu_seconds(*where.mongod) - computed + outcome.cpu_seconds
    return Turn(pressed_by(outcome), computed * 1_000 / len(outcome.milliseconds))


def _report(turns: Mapping[str, list[Turn]], where: Servers) -> Report:
    rates = {name: series(found, lambda turn: turn.pressed.per_second) for name, found in turns.items()}
    costs = {name: series(found, lambda turn: turn.cpu_ms) for name, found in turns.items()}
    drained = series(turns[OURS], lambda turn: turn.drained_seconds)
    return Report(
        title="submit: a new submission through the API",
        how=(
            f"{IN_FLIGHT} in flight for {SECONDS:.0f} s, {ROUNDS} rounds; ingest and mongod share one core, {tool()} "
            f"and {where.log_name} stand on the other. Every answer was 201, and as many are in the database. Bare "
            f"inserts are PyMongo's asyncio client with the same events, also w: majority, j: true; the client stands "
            f"on the load's core, so that mongod has its own to itself, or beside mongod, where ingest stands."
        ),
        head=("what", "per second, median (min–max)", "p50 ms", "p99 ms", "CPU ms each"),
        rows=[(*_row(name, found), number(costs[name].median)) for name, found in turns.items()],
        budgets=[Budget("submission : insert_one", "at least", 0.6, rates[OURS].over(rates[BARE]))],
        remarks=[
            f"Beside mongod on one core, submission : insert_one is {spread(rates[OURS].over(rates[BARE_BESIDE]))}.",
            f"By computing time, mongod's included, the ratio is {spread(costs[BARE].over(costs[OURS]))}.",
            f"While they came in, their messages went out to the log; the last had left {spread(drained)} s after.",
        ],
    )


def _row(name: str, turns: Sequence[Turn]) -> tuple[str, ...]:
    rate = series(turns, lambda turn: turn.pressed.per_second)
    p50, p99 = (series(turns, figure).median for figure in (lambda t: t.pressed.p50_ms, lambda t: t.pressed.p99_ms))
    return (name, spread(rate), number(p50), number(p99))
