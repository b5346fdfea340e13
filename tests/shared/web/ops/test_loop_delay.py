"""How long the event loop kept its work waiting."""

from __future__ import annotations

import asyncio
import time

from shared.web.ops.loop_delay import LoopDelay


def test_the_longest_delay_of_the_last_minute_is_told() -> None:
    delays = LoopDelay(remembered=60)

    for now, delay in ((0, 0.01), (10, 2.0), (20, 0.3), (30, 0.02)):
        delays.record(now, delay)
    assert delays.get_max() == 2.0

    delays.record(71, 0.05)
    assert delays.get_max() == 0.3

    delays.record(200, 0.001)
    assert delays.get_max() == 0.001


def test_nothing_measured_is_no_delay() -> None:
    assert LoopDelay().get_max() == 0.0


async def test_what_blocks_the_loop_is_seen() -> None:
    delays, stop = LoopDelay(every=0.01), asyncio.Event()
    running = asyncio.create_task(delays.run(stop))
    await asyncio.sleep(0)

    time.sleep(0.2)  # noqa: ASYNC251 - it is what must not happen
    stop.set()
    await running

    assert delays.get_max() > 0.1
