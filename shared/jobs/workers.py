"""The job workers of a service: run together, measured together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

from shared.aio.cancellation import cancel_and_wait
from shared.aio.single_flight import SingleFlight
from shared.jobs.model import KindBacklog
from shared.jobs.worker import JobWorker
from shared.observability.metrics import MetricDefinition

NOTED_SECONDS = 600.0


class JobWorkers:
    """Each works on one collection; a kind belongs to one of them."""

    def __init__(self, *workers: JobWorker) -> None:
        self._workers = workers
        self._measuring = SingleFlight(self._measure_backlogs)

    async def run(self, stop: asyncio.Event) -> None:
        """Run until ``stop`` is set; the error of one ends all."""
        running = [asyncio.create_task(worker.run(stop)) for worker in self._workers]
        try:
            await asyncio.gather(*running)
        finally:
            await cancel_and_wait(*running)

    async def explain_delay(self) -> str | None:
        """Say which jobs are late or dead. Raises PyMongoError."""
        found = await self._measuring()
        late = [kind for kind, each in found.items() if each.oldest_seconds > NOTED_SECONDS]
        dead = [kind for kind, each in found.items() if each.dead]
        told = [f"{what}: {', '.join(sorted(kinds))}" for what, kinds in (("late", late), ("dead", dead)) if kinds]
        return f"jobs are {'; '.join(told)}" if told else None

    def metrics(self) -> Sequence[MetricDefinition]:
        return (
            self._define_gauge("kal_jobs_waiting", "Jobs that wait, due or not", lambda each: each.waiting),
            self._define_gauge("kal_jobs_due", "Jobs that are due and wait for a worker", lambda each: each.due),
            self._define_gauge(
                "kal_jobs_dead", "Jobs that are given up until somebody retries or removes them", lambda each: each.dead
            ),
            self._define_gauge(
                "kal_jobs_oldest_due_seconds",
                "For how long the oldest job that is not done has been due, by the database's clock",
                lambda each: each.oldest_seconds,
            ),
            self._define_counter("kal_jobs_finished_total", "Jobs done", "done"),
            self._define_counter("kal_jobs_failed_total", "Attempts of jobs that failed and are repeated", "retry"),
            self._define_counter("kal_jobs_lost_total", "Jobs whose lease this process lost while it ran them", "lost"),
        )

    def _define_gauge(self, name: str, meaning: str, choose: Callable[[KindBacklog], float]) -> MetricDefinition:
        async def read() -> Mapping[str, float]:
            return {kind: choose(each) for kind, each in (await self._measuring()).items()}

        what = f"{meaning}, over all replicas of the service; absent while the database is unavailable."
        return MetricDefinition(name=name, meaning=what, reading=read, label="kind")

    def _define_counter(self, name: str, meaning: str, outcome: str) -> MetricDefinition:
        def read() -> Mapping[str, float]:
            return {kind: worker.counts[outcome][kind] for worker in self._workers for kind in worker.kinds}

        what = f"{meaning}, since the start of the process."
        return MetricDefinition(name=name, meaning=what, reading=read, label="kind", kind="counter")

    async def _measure_backlogs(self) -> Mapping[str, KindBacklog]:
        none = {kind: KindBacklog() for worker in self._workers for kind in worker.kinds}
        found = [await worker.jobs.measure_backlog() for worker in self._workers]
        return none | {kind: backlog for each in found for kind, backlog in each.items()}
