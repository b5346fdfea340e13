from __future__ import annotations

import asyncio

import pytest

from shared.database.client import ServerSelectionTimeoutError
from shared.jobs.handling import handle_job
from shared.jobs.model import Job, JobDeferred, JobFailed, JobPolicy
from tests.shared.jobs.running import make_job

POLICY = JobPolicy(attempts=3, first_wait=10, handler_seconds=0.05)


async def outcome_of(error: BaseException, job: Job) -> tuple[str, int, float]:
    async def handle(job: Job) -> None:
        raise error

    found = await handle_job(job, handle, POLICY, chance=1.0)
    return found.kind, found.failures, found.wait


async def test_what_the_handler_returns_is_the_result() -> None:
    async def handle(job: Job) -> dict[str, str]:
        return {"key": job.key}

    found = await handle_job(make_job(key="b"), handle, POLICY, chance=0.0)

    assert (found.kind, found.result) == ("done", {"key": "b"})


@pytest.mark.parametrize(("attempts", "wait"), [(0, 10.0), (1, 20.0)])
async def test_an_error_is_tried_again_after_a_wait_that_doubles(attempts: int, wait: float) -> None:
    assert await outcome_of(ValueError("no"), make_job(attempts=attempts)) == ("retry", attempts + 1, wait)


async def test_the_last_attempt_that_fails_ends_the_job() -> None:
    assert await outcome_of(ValueError("no"), make_job(attempts=2)) == ("dead", 3, 0.0)


async def test_what_can_never_succeed_ends_the_job_at_once() -> None:
    assert await outcome_of(JobFailed("no such mailbox"), make_job()) == ("dead", 1, 0.0)


async def test_waiting_for_something_is_no_failure() -> None:
    assert await outcome_of(JobDeferred("no mail server", seconds=30), make_job(attempts=2)) == ("deferred", 2, 30)


async def test_an_outage_of_the_database_is_no_failure() -> None:
    assert await outcome_of(ServerSelectionTimeoutError("away"), make_job(attempts=2)) == ("deferred", 2, 10)


async def test_a_handler_that_takes_too_long_has_failed() -> None:
    async def handle(job: Job) -> None:
        await asyncio.sleep(30)

    assert (await handle_job(make_job(), handle, POLICY, chance=0.0)).kind == "retry"


async def test_a_cancellation_inside_the_handler_is_a_failure_of_the_job() -> None:
    assert await outcome_of(asyncio.CancelledError(), make_job()) == ("retry", 1, 10)


async def test_a_cancelled_handler_is_cancelled() -> None:
    async def handle(job: Job) -> None:
        await asyncio.sleep(30)

    handling = asyncio.create_task(handle_job(make_job(), handle, JobPolicy(), chance=0.0))
    await asyncio.sleep(0)
    handling.cancel()

    with pytest.raises(asyncio.CancelledError):
        await handling


async def test_a_job_that_killed_its_workers_is_not_run_again() -> None:
    found = await handle_job(make_job(attempts=3, crashes=3), lambda _: pytest.fail("it ran"), POLICY, chance=0.0)

    assert (found.kind, found.error) == ("dead", "its worker died 3 times while it ran")


async def test_the_log_is_told_where_and_not_what() -> None:
    async def handle(job: Job) -> None:
        raise ValueError("anna@lot.example")

    found = await handle_job(make_job(), handle, POLICY, chance=0.0)

    assert found.error == "ValueError: anna@lot.example"
    assert found.where.startswith("ValueError at test_handling.py:")
