"""Background tasks of a service, next to its requests."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

import stamina
import structlog

from shared.aio.cancellation import cancel_and_wait
from shared.database.client import is_unavailable
from shared.observability.metrics import MetricSource
from shared.web.ops.health import Health

STOP_SECONDS: Final = 2.5
"""To finish what is in flight, and less than a call to a database that is away takes: its clean-up would add another
one. Requests took up to three seconds before, and closing comes after."""
SETTLE_SECONDS: Final = 5.0
MAX_WAIT: Final = 5.0
"""Seconds between two attempts, at most."""
BackgroundTask = Callable[[asyncio.Event], Awaitable[None]]
Step = Callable[[], Awaitable[None]]
_log = structlog.get_logger("kalendarium.web")


class BackgroundTaskEnded(Exception):
    """A task that must run as long as the process ended before it."""

    says_all = True


def end_process() -> None:
    """End the process as an operator would: requests are finished, everything is closed."""
    signal.raise_signal(signal.SIGTERM)


@asynccontextmanager
async def run_background(
    *runs: BackgroundTask,
    health: Health,
    prepare: Sequence[Step] = (),
    end: Callable[[], None] = end_process,
    patience: float = STOP_SECONDS,
) -> AsyncIterator[None]:
    """Run background tasks until the block ends. Raises BackgroundTaskEnded if one ended by itself."""
    # Each gets an event that asks it to stop; after ``patience`` seconds it is cancelled. A task that ends by itself
    # ends the process: a web server whose relay is dead only looks healthy.
    # A service also starts while the database is unavailable: until ``prepare`` is done, such as making indexes, no
    # task runs and no request is accepted, and the service says why it is not ready.
    preparing = Preparation(health, prepare)
    owners = [getattr(run, "__self__", None) for run in runs]
    health.add_metrics(*(each for owner in owners if isinstance(owner, MetricSource) for each in owner.metrics()))
    stop = asyncio.Event()
    ended: list[str] = []
    tasks = [
        asyncio.create_task(_supervise(run, stop, preparing, health, ended, end), name=_get_name(run))
        for run in (preparing.run, health.loop_delay.run, *runs)
    ]
    try:
        await preparing.wait_until_settled()
        yield
    finally:
        stop.set()
        _done, late = await asyncio.wait(tasks, timeout=patience)
        for task in late:
            _log.warning("did not stop in time", run=task.get_name())
        await cancel_and_wait(*tasks)  # cancels again what cleans up for long
    if ended:
        raise BackgroundTaskEnded(ended[0])


class Preparation:
    """Steps before everything else, retried with growing delay while the database is unavailable."""

    def __init__(self, health: Health, steps: Sequence[Step]) -> None:
        self._health = health
        self._steps = steps
        self._done = asyncio.Event()
        self._settled = asyncio.Event()
        if steps:
            health.closed = "it is being opened"

    async def run(self, stop: asyncio.Event) -> None:
        """Run all steps, open the gate, wait for the end; raises an error that is no outage."""
        working = asyncio.create_task(self._run_steps())
        await _wait_for_first(working, stop)
        try:
            if working.done():
                working.result()
                self._health.closed = None
                self._done.set()
        finally:
            self._settled.set()
        await stop.wait()
        working.cancel()
        await asyncio.wait({working})

    async def wait_until_settled(self) -> None:
        """Wait until all is done or known to be delayed, so that a start with a database is complete."""
        with suppress(TimeoutError):
            async with asyncio.timeout(SETTLE_SECONDS):
                await self._settled.wait()

    async def wait_until_done(self, stop: asyncio.Event) -> bool:
        """Wait until all is done or ``stop`` is set; returns whether it is done."""
        done = asyncio.create_task(self._done.wait())
        await _wait_for_first(done, stop)
        done.cancel()
        return self._done.is_set()

    async def _run_steps(self) -> None:
        for step in self._steps:
            async for attempt in stamina.retry_context(
                on=self._is_outage, attempts=None, timeout=None, wait_max=MAX_WAIT
            ):
                with attempt:
                    await step()

    def _is_outage(self, error: Exception) -> bool:
        if not is_unavailable(error):
            return False
        self._settled.set()
        self._health.closed = f"MongoDB does not answer: {type(error).__name__}"
        return True


async def _wait_for_first(task: asyncio.Task[Any], stop: asyncio.Event) -> None:
    """Wait for a task or for ``stop``."""
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait({task, stopped}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()


async def _supervise(  # noqa: PLR0917 - all of it belongs to one background
    run: BackgroundTask,
    stop: asyncio.Event,
    preparing: Preparation,
    health: Health,
    ended: list[str],
    end: Callable[[], None],
) -> None:
    """Run a task after the preparation; if it ends by itself, report it and end the process."""
    at_once = (preparing.run, health.loop_delay.run)
    reason = "it ended by itself"
    trace: Exception | None = None
    try:
        if run in at_once or await preparing.wait_until_done(stop):
            await run(stop)
    except Exception as error:  # noqa: BLE001 - whatever it is, the process ends and says so
        reason = f"{type(error).__name__}: {error}"
        trace = None if getattr(error, "says_all", False) else error
        if stop.is_set():
            _log.critical("background run failed", run=_get_name(run), reason=reason, exc_info=trace)
    if not stop.is_set():
        _log.critical("background run ended, so does the process", run=_get_name(run), reason=reason, exc_info=trace)
        ended.append(f"{_get_name(run)}: {reason}")
        health.mark_broken(_get_name(run), reason)
        end()


def _get_name(run: BackgroundTask) -> str:
    owner = getattr(run, "__self__", None)
    return type(owner).__name__ if owner is not None else getattr(run, "__qualname__", repr(run))
