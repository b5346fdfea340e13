"""Workers of a test, with leases and waits of fractions of a second."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from shared.aio.cancellation import cancel_and_wait
from shared.jobs.model import Job, JobPolicy
from shared.jobs.worker import JobWorker, WorkerSettings
from tests.support.clients import PATIENCE_SECONDS, eventually

QUICK: Final = WorkerSettings(poll_seconds=0.05, lease_seconds=2.0, first_wait=0.02, longest_wait=0.1)
IMPATIENT: Final = JobPolicy(attempts=4, first_wait=0.02, longest_wait=0.05)
DUE: Final = datetime(2026, 11, 30, 6, 0, tzinfo=UTC)


def make_job(**fields: Any) -> Job:  # noqa: ANN401 - fields of a job
    return replace(Job(id="1", kind="mail", key="a", due_at=DUE, created_at=DUE), **fields)


async def do_nothing(job: Job) -> None:
    pass


@asynccontextmanager
async def running(*workers: JobWorker) -> AsyncIterator[asyncio.Event]:
    """Stop them at the end, as a service does."""
    stop = asyncio.Event()
    tasks = [asyncio.create_task(worker.run(stop)) for worker in workers]
    try:
        yield stop
        stop.set()
        await asyncio.gather(*tasks)
    finally:
        await cancel_and_wait(*tasks)


async def wait_until(true: Callable[[], Awaitable[object]], *, within: float = PATIENCE_SECONDS) -> None:
    async def ask() -> bool:
        return bool(await true())

    assert await eventually(ask, expected=True, within=within)
