"""A row of the fault matrix: what is done, to whom, while people work."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random
from typing import Final

from faults.load import ACTS_A_SECOND, Load
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
    """A fault by its number in the matrix; ``acts_a_second`` is how hard people work meanwhile."""

    number: int
    what: str
    play: Play
    acts_a_second: float = ACTS_A_SECOND


ROWS: Final[list[Row]] = []


def row(number: int, what: str, *, acts_a_second: float = ACTS_A_SECOND) -> Callable[[Play], Play]:
    """Enter a function into the matrix; a number may have several."""

    def enter(play: Play) -> Play:
        ROWS.append(Row(number, what, play, acts_a_second))
        return play

    return enter
