"""Jobs: worked off by two replicas while MongoDB fails."""

from __future__ import annotations

import asyncio
import sys
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Final
from uuid import uuid4

import msgspec

from bench.job_replica import KIND
from faults.row import Scene, register
from shared.database.client import Database, PyMongoError, is_unavailable, open_database
from shared.jobs.repository import COLLECTION, Jobs

JOBS, MANY_JOBS = 2_000, 20_000
REPLICAS: Final = 2
BATCH: Final = 40
BATCH_SECONDS: Final = 0.25
DONE_SECONDS: Final = 120.0
# Of both replicas together.
MOST_IN_FLIGHT: Final = 32


@dataclass(frozen=True, slots=True)
class JobResults:
    """``lost`` are not done, or without an effect; ``doubled`` were settled by another claim than their last."""

    lost: int
    doubled: int
    repeated: int


@register(33, what="MongoDB's primary killed (SIGKILL) while two replicas work off jobs, and back")
async def kill_primary_under_jobs(scene: Scene) -> None:
    many = MANY_JOBS if scene.long else JOBS
    async with AsyncExitStack() as opened:
        name, url = f"faults_jobs_{uuid4().hex[:8]}", scene.stage.mongo.url
        database = await opened.enter_async_context(open_database(url, name))
        jobs = Jobs(database[COLLECTION])
        await jobs.prepare()
        replicas = [await _start_replica(url, name) for _ in range(REPLICAS)]
        for each in replicas:
            opened.callback(_kill, each)
        adding = asyncio.create_task(_add_jobs(jobs, many))
        await scene.wait(scene.random.uniform(1.0, 3.0))
        node = await asyncio.to_thread(scene.stage.mongo.find_primary)
        node.kill()
        await scene.wait(8)
        await scene.stage.start([node])
        await adding
        await _await_done(jobs)
        lost_leases = sum([await _stop_replica(each) for each in replicas])
        found = await _judge(database, many)
    scene.add_note(f"{many} jobs, {found.repeated} run again, {lost_leases} leases lost")
    scene.require(found.lost == 0, f"{found.lost} jobs were lost")
    scene.require(found.doubled == 0, f"{found.doubled} jobs were settled twice")
    scene.require(found.repeated <= MOST_IN_FLIGHT, f"{found.repeated} jobs were run again")


async def _start_replica(url: str, name: str) -> asyncio.subprocess.Process:
    pipe, nowhere = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
    command = (sys.executable, "-m", "bench.job_replica", url, name)
    return await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, stderr=nowhere)


async def _stop_replica(replica: asyncio.subprocess.Process) -> int:
    """Leases it lost."""
    told, _ = await replica.communicate(b"")
    return msgspec.json.decode(told, type=dict[str, int])["lost"]


def _kill(replica: asyncio.subprocess.Process) -> None:
    if replica.returncode is None:
        replica.kill()


async def _add_jobs(jobs: Jobs, many: int) -> None:
    """Batch after batch; one whose outcome is unknown is added again."""
    for first in range(0, many, BATCH):
        batch: dict[str, dict[str, object]] = {f"{number}": {} for number in range(first, min(first + BATCH, many))}
        while not await _is_added(jobs, batch):  # noqa: ASYNC110 - nor does an outage
            await asyncio.sleep(BATCH_SECONDS)
        await asyncio.sleep(BATCH_SECONDS)


async def _is_added(jobs: Jobs, batch: dict[str, dict[str, object]]) -> bool:
    try:
        await jobs.add_many(KIND, batch)
    except PyMongoError as error:
        if not is_unavailable(error):
            raise
        return False
    return True


async def _await_done(jobs: Jobs) -> None:
    """Raises TimeoutError."""
    async with asyncio.timeout(DONE_SECONDS):
        while (backlog := (await jobs.measure_backlog()).get(KIND)) and backlog.waiting + backlog.running:  # noqa: ASYNC110 - a database tells nobody
            await asyncio.sleep(0.5)


async def _judge(database: Database, many: int) -> JobResults:
    fences = {each["_id"]: each["fences"] async for each in database["effects"].find()}
    done = {each["key"]: each async for each in database[COLLECTION].find({"state": "done"})}
    await database.client.drop_database(database.name)
    return JobResults(
        lost=many - len(fences.keys() & done.keys()),
        doubled=sum(each["result"]["fence"] != each["fence"] for each in done.values()),
        repeated=sum(len(each) > 1 for each in fences.values()),
    )
