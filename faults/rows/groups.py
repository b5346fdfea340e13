"""Consumer groups in trouble: members that come and go, and a member whose client is dead inside."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Final

from deploy.local.cannot_start import CannotStart
from faults.load import moment
from faults.row import Scene, row
from faults.rows.brokers import refuse_record
from shared.crash_points import FETCH_TASK, VARIABLE

STORM, LONG_STORM = 40.0, 300.0
EVERY_SECONDS: Final = 2.0
DETECTED_WITHIN: Final = 200.0


@row(15, what="members join and leave every 2 s for 40 s (long: 5 min)")
async def storm(scene: Scene) -> None:
    end, number = moment() + (LONG_STORM if scene.long else STORM), 0
    while moment() < end:
        number += 1
        service = scene.stage.services[("calendar", "ingest")[number % 2]]
        member = service.another(number)
        with suppress(CannotStart):
            await asyncio.to_thread(member.start)
        await scene.passes(EVERY_SECONDS)
        await asyncio.to_thread(member.kill if scene.random.random() < 0.5 else member.stop)
    scene.note(f"{number} processes joined and left")


@row(16, what="a rebalance while handlers wait for a stalled MongoDB")
async def rebalance_with_work_in_hand(scene: Scene) -> None:
    for name in ("calendar", "ingest"):
        primary = await asyncio.to_thread(scene.stage.mongo.primary)
        await scene.passes(0.3)
        primary.suspend()
        try:
            await asyncio.to_thread(scene.stage.outside.join_and_leave, name, 4.0)
        finally:
            primary.resume()
        await scene.passes(2)


@row(13, 17, what="brokers refuse a record for its size, then take it; ingest's fetch task ends in silence")
async def lose_fetch_task(scene: Scene) -> None:
    """Do both at once: one concerns what ingest sends, the other what it reads, and each takes a minute or two."""
    ingest = scene.stage.services["ingest"]
    ingest.next_with({VARIABLE: f"{FETCH_TASK}:20"})
    before = len(ingest.ended_with)
    await ingest.kill()
    await ingest.ready()
    began = moment()
    await refuse_record(scene)
    await ingest.ended(times=before + 2, within=DETECTED_WITHIN)
    scene.note(f"silence seen and ended by the watchdog after {moment() - began:.0f} s")
    await ingest.ready()
