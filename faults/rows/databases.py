"""MongoDB nodes: killed, stalled, or down."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import Final

from faults.load import read_clock
from faults.row import Scene, register

STALLS, LONG_STALLS = (5.0, 13.0), (5.0, 13.0, 25.0)
# After the majority is down, a response may still be to an earlier write.
GRACE_SECONDS: Final = 4.0
SLOWEST_REFUSAL: Final = 15.0


@register(5, what="MongoDB's primary killed (SIGKILL), and back")
async def kill_primary(scene: Scene) -> None:
    for _ in range(5 if scene.long else 1):
        node = await asyncio.to_thread(scene.stage.mongo.find_primary)
        node.kill()
        await scene.wait(8)
        await scene.stage.start([node])
        await scene.wait(4)
    scene.add_note(f"longest gap between two writes {compute_longest_gap(scene):.1f} s")


@register(6, what="MongoDB's primary stalled (SIGSTOP) 5 and 13 s (long: 25 s), not dead")
async def stall_primary(scene: Scene) -> None:
    for seconds in LONG_STALLS if scene.long else STALLS:
        node = await asyncio.to_thread(scene.stage.mongo.find_primary)
        node.suspend()
        await scene.wait(seconds)
        node.resume()
        await scene.wait(4)
    scene.add_note(f"longest gap between two writes {compute_longest_gap(scene):.1f} s")


@register(8, what="two of three MongoDB nodes gone: nothing can be kept")
async def lose_majority(scene: Scene) -> None:
    history, gone = scene.load.history, scene.stage.mongo.nodes[:2]
    began = read_clock()
    for node in gone:
        node.kill()
    await scene.wait(30 if scene.long else 12)
    ended = read_clock()
    kept = sum(history.count_done(kind, began + GRACE_SECONDS, ended) for kind in ("send", "edit", "accept"))
    refused = [each for each in history.attempts if each.status == 503 and began < each.began < ended]
    await scene.stage.start(gone)
    await scene.wait(3)
    scene.require(kept == 0, f"{kept} acts were answered as done with nobody to keep them")
    scene.require(refused, "nobody was refused")
    slowest = max(each.ended - each.began for each in refused)
    scene.add_note(f"slowest 503 after {slowest:.1f} s")
    scene.require(slowest < SLOWEST_REFUSAL, f"a 503 took {slowest:.1f} s")


def compute_longest_gap(scene: Scene) -> float:
    """Seconds without an acknowledged write of any organisation."""
    done = sorted(act.ended for act in scene.load.history.acts if act.outcome == "ok" and act.ended)
    return max((after - before for before, after in pairwise(done)), default=0.0)
