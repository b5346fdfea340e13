"""Playing of a row: load begins, a fault comes and goes, the system comes to rest, and is judged."""

from __future__ import annotations

import asyncio
import traceback
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final

from faults.checker import FinalState, Violation, check, count_repeats
from faults.cluster import FaultCluster
from faults.load import Load, read_clock, start_load
from faults.row import NotRun, Row, Scene
from faults.workload.month import EventMonth

# A picture may need so long to become right after everything is at rest.
LOOK_SECONDS: Final = 20.0


@dataclass(slots=True)
class Result:
    """``not_run`` says why it was not played."""

    row: Row
    accepted: int = 0
    violations: list[Violation] = field(default_factory=list)
    healed: float | None = None
    notes: list[str] = field(default_factory=list)
    not_run: str | None = None

    @property
    def skipped(self) -> bool:
        """Not playable here, and nothing broke before that was known."""
        return self.not_run is not None and not self.violations

    @property
    def good(self) -> bool:
        return self.not_run is None and not self.violations

    def count(self, invariant: str) -> int:
        return sum(each.invariant == invariant for each in self.violations)


async def play_row(stage: FaultCluster, row: Row, window: EventMonth, *, seed: str, long: bool) -> Result:
    """The stage is at rest before and after."""
    result, random = Result(row), Random(seed)
    async with start_load(stage.ways, window, random) as load:
        scene = Scene(stage, load, random, long, result.notes)
        try:
            await stage.wait_until_healed()
            load.begin(long=long)
            await load.await_public()
            await row.play(scene)
        except NotRun as reason:
            result.not_run = str(reason)
        except Exception as error:  # noqa: BLE001 - a row that fails must not hide the others
            result.violations.append(Violation("heals", f"the row failed: {error!r} {_describe_location(error)}"))
        result.violations += await _drain_and_judge(stage, load, result)
        result.accepted = load.history.accepted
        result.notes += _describe_responses(load)
    return result


async def _drain_and_judge(stage: FaultCluster, load: Load, result: Result) -> list[Violation]:
    began = read_clock()
    try:
        draining = asyncio.create_task(load.drain())
        await stage.repair()
        await draining
        result.healed = await stage.wait_until_healed() - began
        await load.decide_remaining()
        await stage.wait_until_healed()
        return await _judge(stage, load, result.notes)
    except Exception as error:  # noqa: BLE001 - the same
        return [Violation("heals", f"not at rest: {error!r} {_describe_location(error)}"), *check_history(load, stage)]


def check_history(load: Load, stage: FaultCluster) -> list[Violation]:
    # Without a final picture.
    ours = FinalState()
    return [each for each in check(load.history, stage.absences, ours) if each.invariant != "kept"]


async def _judge(stage: FaultCluster, load: Load, notes: list[str]) -> list[Violation]:
    end = asyncio.get_running_loop().time() + LOOK_SECONDS
    while True:
        picture = await _take_state(stage, load)
        found = check(load.history, stage.absences, picture)
        if (not found or asyncio.get_running_loop().time() > end) and (repeats := count_repeats(picture)):
            notes.append(f"{repeats} messages more than once on the topics")
        if not found or asyncio.get_running_loop().time() > end:
            return found
        await asyncio.sleep(1.0)


async def _take_state(stage: FaultCluster, load: Load) -> FinalState:
    said = await asyncio.to_thread(stage.outside.read_messages)
    ours = {act.event_id for act in load.history.acts if act.event_id}
    return FinalState(
        await load.list_submissions(),
        await load.list_entries(),
        await load.read_feeds(),
        {place: messages for place, messages in said.items() if place[1] in ours},
    )


def _describe_responses(load: Load) -> Sequence[str]:
    attempts = Counter(each.status for each in load.history.attempts if each.service != "distribution")
    unanswered, unavailable = attempts.pop(None, 0), attempts.get(503, 0)
    refused = sum(count for status, count in attempts.items() if status and 400 <= status < 500)
    return [f"{sum(attempts.values())} answers, {unavailable} × 503, {unanswered} unanswered, {refused} × 4xx"]


def _describe_location(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f"({frames[-1].filename.rsplit('/', 1)[-1]}:{frames[-1].lineno})" if frames else ""
