"""Jobs: ten thousand that become due at once, worked off by two replicas."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
from pymongo import MongoClient
from pymongo.database import Database

from bench.job_replica import KIND
from bench.load import MeasurementFailed
from bench.rounds import ROUNDS, collect_series, interleave
from bench.table import Budget, Report, format_number, format_spread
from deploy.local.replica_set import start_replica_set
from shared.clock import utc_now
from shared.database.client import open_database
from shared.jobs.repository import COLLECTION, Jobs
from shared.region import Region

JOBS = 10_000
REPLICAS = 2
# Long enough to add them all and to start the replicas.
AHEAD_SECONDS = 40.0
START_SECONDS = 5.0
MOST_SECONDS = 60.0
PATIENCE_SECONDS = 300.0
LOOK_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class JobsTurn:
    """``seconds`` from the moment they were due; ``shares`` are the jobs of each replica."""

    seconds: float
    doubled: int
    lost: int
    shares: Sequence[int]


def measure(folder: Path, region: Region) -> Report:  # noqa: ARG001 - as every measurement
    """About two minutes."""
    with start_replica_set(folder / "mongo") as mongo, MongoClient[dict[str, Any]](mongo.url) as client:
        turns = interleave({"jobs": lambda: _work_off(mongo.url, client)})["jobs"]
    return _report(turns)


def _work_off(url: str, client: MongoClient[dict[str, Any]]) -> JobsTurn:
    name = f"jobs_{uuid4().hex[:8]}"
    due_at = utc_now() + timedelta(seconds=AHEAD_SECONDS)
    asyncio.run(_add_jobs(url, name, due_at))
    with ExitStack() as opened:
        replicas = [opened.enter_context(_start_replica(url, name)) for _ in range(REPLICAS)]
        seconds = _measure_seconds(client[name], due_at)
        counted = [msgspec.json.decode(each.communicate(timeout=30)[0], type=dict[str, int]) for each in replicas]
    runs = [len(each["fences"]) for each in client[name]["effects"].find()]
    client.drop_database(name)
    if len(runs) != JOBS:
        raise MeasurementFailed(f"{len(runs)} of {JOBS} jobs had an effect.")
    doubled, lost = sum(each > 1 for each in runs), sum(each["lost"] for each in counted)
    return JobsTurn(seconds, doubled, lost, [each["done"] for each in counted])


async def _add_jobs(url: str, name: str, due_at: datetime) -> None:
    async with open_database(url, name, timeout_ms=60_000) as database:
        jobs = Jobs(database[COLLECTION])
        await jobs.prepare()
        await jobs.add_many(KIND, {f"{number}": {} for number in range(JOBS)}, due_at=due_at)


def _start_replica(url: str, name: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "bench.job_replica", url, name]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603 - our own program


def _measure_seconds(database: Database[dict[str, Any]], due_at: datetime) -> float:
    ahead = (due_at - utc_now()).total_seconds() - START_SECONDS
    if ahead < 0:
        raise MeasurementFailed("The jobs were due before all were added.")
    time.sleep(ahead + START_SECONDS)
    began = time.monotonic()
    while database[COLLECTION].count_documents({"state": "done"}) < JOBS:
        if time.monotonic() - began > PATIENCE_SECONDS:
            raise MeasurementFailed(f"{JOBS} jobs were not done in {PATIENCE_SECONDS:.0f} s.")
        time.sleep(LOOK_SECONDS)
    return time.monotonic() - began


def _report(turns: Sequence[JobsTurn]) -> Report:
    seconds = collect_series(turns, lambda turn: turn.seconds)
    doubled, lost = collect_series(turns, lambda turn: turn.doubled), collect_series(turns, lambda turn: turn.lost)
    rows = [
        ("seconds", format_spread(seconds)),
        ("jobs/s", format_spread(collect_series(turns, lambda turn: JOBS / turn.seconds))),
        ("jobs with two effects", format_number(sum(turn.doubled for turn in turns))),
        ("leases lost", format_number(sum(turn.lost for turn in turns))),
        ("share of the busier replica", format_spread(collect_series(turns, lambda turn: max(turn.shares) / JOBS))),
    ]
    return Report(
        title="jobs: many that become due at once",
        how=(
            f"{JOBS:,} jobs become due at one moment; {REPLICAS} processes work them off, {ROUNDS} rounds. Each job "
            f"notes its run in a document of its own (w: majority, j: true), so that a second run would be seen. One "
            f"MongoDB node; everything shares the machine's cores."
        ),
        head=("what", "median (min–max)"),
        rows=rows,
        budgets=[
            Budget(f"{JOBS:,} due jobs on two replicas", "at most", MOST_SECONDS, seconds, unit="s"),
            Budget("jobs done twice", "at most", 0, doubled, unit=""),
            Budget("leases lost", "at most", 0, lost, unit=""),
        ],
    )
