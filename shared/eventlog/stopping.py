"""Waits for something unless the process is asked to stop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Collection
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")

ASK_AGAIN_SECONDS = 1.0


async def cancelled(*tasks: asyncio.Future[Any]) -> None:
    """Cancel tasks and wait until they have ended, whatever came of them.

    A cancellation can be lost: Python 3.11's ``wait_for``, which the drivers use, swallows it when its answer comes at
    the same moment. So it is asked for again until it is heeded.
    """
    while going_on := [task for task in tasks if not task.done()]:
        for task in going_on:
            task.cancel()
        await asyncio.wait(going_on, timeout=ASK_AGAIN_SECONDS)
    for task in tasks:
        if not task.cancelled():
            task.exception()  # seen, so that it is not reported as forgotten


async def unless(stop: asyncio.Event, awaited: Awaitable[T]) -> T | None:
    """Wait for something, but give it up when ``stop`` is set first; None then."""
    work = asyncio.ensure_future(awaited)
    stopped = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({work, stopped}, return_when=asyncio.FIRST_COMPLETED)
        return work.result() if work.done() else None
    finally:
        stopped.cancel()
        await cancelled(work)


async def ended(tasks: Collection[asyncio.Task[T]], stop: asyncio.Event, *, seconds: float) -> bool:
    """Wait until all tasks have ended; once ``stop`` is set, for so many seconds more, and then cancel them.

    Returns:
        Whether all of them ended by themselves.

    Raises:
        Exception: the first error of a task, once all have ended.

    """
    ending = asyncio.gather(*tasks, return_exceptions=True)
    try:
        await unless(stop, asyncio.shield(ending))
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds if stop.is_set() else None):
                await asyncio.shield(ending)
        alone = ending.done()
    finally:
        await cancelled(*tasks)
    for outcome in await ending:
        if isinstance(outcome, BaseException) and not isinstance(outcome, asyncio.CancelledError):
            raise outcome
    return alone
