"""Jobs while workers die, stall and come back: every effect happens, and no job is settled by two."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection as Group
from random import Random

import pytest

from shared.aio.cancellation import cancel_and_wait
from shared.database.client import Collection, Database
from shared.jobs.model import Job, JobPolicy
from shared.jobs.repository import Jobs
from shared.jobs.worker import JobWorker, WorkerSettings
from tests.shared.jobs.running import wait_until

SHORT = WorkerSettings(poll_seconds=0.02, lease_seconds=0.4, parallel=4, first_wait=0.02, finish_seconds=0)
PATIENT = JobPolicy(attempts=200, first_wait=0.01, longest_wait=0.05)


class DyingJobs(Jobs):
    """Those of a process that is killed: from then on nothing reaches the database, whatever is cleaned up."""

    def __init__(self, collection: Collection) -> None:
        super().__init__(collection)
        self.dead = False

    async def release(self, ids: Group[str], *, holder: str) -> None:
        if not self.dead:
            await super().release(ids, holder=holder)


async def kill(jobs: DyingJobs, task: asyncio.Task[None]) -> None:
    jobs.dead = True
    await cancel_and_wait(task)


@pytest.mark.parametrize("seed", range(3))
async def test_workers_that_die_at_random_lose_no_job_and_settle_none_twice(
    jobs: Jobs, database: Database, seed: int
) -> None:
    random = Random(seed)  # noqa: S311 - it hides nothing
    effects, settled = database["effects"], Counter[str]()

    async def handle(job: Job) -> dict[str, int]:
        await asyncio.sleep(random.uniform(0, 0.05))
        if random.random() < 0.1:
            raise OSError("refused")
        await effects.update_one({"_id": job.key}, {"$inc": {"count": 1}}, upsert=True)
        settled[job.key] += 1
        return {"fence": job.fence}

    await jobs.add_many("mail", {f"{number}": {} for number in range(80)})

    async def live_and_die() -> None:
        while True:
            mine = DyingJobs(database["jobs"])
            worker = JobWorker(mine, {"mail": handle}, policies={"mail": PATIENT}, settings=SHORT)
            task = asyncio.create_task(worker.run(asyncio.Event()))
            await asyncio.sleep(random.uniform(0.05, 0.5))
            await kill(mine, task)

    lives = [asyncio.create_task(live_and_die()) for _ in range(2)]
    try:
        await wait_until(lambda: are_done(jobs, 80), within=100)
    finally:
        await cancel_and_wait(*lives)

    done = await jobs.list("mail", "done", limit=1_000)
    assert {job.key for job in done} == {f"{number}" for number in range(80)}
    # Each was settled under the last claim of it, and by nobody before.
    assert [job.key for job in done if (job.result or {})["fence"] != job.fence] == []
    # An effect is repeated only where a worker died between it and the note of it.
    repeated = sum(count - 1 for count in settled.values())
    assert repeated <= sum(job.crashes for job in done)
    assert {job.attempts >= job.crashes for job in done} == {True}


async def are_done(jobs: Jobs, count: int) -> bool:
    return len(await jobs.list("mail", "done", limit=1_000)) == count


async def test_a_job_that_kills_its_process_is_given_up_and_takes_no_other_with_it(
    jobs: Jobs, database: Database
) -> None:
    died = asyncio.Event()

    async def handle(job: Job) -> None:
        if job.key == "poison":
            died.set()
            await asyncio.sleep(60)
        await asyncio.sleep(0.2)

    await jobs.add_many("mail", {key: {} for key in ("a", "poison", "b", "c")})
    for _ in range(4):
        mine = DyingJobs(database["jobs"])
        worker = JobWorker(mine, {"mail": handle}, policies={"mail": JobPolicy(attempts=3)}, settings=SHORT)
        died.clear()
        task = asyncio.create_task(worker.run(asyncio.Event()))
        await wait_until(lambda: is_dead_or_dying(jobs, died))
        await kill(mine, task)
        await asyncio.sleep(SHORT.lease_seconds)
    last = JobWorker(jobs, {"mail": handle}, settings=SHORT)
    task = asyncio.create_task(last.run(asyncio.Event()))
    await wait_until(lambda: are_done(jobs, 3))
    await cancel_and_wait(task)

    poison = await jobs.find("mail", "poison")
    assert poison is not None
    assert (poison.state, poison.crashes) == ("dead", 3)
    assert max(job.crashes for job in await jobs.list("mail", "done")) == 1


async def is_dead_or_dying(jobs: Jobs, died: asyncio.Event) -> bool:
    poison = await jobs.find("mail", "poison")
    return died.is_set() or (poison is not None and poison.state == "dead")
