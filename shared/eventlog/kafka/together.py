"""Lets many callers wait for one attempt, so that an outage costs each of them one deadline and not a queue of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from shared.eventlog.stopping import cancelled

T = TypeVar("T")


class Together(Generic[T]):
    """One attempt at a time, whose outcome all get who ask meanwhile; a caller that gives up does not end it."""

    def __init__(self, attempt: Callable[[], Awaitable[T]]) -> None:
        self._attempt = attempt
        self._under_way: asyncio.Future[T] | None = None

    async def __call__(self) -> T:
        """Wait for the attempt under way, or begin one; raises what it raises."""
        if self._under_way is None or self._under_way.done():
            self._under_way = asyncio.ensure_future(self._attempt())
            self._under_way.add_done_callback(_seen)
        return await asyncio.shield(self._under_way)

    async def end(self) -> None:
        """Give up what is under way."""
        if self._under_way is not None:
            await cancelled(self._under_way)


def _seen(attempt: asyncio.Future[T]) -> None:
    """Look at an outcome that perhaps nobody waits for any more, so that it is not reported as forgotten."""
    if not attempt.cancelled():
        attempt.exception()
