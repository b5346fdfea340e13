from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from structlog.testing import capture_logs

from shared.aio.cancellation import cancel_and_wait
from shared.clock import utc_now
from shared.database.client import Database, open_database
from shared.jobs.model import Handler, Job, JobDeferred, JobFailed, JobPolicy
from shared.jobs.repository import Jobs
from shared.jobs.worker import Daily, JobWorker, WorkerSettings
from tests.shared.jobs.running import IMPATIENT, QUICK, do_nothing, running, wait_until

WARSAW = ZoneInfo("Europe/Warsaw")


async def is_all_done(jobs: Jobs) -> bool:
    found = await jobs.list(limit=1_000)
    return all(job.state in {"done", "dead"} for job in found)


async def test_a_due_job_is_done_and_its_result_stored(jobs: Jobs) -> None:
    async def handle(job: Job) -> Mapping[str, object]:
        return {"doubled": job.payload["number"] * 2}

    await jobs.add("double", "a", {"number": 21})
    async with running(JobWorker(jobs, {"double": handle}, settings=QUICK)):
        await wait_until(lambda: is_all_done(jobs))

    done = await jobs.find("double", "a")
    assert done is not None
    assert (done.state, done.result) == ("done", {"doubled": 42})


async def test_a_job_added_in_the_same_process_does_not_wait_for_the_poll(jobs: Jobs) -> None:
    worker = JobWorker(jobs, {"mail": do_nothing}, settings=WorkerSettings(poll_seconds=300))
    async with running(worker):
        await asyncio.sleep(0.1)
        await jobs.add("mail", "a")
        await wait_until(lambda: is_all_done(jobs))

    assert worker.counts["done"] == {"mail": 1}


async def test_a_job_is_not_run_before_it_is_due(jobs: Jobs) -> None:
    worker = JobWorker(jobs, {"mail": do_nothing}, settings=QUICK)
    await jobs.add("mail", "soon", due_at=utc_now() + timedelta(seconds=0.5))
    async with running(worker):
        await asyncio.sleep(0.2)
        assert worker.counts["done"] == {}
        await wait_until(lambda: is_all_done(jobs))


async def test_a_kind_without_a_handler_waits_for_a_release_that_has_one(jobs: Jobs) -> None:
    await jobs.add("later", "a")
    await jobs.add("mail", "a")
    async with running(JobWorker(jobs, {"mail": do_nothing}, settings=QUICK)):
        await wait_until(lambda: jobs.list("mail", "done"))

    assert [job.state for job in await jobs.list("later")] == ["waiting"]


async def test_a_failing_job_is_retried_until_it_succeeds(jobs: Jobs) -> None:
    async def handle(job: Job) -> None:
        if job.attempts < 2:
            raise OSError("connection refused")

    worker = JobWorker(jobs, {"mail": handle}, settings=QUICK, policies={"mail": IMPATIENT})
    await jobs.add("mail", "a")
    async with running(worker):
        await wait_until(lambda: is_all_done(jobs))

    assert (worker.counts["retry"], worker.counts["done"]) == ({"mail": 2}, {"mail": 1})


async def test_a_job_that_always_fails_is_dead_after_its_attempts(jobs: Jobs) -> None:
    async def handle(job: Job) -> None:
        raise OSError("connection refused")

    await jobs.add("mail", "a")
    async with running(JobWorker(jobs, {"mail": handle}, settings=QUICK, policies={"mail": IMPATIENT})):
        await wait_until(lambda: jobs.list("mail", "dead"))

    (dead,) = await jobs.list("mail", "dead")
    assert (dead.attempts, dead.error) == (4, "OSError: connection refused")


async def test_a_job_that_cannot_succeed_is_dead_at_once(jobs: Jobs) -> None:
    async def handle(job: Job) -> None:
        raise JobFailed("no such mailbox")

    await jobs.add("mail", "a")
    async with running(JobWorker(jobs, {"mail": handle}, settings=QUICK)):
        await wait_until(lambda: jobs.list("mail", "dead"))

    (dead,) = await jobs.list("mail", "dead")
    assert (dead.attempts, dead.error) == (1, "no such mailbox")


async def test_a_kind_that_cannot_be_done_now_is_not_tried_job_after_job(jobs: Jobs) -> None:
    tried: Counter[str] = Counter()

    async def handle(job: Job) -> None:
        tried[job.key] += 1
        raise JobDeferred("the mail server is away", seconds=300, all_of_kind=True)

    settings = WorkerSettings(poll_seconds=0.02, parallel=4)
    await jobs.add_many("mail", {f"{number}": {} for number in range(100)})
    async with running(JobWorker(jobs, {"mail": handle, "digest": do_nothing}, settings=settings)):
        await wait_until(lambda: has_waited(jobs))
        await jobs.add("digest", "a")
        await wait_until(lambda: jobs.list("digest", "done"))
        await asyncio.sleep(0.2)

    assert (len(tried) <= 4, set(tried.values())) == (True, {1})
    assert {job.attempts for job in await jobs.list("mail")} == {0}


async def has_waited(jobs: Jobs) -> bool:
    return any(job.error for job in await jobs.list("mail"))


async def test_a_result_that_cannot_be_stored_ends_the_job_and_not_the_worker(jobs: Jobs) -> None:
    async def handle(job: Job) -> Mapping[str, object]:
        return {"a thing": object()}

    await jobs.add("odd", "a")
    await jobs.add("mail", "a")
    async with running(JobWorker(jobs, {"odd": handle, "mail": do_nothing}, settings=QUICK)):
        await wait_until(lambda: is_all_done(jobs))

    assert [job.state for job in await jobs.list()] == ["done", "dead"]


async def test_a_long_job_keeps_its_lease(jobs: Jobs) -> None:
    runs: Counter[str] = Counter()

    async def handle(job: Job) -> None:
        runs[job.key] += 1
        await asyncio.sleep(3)

    settings = WorkerSettings(poll_seconds=0.05, lease_seconds=1.5)
    workers = [JobWorker(jobs, {"mail": handle}, settings=settings) for _ in range(2)]
    await jobs.add("mail", "a")
    async with running(*workers):
        await wait_until(lambda: is_all_done(jobs))

    assert runs == {"a": 1}
    assert [worker.counts["lost"] for worker in workers] == [{}, {}]


async def test_a_worker_whose_lease_was_taken_stops_its_handler(jobs: Jobs, database: Database) -> None:
    cancelled = asyncio.Event()

    async def handle(job: Job) -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.set()
            raise

    worker = JobWorker(jobs, {"mail": handle}, settings=QUICK)
    await jobs.add("mail", "a")
    async with running(worker):
        await wait_until(lambda: jobs.list("mail", "running"))
        await database["jobs"].update_one({}, {"$set": {"holder": "another"}, "$inc": {"fence": 1}})
        await asyncio.wait_for(cancelled.wait(), 10)

    (job,) = await jobs.list()
    assert (worker.counts["lost"], job.holder) == ({"mail": 1}, "another")


async def test_stopping_finishes_what_is_short_and_releases_what_is_long(jobs: Jobs) -> None:
    async def handle(job: Job) -> None:
        await asyncio.sleep(job.payload["seconds"])

    settings = WorkerSettings(poll_seconds=0.05, finish_seconds=0.5)
    await jobs.add("mail", "short", {"seconds": 0.3})
    await jobs.add("mail", "long", {"seconds": 60})
    async with running(JobWorker(jobs, {"mail": handle}, settings=settings)):
        await wait_until(lambda: jobs.list("mail", "running"))

    found = {job.key: job for job in await jobs.list()}
    assert (found["short"].state, found["long"].state) == ("done", "waiting")
    assert (found["long"].holder, found["long"].attempts) == (None, 0)


async def test_jobs_in_flight_are_bounded_and_slow_ones_do_not_keep_the_rest_out(jobs: Jobs) -> None:
    running_now, most = 0, 0

    async def handle(job: Job) -> None:
        nonlocal running_now, most
        running_now += 1
        most = max(most, running_now)
        await asyncio.sleep(60 if job.payload["slow"] else 0.01)
        running_now -= 1

    settings = WorkerSettings(poll_seconds=0.05, parallel=4, finish_seconds=0)
    await jobs.add_many("mail", {f"slow {number}": {"slow": True} for number in range(3)})
    worker = JobWorker(jobs, {"mail": handle}, settings=settings)
    async with running(worker):
        await wait_until(lambda: jobs.list("mail", "running"))
        await jobs.add_many("mail", {f"quick {number}": {"slow": False} for number in range(20)})
        await wait_until(lambda: _are_done(jobs, 20))

    assert most == 4


async def test_a_daily_job_is_done_once_a_day_by_all_replicas_together(jobs: Jobs) -> None:
    done: list[str] = []

    async def handle(job: Job) -> None:
        done.append(job.key)

    def tell() -> datetime:
        return datetime(2020, 5, 4, 12, 0, tzinfo=WARSAW)

    workers = [
        JobWorker(jobs, {"digest": handle}, daily=[Daily("digest", time(6, 0))], zone=WARSAW, now=tell, settings=QUICK)
        for _ in range(3)
    ]
    async with running(*workers):
        await wait_until(lambda: _are_done(jobs, 2))
        await asyncio.sleep(0.3)

    assert sorted(done) == ["2020-05-04", "2020-05-05"]


async def _are_done(jobs: Jobs, count: int) -> bool:
    return len(await jobs.list(state="done", limit=1_000)) == count


async def test_tomorrows_job_waits_for_tomorrow_by_the_databases_clock(jobs: Jobs) -> None:
    """A process whose clock is a day ahead plans the right days, and runs none of them too early."""
    ahead = utc_now() + timedelta(days=1)
    worker = JobWorker(
        jobs, {"digest": do_nothing}, daily=[Daily("digest")], zone=WARSAW, now=lambda: ahead, settings=QUICK
    )
    async with running(worker):
        await wait_until(jobs.list)
        await asyncio.sleep(0.2)

    assert {job.state for job in await jobs.list()} <= {"waiting"}


@pytest.mark.parametrize("handlers", [{}, {"digest": do_nothing}])
async def test_what_is_done_daily_has_a_handler_and_is_kept_for_days(jobs: Jobs, handlers: dict[str, Handler]) -> None:
    with pytest.raises(ValueError, match="digest"):
        JobWorker(
            jobs,
            handlers,
            daily=[Daily("digest")],
            policies={"digest": JobPolicy(keep=timedelta(days=1))},
        )


async def test_the_processes_own_clock_does_not_matter(jobs: Jobs) -> None:
    """The monotonic clock decides when to stop trusting a lease; when a job is due or free the database decides."""
    runs: Counter[str] = Counter()

    async def handle(job: Job) -> None:
        runs[job.key] += 1
        await asyncio.sleep(0.01)

    slow, fast = utc_now() - timedelta(days=400), utc_now() + timedelta(days=400)
    workers = [
        JobWorker(jobs, {"mail": handle}, settings=QUICK, now=lambda: slow),
        JobWorker(jobs, {"mail": handle}, settings=QUICK, now=lambda: fast),
    ]
    await jobs.add_many("mail", {f"{number}": {} for number in range(100)})
    await jobs.add("mail", "later", due_at=utc_now() + timedelta(days=30))
    async with running(*workers):
        await wait_until(lambda: _are_done(jobs, 100))

    assert set(runs.values()) == {1}
    assert "later" not in runs


async def test_400_jobs_on_two_replicas_are_done_once_each(jobs: Jobs) -> None:
    runs: Counter[str] = Counter()

    async def handle(job: Job) -> None:
        runs[job.key] += 1

    workers = [JobWorker(Jobs(jobs._collection), {"mail": handle}) for _ in range(2)]  # noqa: SLF001 - the same collection
    await jobs.add_many("mail", {f"{number}": {} for number in range(400)})
    async with running(*workers):
        await wait_until(lambda: _are_done(jobs, 400), within=60)

    assert len(runs) == 400
    assert set(runs.values()) == {1}
    assert [worker.counts["lost"] for worker in workers] == [{}, {}]
    assert all(worker.counts["done"]["mail"] > 0 for worker in workers), "both take part"


async def test_a_worker_without_kinds_asks_the_database_nothing() -> None:
    async with open_database("mongodb://127.0.0.1:1/", "nowhere", timeout_ms=20) as nowhere:
        with capture_logs() as lines:
            async with running(JobWorker(Jobs(nowhere["jobs"]), {}, settings=QUICK)):
                await asyncio.sleep(0.2)

    assert lines == []


async def test_a_worker_waits_while_the_database_is_away() -> None:
    async with open_database("mongodb://127.0.0.1:1/", "nowhere", timeout_ms=20) as nowhere:
        with capture_logs() as lines:
            async with running(JobWorker(Jobs(nowhere["jobs"]), {"mail": do_nothing}, settings=QUICK)):
                await asyncio.sleep(0.5)

    assert {line["event"] for line in lines} == {"jobs_retrying_after_outage"}


async def test_a_cancelled_worker_releases_what_it_held(jobs: Jobs) -> None:
    async def handle(job: Job) -> None:
        await asyncio.sleep(60)

    await jobs.add("mail", "a")
    worker = JobWorker(jobs, {"mail": handle}, settings=WorkerSettings(poll_seconds=0.05, finish_seconds=0))
    task = asyncio.create_task(worker.run(asyncio.Event()))
    await wait_until(lambda: jobs.list("mail", "running"))

    await cancel_and_wait(task)

    assert [job.state for job in await jobs.list()] == ["waiting"]
