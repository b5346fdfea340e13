"""Handling of one job: calls its handler and says what becomes of the job."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from shared.database.client import InvalidDocument, is_unavailable
from shared.jobs.model import Handler, Job, JobDeferred, JobFailed, JobPolicy
from shared.jobs.repository import Jobs

OutcomeKind = Literal["done", "retry", "deferred", "dead"]


@dataclass(frozen=True, slots=True)
class JobOutcome:
    """``failures`` are the attempts that have failed, this one included; ``wait`` is in seconds.

    ``where`` says for the log which error it was and where it was raised; ``error`` is its text, which may hold what a
    log must not.
    """

    kind: OutcomeKind
    result: Mapping[str, Any] | None = None
    error: str = ""
    where: str = ""
    wait: float = 0.0
    failures: int = 0
    pauses_kind: bool = False


async def handle_job(job: Job, handler: Handler, policy: JobPolicy, *, chance: float) -> JobOutcome:
    if policy.is_exhausted(job.attempts):
        error = job.error or f"its worker died {job.crashes} times while it ran"
        return JobOutcome("dead", error=error, failures=job.attempts)
    try:
        async with asyncio.timeout(policy.handler_seconds):
            return JobOutcome("done", await handler(job))
    except JobFailed as failed:
        return JobOutcome("dead", error=str(failed), where=_locate(failed), failures=job.attempts + 1)
    except JobDeferred as deferred:
        return JobOutcome(
            "deferred",
            error=str(deferred),
            wait=deferred.seconds,
            failures=job.attempts,
            pauses_kind=deferred.all_of_kind,
        )
    except asyncio.CancelledError as cancelled:
        if (task := asyncio.current_task()) and task.cancelling():
            raise
        return _judge(job, cancelled, policy, chance)  # something inside the handler was cancelled, not the handler
    except Exception as error:  # noqa: BLE001 - whatever it is, the job is tried again
        return _judge(job, error, policy, chance)


def _judge(job: Job, error: BaseException, policy: JobPolicy, chance: float) -> JobOutcome:
    text = f"{type(error).__name__}: {error}"
    if is_unavailable(error):  # an outage of the database is no failure of the job
        return JobOutcome("deferred", error=text, wait=policy.compute_wait(1, chance), failures=job.attempts)
    failures = job.attempts + 1
    if policy.is_exhausted(failures):
        return JobOutcome("dead", error=text, where=_locate(error), failures=failures)
    wait = policy.compute_wait(failures, chance)
    return JobOutcome("retry", error=text, where=_locate(error), wait=wait, failures=failures)


def _locate(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    last = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{last}"


async def settle_job(jobs: Jobs, job: Job, outcome: JobOutcome, policy: JobPolicy) -> bool:
    """Store the outcome; False if the claim was lost. Raises PyMongoError."""
    match outcome.kind:
        case "done":
            return await _finish(jobs, job, outcome, policy)
        case "dead":
            return await jobs.bury(job, outcome.error, keep=policy.keep_dead, failures=outcome.failures)
        case "retry":
            return await jobs.fail(job, outcome.error, wait=outcome.wait)
        case "deferred":
            return await jobs.defer(job, outcome.error, wait=outcome.wait)


async def _finish(jobs: Jobs, job: Job, outcome: JobOutcome, policy: JobPolicy) -> bool:
    try:
        return await jobs.finish(job, outcome.result, keep=policy.keep)
    except (InvalidDocument, OverflowError) as refused:
        text = f"its result cannot be stored: {refused}"
        return await jobs.bury(job, text, keep=policy.keep_dead, failures=job.attempts + 1)
