"""Submissions through the API, validated and written to a majority, next to bare inserts of the same events."""

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

from bench.client import ClientResult, Request
from bench.cores import build_pin_prefix, choose_load_core, choose_server_core, measure_cpu_seconds, pin_process
from bench.events import encode_bodies, make_event
from bench.keys import build_bearer_header, create_editor_key
from bench.load import LoadResult, MeasurementFailed, apply_load, name_load_tool, summarize_result
from bench.rounds import ROUNDS, collect_series, interleave
from bench.servers import Servers, run_service, start_servers
from bench.table import Budget, Report, format_number, format_spread
from shared.region import Region
from shared.settings import CommonSettings

IN_FLIGHT = 32
SECONDS = 4.0
DRAIN_SECONDS = 120.0
EVENTS = 200
PATH = "/ingest/api/v1/submissions"
OURS, BARE, BARE_BESIDE = "submission", "insert_one", "insert_one on the server's core"


class SubmissionsLost(MeasurementFailed):
    """More was acknowledged than is in the database."""


class SubmitTurn(msgspec.Struct, frozen=True):
    """``cpu_ms`` a submission: ours is that of ingest and mongod, theirs that of the client and mongod.

    ``drained_seconds`` is how long the messages took to reach the log once the load had ended.
    """

    pressed: LoadResult
    cpu_ms: float
    drained_seconds: float = 0.0


def measure(folder: Path, region: Region) -> Report:
    """About a minute and a half."""
    with start_servers(folder) as where, MongoClient[dict[str, Any]](where.mongo_url) as client:
        for process in where.mongod:
            pin_process(choose_server_core(), process)
        for process in where.kafka:
            pin_process(choose_load_core(), process)
        events = [make_event(number, region) for number in range(EVENTS)]
        key = create_editor_key(where.mongo_url, region)
        with run_service("ingest", where, core=choose_server_core()) as ingest:
            request = Request(
                f"{ingest.address}{PATH}",
                "POST",
                {**build_bearer_header(key), "Content-Type": "application/json"},
                encode_bodies(EVENTS, region),
            )
            kept = client[CommonSettings().database("ingest")]["submissions"]
            submit = partial(_submit, request, kept, processes=(ingest.process, *where.mongod))
            submit(seconds=1.0)
            targets: dict[str, Callable[[], SubmitTurn]] = {
                OURS: partial(submit, seconds=SECONDS),
                BARE: partial(_insert, where, events, choose_load_core()),
                BARE_BESIDE: partial(_insert, where, events, choose_server_core()),
            }
            return _report(interleave(targets), where)


def _submit(
    request: Request, kept: Collection[dict[str, Any]], *, processes: Sequence[int], seconds: float
) -> SubmitTurn:
    """Wait until all messages are on the log."""
    before, computed = kept.count_documents({}), measure_cpu_seconds(*processes)
    pressed = apply_load(request, connections=IN_FLIGHT, seconds=seconds)
    ended, computed = time.monotonic(), measure_cpu_seconds(*processes) - computed
    found = kept.count_documents({}) - before
    if found < pressed.answers:
        raise SubmissionsLost(f"{pressed.answers} submissions were answered, {found} are kept")
    while kept.count_documents({"outbox.id": {"$exists": True}}, hint="outbox", limit=1):
        if time.monotonic() - ended > DRAIN_SECONDS:
            raise MeasurementFailed("The relay has not sent what was taken in.")
        time.sleep(0.05)
    return SubmitTurn(pressed, computed * 1_000 / pressed.answers, time.monotonic() - ended)


def _insert(where: Servers, events: Sequence[Mapping[str, Any]], core: int | None) -> SubmitTurn:
    arguments = (where.mongo_url, str(IN_FLIGHT), str(SECONDS))
    command = [*build_pin_prefix(core), sys.executable, "-m", "bench.baselines.bare_insert", *arguments]
    computed = measure_cpu_seconds(*where.mongod)
    lines = b"\n".join(msgspec.json.encode(each) for each in events)
    done = subprocess.run(command, input=lines, capture_output=True, check=False, timeout=SECONDS + 60)  # noqa: S603 - our own program
    if done.returncode:
        raise MeasurementFailed(f"insert_one: {done.stderr.decode(errors='replace').strip().splitlines()[-1]}")
    outcome = msgspec.json.decode(done.stdout, type=ClientResult)
    computed = measure_cpu_seconds(*where.mongod) - computed + outcome.cpu_seconds
    return SubmitTurn(summarize_result(outcome), computed * 1_000 / len(outcome.milliseconds))


def _report(turns: Mapping[str, list[SubmitTurn]], where: Servers) -> Report:
    rates = {name: collect_series(found, lambda turn: turn.pressed.per_second) for name, found in turns.items()}
    costs = {name: collect_series(found, lambda turn: turn.cpu_ms) for name, found in turns.items()}
    drained = collect_series(turns[OURS], lambda turn: turn.drained_seconds)
    beside = rates[OURS].over(rates[BARE_BESIDE])
    return Report(
        title="submit: a new submission through the API",
        how=(
            f"{IN_FLIGHT} in flight for {SECONDS:.0f} s, {ROUNDS} rounds; ingest and mongod share one core, "
            f"{name_load_tool()} and {where.log_name} stand on the other. Every answer was 201, and as many are in the "
            f"database. Bare inserts are PyMongo's asyncio client with the same events, also w: majority, j: true; the "
            f"client stands on the load's core, so that mongod has its own to itself, or next to mongod, as ingest."
        ),
        head=("what", "per second, median (min–max)", "p50 ms", "p99 ms", "CPU ms each"),
        rows=[(*_build_row(name, found), format_number(costs[name].median)) for name, found in turns.items()],
        budgets=[Budget("submission : insert_one", "at least", 0.35, rates[OURS].over(rates[BARE]))],
        remarks=[
            f"Beside mongod on one core, submission : insert_one is {format_spread(beside)}.",
            f"By computing time, mongod's included, the ratio is {format_spread(costs[BARE].over(costs[OURS]))}.",
            f"Their messages went out to the log meanwhile; the last had left {format_spread(drained)} s after.",
        ],
    )


def _build_row(name: str, turns: Sequence[SubmitTurn]) -> tuple[str, ...]:
    rate = collect_series(turns, lambda turn: turn.pressed.per_second)
    p50, p99 = (
        collect_series(turns, figure).median for figure in (lambda t: t.pressed.p50_ms, lambda t: t.pressed.p99_ms)
    )
    return (name, format_spread(rate), format_number(p50), format_number(p99))
