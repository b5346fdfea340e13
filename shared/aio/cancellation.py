"""Cancellation: cancel and wait, wait or stop, join within a deadline."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Collection
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")

REPEAT_SECONDS = 1.0


async def cancel_and_wait(*tasks: asyncio.Future[Any]) -> None:
    # Python 3.11's ``wait_for``, which the drivers use, swallows a cancellation that comes together with its result, so
    # it is repeated.
    while pending := [task for task in tasks if not task.done()]:
        for task in pending:
            task.cancel()
        await asyncio.wait(pending, timeout=REPEAT_SECONDS)
    for task in tasks:
        if not task.cancelled():
            task.exception()  # retrieved, so that it is not reported as never retrieved


async def wait_or_stop(stop: asyncio.Event, awaited: Awaitable[T]) -> T | None:
    """Await something; cancel it and return None if ``stop`` is set first."""
    work = asyncio.ensure_future(awaited)
    stopped = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({work, stopped}, return_when=asyncio.FIRST_COMPLETED)
        return work.result() if work.done() else None
    finally:
        stopped.cancel()
        await cancel_and_wait(work)


async def join_within(tasks: Collection[asyncio.Task[T]], stop: asyncio.Event, *, seconds: float) -> bool:
    """Whether all tasks ended by themselves, within ``seconds`` once ``stop`` is set. Raises a task's first error."""
    ending = asyncio.gather(*tasks, return_exceptions=True)
    try:
        await wait_or_stop(stop, asyncio.shield(ending))
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds if stop.is_set() else None):
                await asyncio.shield(ending)
        in_time = ending.done()
    finally:
        await cancel_and_wait(*tasks)
    for outcome in await ending:
        if isinstance(outcome, BaseException) and not isinstance(outcome, asyncio.CancelledError):
            raise outcome
    return in_time
