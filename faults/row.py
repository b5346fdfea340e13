"""A row of the fault matrix: what is done, to whom, while people work."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random
from typing import Final

from faults.load import Load
from faults.stage import Stage


class NotRun(Exception):
    """This machine cannot do the row; the text says why."""


class RowFailed(Exception):
    """The fault did not come about, or something beside the invariants was not as it must be."""


@dataclass(slots=True)
class Scene:
    """What a row works with; ``long`` asks for the longer faults."""

    stage: Stage
    load: Load
    random: Random
    long: bool
    notes: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        """Let the report say something about this row."""
        self.notes.append(text)

    def require(self, true: object, otherwise: str) -> None:
        """Let the row fail unless something is so.

        Raises:
            RowFailed: if not.

        """
        if not true:
            raise RowFailed(otherwise)

    @staticmethod
    async def passes(seconds: float) -> None:
        """Let the people work for a while."""
        await asyncio.sleep(seconds)


Play = Callable[[Scene], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Row:
    """A fault by its number in the matrix, or several that share their time."""

    numbers: tuple[int, ...]
    what: str
    play: Play

    @property
    def name(self) -> str:
        """Its numbers, as a table has them."""
        return ", ".join(map(str, self.numbers))


ROWS: Final[list[Row]] = []


def row(*numbers: int, what: str) -> Callable[[Play], Play]:
    """Enter a function into the matrix."""

    def enter(play: Play) -> Play:
        ROWS.append(Row(numbers, what, play))
        return play

    return enter
