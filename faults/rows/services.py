"""Services that are killed, stalled, or asked to end when nothing else is there."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Sequence
from typing import Final

from faults.load import moment
from faults.row import Scene, row
from faults.services import NAMES
from shared.crash_points import CONSUMER_HANDLED, OUTBOX_SENT, STORE_WRITTEN, VARIABLE

KILLS, MANY_KILLS = 10, 200
SHORT_STALL, STALL, LONG_STALL = 5.0, 20.0, 60.0
DEATH_SECONDS: Final = 60.0
EXIT_SECONDS: Final = 10.0


@row(1, what="ingest killed (SIGKILL) at random moments")
async def kill_ingest(scene: Scene) -> None:
    ingest = scene.stage.services["ingest"]
    kills = MANY_KILLS if scene.long else KILLS
    for _ in range(kills):
        await scene.passes(scene.random.uniform(0.0, 1.5))
        await ingest.kill()
        await ingest.ready()
    scene.note(f"{kills} kills")


@row(2, what="calendar and ingest killed after a record's effect, before its commit")
async def kill_before_commit(scene: Scene) -> None:
    deaths = [("calendar", CONSUMER_HANDLED), ("calendar", STORE_WRITTEN), ("ingest", CONSUMER_HANDLED)]
    await die(scene, deaths)


@row(3, what="the relays killed after the broker's answer, before the letter leaves the outbox")
async def kill_after_answer(scene: Scene) -> None:
    await die(scene, [("ingest", OUTBOX_SENT), ("calendar", OUTBOX_SENT)])


async def die(scene: Scene, deaths: Sequence[tuple[str, str]]) -> None:
    """Let services die at places in the code, each at a random time that it comes there."""
    for name, place in [*deaths] * (3 if scene.long else 1):
        service = scene.stage.services[name]
        service.next_with({VARIABLE: f"{place}:{scene.random.randint(1, 8)}"})
        before = len(service.ended_with)
        await service.kill()
        await service.ended(times=before + 2, within=DEATH_SECONDS)
        scene.require(service.ended_with[-1] == -signal.SIGKILL, f"{name} did not die at {place}")
        await service.ready()
        await scene.passes(1)
    scene.note(f"{len(deaths)} deaths")


@row(4, what="services stalled (SIGSTOP): each 5 s, then all three 20 s (long: 60 s)")
async def stall_services(scene: Scene) -> None:
    for name in NAMES:
        async with scene.stage.services[name].stalled():
            await scene.passes(SHORT_STALL)
        await scene.passes(1)
    await asyncio.gather(*(_stall(scene, name) for name in NAMES))
    await scene.passes(2)


async def _stall(scene: Scene, name: str) -> None:
    async with scene.stage.services[name].stalled():
        await scene.passes(LONG_STALL if scene.long else STALL)


@row(28, what="services asked to end (SIGTERM) while brokers and MongoDB are gone")
async def end_alone(scene: Scene) -> None:
    for node in scene.stage.servers:
        await asyncio.to_thread(node.kill)
    await scene.passes(4)
    services = list(scene.stage.services.values())
    for service in services:
        service.stays_down = True
    began = moment()
    seconds = await asyncio.gather(*(service.stop() for service in services))
    scene.note("exits after " + ", ".join(f"{each:.1f} s" for each in seconds))
    scene.require(max(seconds) < EXIT_SECONDS, f"an exit took {max(seconds):.1f} s, {moment() - began:.1f} s in all")
