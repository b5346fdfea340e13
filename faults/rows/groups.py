"""Consumer groups: members that come and go, and a member whose client is dead inside."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Final

from deploy.local.errors import StartError
from faults.failpoints import FETCH_TASK, VARIABLE
from faults.load import read_clock
from faults.row import Scene, register
from faults.rows.brokers import refuse_record

STORM, LONG_STORM = 40.0, 300.0
EVERY_SECONDS: Final = 2.0
DETECTED_WITHIN: Final = 200.0


@register(15, what="members join and leave every 2 s for 40 s (long: 5 min)")
async def join_and_leave(scene: Scene) -> None:
    end, number = read_clock() + (LONG_STORM if scene.long else STORM), 0
    while read_clock() < end:
        number += 1
        service = scene.stage.services[("calendar", "ingest")[number % 2]]
        member = service.create_another(number)
        with suppress(StartError):
            await asyncio.to_thread(member.start)
        await scene.wait(EVERY_SECONDS)
        await asyncio.to_thread(member.kill if scene.random.random() < 0.5 else member.stop)
    scene.add_note(f"{number} processes joined and left")


@register(16, what="a rebalance while handlers wait for a stalled MongoDB")
async def rebalance_in_flight(scene: Scene) -> None:
    for name in ("calendar", "ingest"):
        primary = await asyncio.to_thread(scene.stage.mongo.find_primary)
        await scene.wait(0.3)
        primary.suspend()
        try:
            await asyncio.to_thread(scene.stage.outside.join_and_leave, name, 4.0)
        finally:
            primary.resume()
        await scene.wait(2)


@register(13, 17, what="brokers refuse a record for its size, then take it; ingest's fetch task ends in silence")
async def lose_fetch_task(scene: Scene) -> None:
    # Both at once: one concerns what ingest sends, the other what it reads, and each takes a minute or two.
    ingest = scene.stage.services["ingest"]
    ingest.configure_next_start({VARIABLE: f"{FETCH_TASK}:20"})
    before = len(ingest.ended_with)
    await ingest.kill()
    await ingest.wait_until_ready()
    began = read_clock()
    await refuse_record(scene)
    await ingest.wait_until_ended(times=before + 2, within=DETECTED_WITHIN)
    scene.add_note(f"silence seen and ended by the watchdog after {read_clock() - began:.0f} s")
    await ingest.wait_until_ready()
