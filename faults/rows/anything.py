"""Whatever a seed says, one thing on top of the other (row 32)."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from functools import partial
from typing import Final

from deploy.local.processes import Child
from faults.drawn import Fault, draw
from faults.row import Row, Scene
from faults.services import Service
from shared.crash_points import VARIABLE

NUMBER: Final = 32
FAULTS: Final = 5


def drawn_row(seed: int, only: Sequence[int] | None = None) -> Row:
    """Give the row of a seed, of all its faults or of those at some places only."""
    faults = draw(seed, FAULTS)
    chosen = [fault for place, fault in enumerate(faults) if only is None or place in only]
    return Row((NUMBER,), f"drawn from seed {seed}: {', '.join(map(str, chosen))}", partial(_play, faults=chosen))


async def _play(scene: Scene, faults: Sequence[Fault]) -> None:
    locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
    async with asyncio.TaskGroup() as under_way:
        for fault in faults:
            await scene.passes(fault.wait)
            under_way.create_task(_do(scene, fault, locks[_kind_of(fault.whom)]))
    await scene.passes(1)


def _kind_of(whom: str) -> str:
    """Name what must not be hurt twice at once: a service, or all servers of a kind."""
    return whom.split(maxsplit=1)[0].rstrip("s") if whom.startswith(("broker", "mongod")) else whom


async def _do(scene: Scene, fault: Fault, lock: asyncio.Lock) -> None:
    async with lock:
        if fault.whom in scene.stage.services:
            await _hurt_service(scene, fault, scene.stage.services[fault.whom])
        else:
            await _hurt_servers(scene, fault, _servers(scene, fault.whom))


async def _hurt_service(scene: Scene, fault: Fault, service: Service) -> None:
    match fault.kind:
        case "stall":
            async with service.stalled():
                await scene.passes(fault.seconds)
        case "join":
            await asyncio.to_thread(scene.stage.outside.join_and_leave, fault.whom, fault.seconds)
        case _:
            service.next_with({VARIABLE: fault.where} if fault.where else {})
            await service.kill()


async def _hurt_servers(scene: Scene, fault: Fault, nodes: Sequence[Child]) -> None:
    for node in nodes:
        await asyncio.to_thread(node.suspend if fault.kind == "stall" else node.kill)
    await scene.passes(fault.seconds)
    if fault.kind == "stall":
        for node in nodes:
            node.resume()
    else:
        await scene.stage.start(nodes)


def _servers(scene: Scene, whom: str) -> Sequence[Child]:
    nodes = scene.stage.kafka.nodes if whom.startswith("broker") else scene.stage.mongo.nodes
    kind, _, number = whom.partition(" ")
    return [nodes[int(number) - 1]] if kind and number else nodes
