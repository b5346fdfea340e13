"""Services: killed, stalled, or asked to end while nothing else runs."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Sequence
from typing import Final

from faults.failpoints import CONSUMER_HANDLED, OUTBOX_SENT, STORE_WRITTEN, VARIABLE
from faults.load import read_clock
from faults.row import Scene, register
from faults.services import NAMES

KILLS, MANY_KILLS = 10, 200
SHORT_STALL, STALL, LONG_STALL = 5.0, 20.0, 60.0
DEATH_SECONDS: Final = 60.0
EXIT_SECONDS: Final = 10.0


@register(1, what="ingest killed (SIGKILL) at random moments")
async def kill_ingest(scene: Scene) -> None:
    ingest = scene.stage.services["ingest"]
    kills = MANY_KILLS if scene.long else KILLS
    for _ in range(kills):
        await scene.wait(scene.random.uniform(0.0, 1.5))
        await ingest.kill()
        await ingest.wait_until_ready()
    scene.add_note(f"{kills} kills")


@register(2, what="calendar and ingest killed after a record's effect, before its commit")
async def kill_before_commit(scene: Scene) -> None:
    deaths = [("calendar", CONSUMER_HANDLED), ("calendar", STORE_WRITTEN), ("ingest", CONSUMER_HANDLED)]
    await crash_at(scene, deaths)


@register(3, what="the relays killed after the broker's answer, before the message leaves the outbox")
async def kill_after_answer(scene: Scene) -> None:
    await crash_at(scene, [("ingest", OUTBOX_SENT), ("calendar", OUTBOX_SENT)])


async def crash_at(scene: Scene, deaths: Sequence[tuple[str, str]]) -> None:
    """At failpoints, each at a random visit."""
    for name, place in [*deaths] * (3 if scene.long else 1):
        service = scene.stage.services[name]
        service.configure_next_start({VARIABLE: f"{place}:{scene.random.randint(1, 8)}"})
        before = len(service.ended_with)
        await service.kill()
        await service.wait_until_ended(times=before + 2, within=DEATH_SECONDS)
        scene.require(service.ended_with[-1] == -signal.SIGKILL, f"{name} did not die at {place}")
        await service.wait_until_ready()
        await scene.wait(1)
    scene.add_note(f"{len(deaths)} deaths")


@register(4, what="services stalled (SIGSTOP): each 5 s, then all three 20 s (long: 60 s)")
async def stall_services(scene: Scene) -> None:
    for name in NAMES:
        async with scene.stage.services[name].suspend():
            await scene.wait(SHORT_STALL)
        await scene.wait(1)
    await asyncio.gather(*(_stall_service(scene, name) for name in NAMES))
    await scene.wait(2)


async def _stall_service(scene: Scene, name: str) -> None:
    async with scene.stage.services[name].suspend():
        await scene.wait(LONG_STALL if scene.long else STALL)


@register(28, what="services asked to end (SIGTERM) while brokers and MongoDB are gone")
async def stop_without_servers(scene: Scene) -> None:
    for node in scene.stage.servers:
        await asyncio.to_thread(node.kill)
    await scene.wait(4)
    services = list(scene.stage.services.values())
    for service in services:
        service.stays_down = True
    began = read_clock()
    seconds = await asyncio.gather(*(service.stop() for service in services))
    scene.add_note("exits after " + ", ".join(f"{each:.1f} s" for each in seconds))
    scene.require(
        max(seconds) < EXIT_SECONDS, f"an exit took {max(seconds):.1f} s, {read_clock() - began:.1f} s in all"
    )
