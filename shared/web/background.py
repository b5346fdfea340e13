"""What runs beside the requests: from the start, once the way is clear, until the end."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

import stamina
import structlog

from shared.database import is_away
from shared.measures import Measured
from shared.web.health import Health

STOP_SECONDS: Final = 3.0
"""What runs may take this long to finish what they have in hand; requests took as long before, closing comes after."""
SETTLE_SECONDS: Final = 5.0
WAIT: Final = 5.0
"""Seconds between two attempts, at most."""
Run = Callable[[asyncio.Event], Awaitable[None]]
Step = Callable[[], Awaitable[None]]
_log = structlog.get_logger("kalendarium.web")


class RunEnded(Exception):
    """Something that must run as long as the process does has ended before it."""

    says_all = True


def end_process() -> None:
    """Ask the server to end the process as if an operator had: requests are finished, everything is closed."""
    signal.raise_signal(signal.SIGTERM)


@asynccontextmanager
async def background(
    *runs: Run,
    health: Health,
    prepare: Sequence[Step] = (),
    end: Callable[[], None] = end_process,
    patience: float = STOP_SECONDS,
) -> AsyncIterator[None]:
    """Run what goes on beside the requests (relay, consumer, replay) until the block ends.

    Each gets an event that is set when it shall stop; one that has not stopped in time is cancelled. One that ends
    before ends the process: a web server whose relay is dead only looks healthy.

    A service also starts while the database is away. Until ``prepare`` is done nothing runs and no request is taken:
    the service says that it is not ready, and why.

    Args:
        *runs: coroutine functions that take the event; the numbers that their owners tell are shown.
        health: turns red when one of them ends.
        prepare: what must be done first, such as making indexes; tried until the database answers.
        end: ends the process.
        patience: how many seconds they have to stop.

    Raises:
        RunEnded: at the end, if one of them had ended before.

    """
    preparing = Preparing(health, prepare)
    owners = [getattr(run, "__self__", None) for run in runs]
    health.measure(*(each for owner in owners if isinstance(owner, Measured) for each in owner.measures()))
    stop = asyncio.Event()
    ended: list[str] = []
    tasks = [
        asyncio.create_task(_supervised(run, stop, preparing, health, ended, end), name=_name(run))
        for run in (preparing.run, health.loop_delay.run, *runs)
    ]
    try:
        await preparing.is_settled()
        yield
    finally:
        stop.set()
        _done, late = await asyncio.wait(tasks, timeout=patience)
        for task in late:
            _log.warning("did not stop in time", run=task.get_name())
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    if ended:
        raise RunEnded(ended[0])


class Preparing:
    """What must be done once before anything else: tried again, ever more slowly, while the database is away."""

    def __init__(self, health: Health, steps: Sequence[Step]) -> None:
        self._health = health
        self._steps = steps
        self._done = asyncio.Event()
        self._settled = asyncio.Event()
        if steps:
            health.closed = "it is being opened"

    async def run(self, stop: asyncio.Event) -> None:
        """Do all steps, let requests in, and wait for the end; an error that is no outage is raised."""
        working = asyncio.create_task(self._all())
        await _first(working, stop)
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

    async def is_settled(self) -> None:
        """Wait until all is done or is known to take a while, so that a start on a database that answers is whole."""
        with suppress(TimeoutError):
            async with asyncio.timeout(SETTLE_SECONDS):
                await self._settled.wait()

    async def is_done(self, stop: asyncio.Event) -> bool:
        """Wait until all is done, or ``stop`` is set first; whether it is done."""
        done = asyncio.create_task(self._done.wait())
        await _first(done, stop)
        done.cancel()
        return self._done.is_set()

    async def _all(self) -> None:
        for step in self._steps:
            async for attempt in stamina.retry_context(on=self._is_outage, attempts=None, timeout=None, wait_max=WAIT):
                with attempt:
                    await step()

    def _is_outage(self, error: Exception) -> bool:
        if not is_away(error):
            return False
        self._settled.set()
        self._health.closed = f"MongoDB does not answer: {type(error).__name__}"
        return True


async def _first(task: asyncio.Task[Any], stop: asyncio.Event) -> None:
    """Wait for a task or for ``stop``, whichever comes first."""
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait({task, stopped}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()


async def _supervised(  # noqa: PLR0917 - all of it belongs to one background
    run: Run, stop: asyncio.Event, preparing: Preparing, health: Health, ended: list[str], end: Callable[[], None]
) -> None:
    """Run it, once all is prepared; if it ends before it was asked to, say so and end the process."""
    at_once = (preparing.run, health.loop_delay.run)
    reason = "it ended by itself"
    trace: Exception | None = None
    try:
        if run in at_once or await preparing.is_done(stop):
            await run(stop)
    except Exception as error:  # noqa: BLE001 - whatever it is, the process ends and says so
        reason = f"{type(error).__name__}: {error}"
        trace = None if getattr(error, "says_all", False) else error
        if stop.is_set():
            _log.critical("background run failed", run=_name(run), reason=reason, exc_info=trace)
    if not stop.is_set():
        _log.critical("background run ended, so does the process", run=_name(run), reason=reason, exc_info=trace)
        ended.append(f"{_name(run)}: {reason}")
        health.broken(_name(run), reason)
        end()


def _name(run: Run) -> str:
    owner = getattr(run, "__self__", None)
    return type(owner).__name__ if owner is not None else getattr(run, "__qualname__", repr(run))
