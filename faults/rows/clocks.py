"""Wrong clocks, also jumping ones."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

from faults.row import NotRun, Scene, register

LIBRARY: Final = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1")
AHEAD, BEHIND = "+2h", "-2h"


@register(20, what="one service's clock 2 h ahead, 2 h behind, and jumping")
async def set_wrong_clock(scene: Scene) -> None:
    if not LIBRARY.exists():
        raise NotRun("libfaketime is missing: apt-get install faketime")
    offset = scene.stage.folder / "clock"
    offset.write_text(AHEAD)
    wrong = {
        "LD_PRELOAD": str(LIBRARY),
        "FAKETIME_TIMESTAMP_FILE": str(offset),
        "FAKETIME_CACHE_DURATION": "1",  # seconds; to read the file at each look at the clock takes all of a core
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    scene.load.history.is_order_wrong = True
    for name in ("calendar", "ingest"):
        service = scene.stage.services[name]
        offset.write_text(AHEAD)
        service.configure_next_start(wrong)
        await service.stop()
        await service.wait_until_ready()
        for _ in range(6):
            await scene.wait(1)
            offset.write_text(scene.random.choice((AHEAD, BEHIND, "+0", "+30s", "-3d")))
        offset.write_text(AHEAD)
        await _run_second_relay(scene, name, wrong)
        await service.stop()
        await service.wait_until_ready()


async def _run_second_relay(scene: Scene, name: str, wrong: dict[str, str]) -> None:
    """A second process two hours ahead must not take the lease of one that keeps it."""
    before = await asyncio.to_thread(scene.stage.outside.read_fencing_token, name)
    second = scene.stage.services[name].create_another(90, wrong)
    await asyncio.to_thread(second.start)
    await scene.wait(4)
    after = await asyncio.to_thread(scene.stage.outside.read_fencing_token, name)
    await asyncio.to_thread(second.stop)
    scene.require(before == after, f"{name}'s lease went to a process whose clock is wrong ({before}, {after})")
