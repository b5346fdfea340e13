"""Row of the fault matrix: a fault under load."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random
from typing import Final

from faults.cluster import FaultCluster
from faults.load import Load


class NotRun(Exception):
    """This machine cannot play the row; the text says why."""


class RowFailed(Exception):
    """The fault did not come about, or something other than the invariants failed."""


@dataclass(slots=True)
class Scene:
    """``long`` asks for the longer faults."""

    stage: FaultCluster
    load: Load
    random: Random
    long: bool
    notes: list[str] = field(default_factory=list)

    def add_note(self, text: str) -> None:
        self.notes.append(text)

    def require(self, true: object, otherwise: str) -> None:
        """Raises RowFailed."""
        if not true:
            raise RowFailed(otherwise)

    @staticmethod
    async def wait(seconds: float) -> None:
        await asyncio.sleep(seconds)


Play = Callable[[Scene], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Row:
    """One number, or several that share their time."""

    numbers: tuple[int, ...]
    what: str
    play: Play

    @property
    def name(self) -> str:
        return ", ".join(map(str, self.numbers))


ROWS: Final[list[Row]] = []


def register(*numbers: int, what: str) -> Callable[[Play], Play]:
    """Register a function as a row."""

    def enter(play: Play) -> Play:
        ROWS.append(Row(numbers, what, play))
        return play

    return enter
