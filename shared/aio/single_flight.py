"""Single flight: concurrent callers share one attempt, so an outage costs each of them one deadline, not a queue."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from shared.aio.cancellation import cancel_and_wait

T = TypeVar("T")


class SingleFlight(Generic[T]):
    """One attempt at a time; a caller that is cancelled does not end it for the others."""

    def __init__(self, attempt: Callable[[], Awaitable[T]]) -> None:
        self._attempt = attempt
        self._under_way: asyncio.Future[T] | None = None

    async def __call__(self) -> T:
        if self._under_way is None or self._under_way.done():
            self._under_way = asyncio.ensure_future(self._attempt())
            self._under_way.add_done_callback(_retrieve)
        return await asyncio.shield(self._under_way)

    async def cancel(self) -> None:
        if self._under_way is not None:
            await cancel_and_wait(self._under_way)


def _retrieve(attempt: asyncio.Future[T]) -> None:
    # An error that nobody waits for would be reported as never retrieved.
    if not attempt.cancelled():
        attempt.exception()
