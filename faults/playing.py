"""Plays a row: people begin, a fault comes and goes, everything comes to rest, and then it is looked at."""

from __future__ import annotations

import asyncio
import traceback
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final

from faults.checker import Picture, Violation, check, repeated
from faults.load import Load, moment, people
from faults.people.window import Window
from faults.row import NotRun, Row, Scene
from faults.stage import Stage

LOOK_SECONDS: Final = 20.0
"""How long a picture may need to become right after everything is at rest."""


@dataclass(slots=True)
class Result:
    """What came of a row; ``not_run`` says why it was not played."""

    row: Row
    accepted: int = 0
    violations: list[Violation] = field(default_factory=list)
    healed: float | None = None
    notes: list[str] = field(default_factory=list)
    not_run: str | None = None

    @property
    def skipped(self) -> bool:
        """Whether it could not be played, and nothing broke on the way to that."""
        return self.not_run is not None and not self.violations

    @property
    def good(self) -> bool:
        """Whether it was played and everything held."""
        return self.not_run is None and not self.violations

    def count(self, invariant: str) -> int:
        """Count the violations of an invariant."""
        return sum(each.invariant == invariant for each in self.violations)


async def play(stage: Stage, row: Row, window: Window, *, seed: str, long: bool) -> Result:
    """Play a row on a stage that is at rest, and leave it at rest."""
    result, random = Result(row), Random(seed)
    async with people(stage.ways, window, random) as load:
        scene = Scene(stage, load, random, long, result.notes)
        try:
            await stage.heals()
            load.begin(long=long)
            await load.await_public()
            await row.play(scene)
        except NotRun as reason:
            result.not_run = str(reason)
        except Exception as error:  # noqa: BLE001 - a row that fails must not hide the others
            result.violations.append(Violation("heals", f"the row failed: {error!r} {_where(error)}"))
        result.violations += await _afterwards(stage, load, result)
        result.accepted = load.history.accepted
        result.notes += _told(load)
    return result


async def _afterwards(stage: Stage, load: Load, result: Result) -> list[Violation]:
    """Let everything come to rest, and judge."""
    began = moment()
    try:
        settling = asyncio.create_task(load.settle())
        await stage.mend()
        await settling
        result.healed = await stage.heals() - began
        await load.decide_the_rest()
        await stage.heals()
        return await _judged(stage, load, result.notes)
    except Exception as error:  # noqa: BLE001 - the same
        return [Violation("heals", f"not at rest: {error!r} {_where(error)}"), *check_what_is_there(load, stage)]


def check_what_is_there(load: Load, stage: Stage) -> list[Violation]:
    """Judge what needs no picture of the end."""
    ours = Picture()
    return [each for each in check(load.history, stage.absences, ours) if each.invariant != "kept"]


async def _judged(stage: Stage, load: Load, notes: list[str]) -> list[Violation]:
    end = asyncio.get_running_loop().time() + LOOK_SECONDS
    while True:
        picture = await _picture(stage, load)
        found = check(load.history, stage.absences, picture)
        if (not found or asyncio.get_running_loop().time() > end) and (repeats := repeated(picture)):
            notes.append(f"{repeats} messages more than once on the topics")
        if not found or asyncio.get_running_loop().time() > end:
            return found
        await asyncio.sleep(1.0)


async def _picture(stage: Stage, load: Load) -> Picture:
    said = await asyncio.to_thread(stage.outside.said)
    ours = {act.event_id for act in load.history.acts if act.event_id}
    return Picture(
        await load.submissions(),
        await load.entries(),
        await load.feeds(),
        {place: letters for place, letters in said.items() if place[1] in ours},
    )


def _told(load: Load) -> Sequence[str]:
    """Say what people were answered beside yes."""
    attempts = Counter(each.status for each in load.history.attempts if each.service != "distribution")
    unanswered, unavailable = attempts.pop(None, 0), attempts.get(503, 0)
    refused = sum(count for status, count in attempts.items() if status and 400 <= status < 500)
    return [f"{sum(attempts.values())} answers, {unavailable} × 503, {unanswered} unanswered, {refused} × 4xx"]


def _where(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f"({frames[-1].filename.rsplit('/', 1)[-1]}:{frames[-1].lineno})" if frames else ""
