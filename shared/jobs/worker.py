"""Job worker: claims due jobs of a collection, runs their handlers, renews its leases.

Every replica has one, and each job is run by one of them. A job's effect can be repeated: by a worker that died or lost
its lease after the effect and before it was noted. Handlers are therefore idempotent.
"""

from __future__ import annotations

import asyncio
import os
import random
import socket
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final
from uuid import uuid4
from zoneinfo import ZoneInfo

import structlog

from shared.aio.backoff import backoff
from shared.aio.cancellation import cancel_and_wait, wait_or_stop
from shared.clock import utc_now
from shared.database.client import PyMongoError, is_unavailable
from shared.jobs.claims import choose
from shared.jobs.handling import JobOutcome, handle_job, settle_job
from shared.jobs.model import DEFAULT_POLICY, SHORTEST_KEEP, Daily, Handler, Job, JobPolicy
from shared.jobs.repository import Jobs

__all__ = ["Daily", "JobWorker", "WorkerSettings"]

OUTCOMES: Final = ("done", "retry", "deferred", "dead", "lost")
UTC_ZONE: Final = ZoneInfo("UTC")
_log = structlog.get_logger("kalendarium.jobs")


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerSettings:
    """The poll is the guarantee, a notification only a short cut. ``sample`` candidates are looked at for each slot."""

    poll_seconds: float = 1.0
    lease_seconds: float = 30.0
    parallel: int = 16
    sample: int = 4
    first_wait: float = 0.25
    longest_wait: float = 5.0
    finish_seconds: float = 2.0


@dataclass(slots=True, eq=False)
class _Run:
    """``until`` is when the lease ends, by this process's monotonic clock; ``settling`` once the handler has ended."""

    job: Job
    until: float
    settling: bool = False


class JobWorker:
    def __init__(
        self,
        jobs: Jobs,
        handlers: Mapping[str, Handler],
        *,
        daily: Sequence[Daily] = (),
        policies: Mapping[str, JobPolicy] = MappingProxyType({}),
        zone: ZoneInfo = UTC_ZONE,
        settings: WorkerSettings | None = None,
        now: Callable[[], datetime] = utc_now,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Raises ValueError if what is done daily has no handler, or is kept too shortly to be done once a day."""
        self.jobs = jobs
        self.kinds = tuple(handlers)
        self.counts: dict[str, Counter[str]] = {name: Counter() for name in OUTCOMES}
        self._handlers = handlers
        self._daily = daily
        self._policies = policies
        self._zone = zone
        self._settings = settings or WorkerSettings()
        self._now = now
        self._clock = clock
        self._holder = f"{socket.gethostname()}/{os.getpid()}/{uuid4().hex}"
        self._random = random.Random()  # noqa: S311 - it spreads load and hides nothing
        self._in_flight: dict[str, tuple[_Run, asyncio.Task[None]]] = {}
        self._doubtful: Sequence[str] = ()
        self._scheduled: set[tuple[str, str]] = set()
        self._paused_until: dict[str, float] = {}
        self._woken = asyncio.Event()
        self._error: BaseException | None = None
        for each in daily:
            if each.kind not in handlers or self._get_policy(each.kind).keep < SHORTEST_KEEP:
                raise ValueError(f"{each.kind} needs a handler, and to be kept for {SHORTEST_KEEP}")
        jobs.add_listener(self._woken.set)

    def _get_policy(self, kind: str) -> JobPolicy:
        return self._policies.get(kind, DEFAULT_POLICY)

    async def run(self, stop: asyncio.Event) -> None:
        """Work until ``stop`` is set; then finish what is in flight, or release it."""
        renewing = asyncio.create_task(self._renew_leases())
        failures = 0
        try:
            while not stop.is_set():
                self._woken.clear()
                failures = 0 if await self._work_off(stop) else failures + 1
                if renewing.done():
                    renewing.result()
                if self._error:
                    raise self._error
                await self._pause(stop, failures)
        finally:
            await self._finish_in_flight()
            await cancel_and_wait(renewing)

    async def _pause(self, stop: asyncio.Event, failures: int) -> None:
        if failures:  # wait longer, and for no notification
            wait = backoff(failures, first=self._settings.first_wait, longest=self._settings.longest_wait)
            await wait_or_stop(stop, asyncio.sleep(wait))
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(self._settings.poll_seconds):
                await wait_or_stop(stop, self._woken.wait())

    async def _work_off(self, stop: asyncio.Event) -> bool:
        """Start what there is room for; returns whether the database answered."""
        try:
            await self._add_daily_jobs()
            while not stop.is_set() and await self._start_some():
                if not self._is_half_free():
                    break
        except PyMongoError as error:
            if not is_unavailable(error):
                raise
            _log.warning("jobs_retrying_after_outage", reason=type(error).__name__)
            return False
        return True

    def _is_half_free(self) -> bool:
        return len(self._in_flight) <= self._settings.parallel // 2

    async def _add_daily_jobs(self) -> None:
        for each in self._daily:
            for key, due_at in each.plan(self._now(), self._zone).items():
                if (each.kind, key) not in self._scheduled:
                    await self.jobs.add(each.kind, key, due_at=due_at)
                    self._scheduled.add((each.kind, key))

    async def _start_some(self) -> bool:
        """Claim jobs and start them; returns whether there were candidates."""
        room = self._settings.parallel - len(self._in_flight)
        if room <= 0:
            return False
        # Doubtful are those of a claim whose outcome is unknown.
        self._doubtful = self._doubtful or await self._choose_candidates(room)
        if not self._doubtful:
            return False
        until = self._clock() + self._settings.lease_seconds
        claimed = await self.jobs.claim(self._doubtful, holder=self._holder, lease_seconds=self._settings.lease_seconds)
        self._doubtful = ()
        for job in claimed:
            self._start(_Run(job, until))
        return True

    async def _choose_candidates(self, room: int) -> Sequence[str]:
        now = self._clock()
        kinds = [kind for kind in self.kinds if self._paused_until.get(kind, now) <= now]
        if not kinds:
            return ()
        limit = room * self._settings.sample
        found = await self.jobs.list_candidates(kinds, limit=limit, apart_from=list(self._in_flight))
        suspected = any(run.job.crashes for run, _ in self._in_flight.values())
        return choose(found, room=room, random=self._random, with_suspect=not suspected)

    def _start(self, run: _Run) -> None:
        task = asyncio.create_task(self._run_job(run), name=f"job {run.job.kind}")
        self._in_flight[run.job.id] = run, task
        task.add_done_callback(lambda ended: self._note_end(run, ended))

    def _note_end(self, run: _Run, task: asyncio.Task[None]) -> None:
        del self._in_flight[run.job.id]
        if not task.cancelled() and task.exception():
            self._error = task.exception()
        if self._is_half_free() or run.job.crashes or self._error:
            self._woken.set()

    async def _run_job(self, run: _Run) -> None:
        job, policy = run.job, self._get_policy(run.job.kind)
        outcome = await handle_job(job, self._handlers[job.kind], policy, chance=self._random.random())
        run.settling = True
        if outcome.pauses_kind:
            self._paused_until[job.kind] = self._clock() + outcome.wait
        kind = outcome.kind if await self._settle_patiently(job, outcome, policy) else "lost"
        self.counts[kind][job.kind] += 1
        if kind in {"retry", "dead", "lost"}:
            write = _log.error if kind == "dead" else _log.warning
            write(f"job_{kind}", kind=job.kind, job=job.id, failures=outcome.failures, error=outcome.where)

    async def _settle_patiently(self, job: Job, outcome: JobOutcome, policy: JobPolicy) -> bool:
        failures = 0
        while True:
            try:
                return await settle_job(self.jobs, job, outcome, policy)
            except PyMongoError as error:
                if not is_unavailable(error):
                    raise
            failures += 1
            await asyncio.sleep(backoff(failures, first=self._settings.first_wait, longest=self._settings.longest_wait))

    async def _renew_leases(self) -> None:
        """Renew until cancelled, four times in a lease."""
        while True:
            await asyncio.sleep(self._settings.lease_seconds / 4)
            if runs := list(self._in_flight.values()):
                await self._renew([run for run, _ in runs])
                self._cancel_lost(runs)

    async def _renew(self, runs: Sequence[_Run]) -> None:
        until = self._clock() + self._settings.lease_seconds
        try:
            held = await self.jobs.renew(
                [run.job.id for run in runs], holder=self._holder, lease_seconds=self._settings.lease_seconds
            )
        except PyMongoError as error:  # an outage lets the leases run out
            if not is_unavailable(error):
                raise
            return
        for run in runs:
            run.until = until if run.job.id in held else 0.0

    def _cancel_lost(self, runs: Sequence[tuple[_Run, asyncio.Task[None]]]) -> None:
        # What is settling holds a fencing token and learns for itself whether it was in time.
        for run, task in runs:
            if self._clock() >= run.until and not run.settling and not task.done():
                self.counts["lost"][run.job.kind] += 1
                _log.warning("job_lost", kind=run.job.kind, job=run.job.id)
                task.cancel()

    async def _finish_in_flight(self) -> None:
        tasks = [task for _, task in self._in_flight.values()]
        if tasks:
            await asyncio.wait(tasks, timeout=self._settings.finish_seconds)
        held = [*self._in_flight, *self._doubtful]
        await cancel_and_wait(*tasks)
        if held:
            with suppress(PyMongoError):
                await self.jobs.release(held, holder=self._holder)
