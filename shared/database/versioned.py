"""Versioned write: load, apply a command, save if no other write was first; a bounded number of attempts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

ATTEMPTS: Final = 10

Before = TypeVar("Before")
After = TypeVar("After")
Result = TypeVar("Result")


class Contended(Exception):
    """Another write was first each time; nothing was saved."""


async def write_versioned(
    load: Callable[[], Awaitable[Before]],
    command: Callable[[Before], After],
    save: Callable[[Before, After], Awaitable[Result | None]],
    *,
    attempts: int = ATTEMPTS,
) -> Result:
    """Return what ``save`` returns; its None says that the version is no longer the one that was loaded.

    Raises:
        Contended: if that was so each time.

    """
    for _ in range(attempts):
        before = await load()
        result = await save(before, command(before))
        if result is not None:
            return result
    raise Contended
