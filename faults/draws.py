"""Sequences of faults drawn from a seed, and the smallest part of one that still breaks something."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final, Literal

from faults.failpoints import CONSUMER_HANDLED, OUTBOX_SENT, STORE_WRITTEN
from faults.services import NAMES

Kind = Literal["kill", "stall", "die", "join", "blackout"]
KINDS: Final[dict[Kind, int]] = {"kill": 5, "stall": 5, "die": 2, "join": 2, "blackout": 1}
SERVERS: Final = ("broker 1", "broker 2", "broker 3", "mongod 1", "mongod 2", "mongod 3")
LONGEST: Final = 12.0
LONGEST_WAIT: Final = 6.0


@dataclass(frozen=True, slots=True)
class Fault:
    """``wait`` after the fault before, for ``seconds``; faults may overlap. ``where`` is a failpoint.

    A service that is killed is restarted at once.
    """

    kind: Kind
    whom: str
    wait: float
    seconds: float
    where: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.whom}" + (f" {self.seconds:.0f} s" if self.kind in {"stall", "blackout"} else "")


def draw_faults(seed: int, count: int) -> Sequence[Fault]:
    """The same seed gives the same faults."""
    random = Random(seed)
    return [_draw_one(random) for _ in range(count)]


def _draw_one(random: Random) -> Fault:
    kind = random.choices(list(KINDS), list(KINDS.values()))[0]
    wait, seconds = random.uniform(0, LONGEST_WAIT), random.uniform(1, LONGEST)
    match kind:
        case "die":
            whom = random.choice(("ingest", "calendar"))
            place = random.choice((CONSUMER_HANDLED, OUTBOX_SENT, STORE_WRITTEN))
            return Fault(kind, whom, wait, seconds, f"{place}:{random.randint(1, 20)}")
        case "join":
            return Fault(kind, random.choice(("ingest", "calendar")), wait, min(seconds, 5.0))
        case "blackout":
            return Fault(kind, random.choice(("brokers", "mongods")), wait, min(seconds, 8.0))
        case _:
            return Fault(kind, random.choice((*NAMES, *SERVERS)), wait, seconds)


async def minimize(chosen: Sequence[int], breaks: Callable[[Sequence[int]], Awaitable[bool]]) -> Sequence[int]:
    """Leave out one fault after the other while something still breaks; returns the remaining indices."""
    left = list(chosen)
    for place in chosen:
        fewer = [each for each in left if each != place]
        if fewer and await breaks(fewer):
            left = fewer
    return left
