from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta

import pytest

from shared.clock import utc_now
from shared.database.client import Database, OperationFailure
from shared.jobs.claims import Candidate
from shared.jobs.model import Job, JobFailed
from shared.jobs.repository import Jobs
from shared.jobs.worker import JobWorker
from shared.jobs.workers import JobWorkers
from tests.shared.jobs.running import QUICK, do_nothing, wait_until


async def fail(job: Job) -> None:
    raise JobFailed("never")


@pytest.fixture
async def others(database: Database) -> Jobs:
    found = Jobs(database["others"])
    await found.prepare()
    return found


async def read_metrics(workers: JobWorkers) -> Mapping[str, Mapping[str, float]]:
    found: dict[str, Mapping[str, float]] = {}
    for each in workers.metrics():
        read = each.reading()
        value = read if isinstance(read, Mapping | float | int | None) else await read
        assert isinstance(value, Mapping)
        found[each.name.removeprefix("kal_jobs_")] = value
    return found


async def test_the_jobs_of_several_collections_are_done_and_counted_by_kind(jobs: Jobs, others: Jobs) -> None:
    workers = JobWorkers(
        JobWorker(jobs, {"digest": do_nothing, "bad": fail}, settings=QUICK),
        JobWorker(others, {"mail": do_nothing}, settings=QUICK),
    )
    stop = asyncio.Event()
    await jobs.add("digest", "a")
    await jobs.add("bad", "a")
    await others.add("mail", "a")
    await others.add("mail", "later", due_at=utc_now() + timedelta(days=1))
    task = asyncio.create_task(workers.run(stop))
    await wait_until(lambda: others.list("mail", "done"))
    await wait_until(lambda: jobs.list("bad", "dead"))
    await wait_until(lambda: jobs.list("digest", "done"))
    stop.set()
    await task

    assert await read_metrics(workers) == {
        "waiting": {"digest": 0, "bad": 0, "mail": 1},
        "due": {"digest": 0, "bad": 0, "mail": 0},
        "dead": {"digest": 0, "bad": 1, "mail": 0},
        "oldest_due_seconds": {"digest": 0.0, "bad": 0.0, "mail": 0.0},
        "finished_total": {"digest": 1, "bad": 0, "mail": 1},
        "failed_total": {"digest": 0, "bad": 0, "mail": 0},
        "lost_total": {"digest": 0, "bad": 0, "mail": 0},
    }
    assert await workers.explain_delay() == "jobs are dead: bad"


async def test_jobs_that_are_late_are_noted(jobs: Jobs) -> None:
    workers = JobWorkers(JobWorker(jobs, {"digest": do_nothing}))
    assert await workers.explain_delay() is None

    await jobs.add("digest", "a", due_at=utc_now() - timedelta(hours=1))

    assert await workers.explain_delay() == "jobs are late: digest"


class ForbiddenJobs(Jobs):
    """Those of a user who has no right to read them."""

    async def list_candidates(self, kinds: Sequence[str], *, limit: int, apart_from: Sequence[str]) -> list[Candidate]:
        raise OperationFailure("not authorized")


async def test_the_error_of_one_worker_ends_all(jobs: Jobs, database: Database) -> None:
    forbidden = ForbiddenJobs(database["others"])
    workers = JobWorkers(JobWorker(jobs, {}), JobWorker(forbidden, {"digest": do_nothing}))

    with pytest.raises(OperationFailure, match="not authorized"):
        await asyncio.wait_for(workers.run(asyncio.Event()), 10)
