"""Random faults, overlapping, by a seed (row 32)."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from functools import partial
from typing import Final

from deploy.local.processes import Child
from faults.draws import Fault, draw_faults
from faults.failpoints import VARIABLE
from faults.row import Row, Scene
from faults.services import SupervisedService

NUMBER: Final = 32
FAULTS: Final = 5


def create_drawn_row(seed: int, only: Sequence[int] | None = None) -> Row:
    faults = draw_faults(seed, FAULTS)
    chosen = [fault for place, fault in enumerate(faults) if only is None or place in only]
    return Row(
        (NUMBER,), f"drawn from seed {seed}: {', '.join(map(str, chosen))}", partial(_play_faults, faults=chosen)
    )


async def _play_faults(scene: Scene, faults: Sequence[Fault]) -> None:
    locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
    async with asyncio.TaskGroup() as under_way:
        for fault in faults:
            await scene.wait(fault.wait)
            under_way.create_task(_inject(scene, fault, locks[_get_lock_key(fault.whom)]))
    await scene.wait(1)


def _get_lock_key(whom: str) -> str:
    # Not faulty twice at once: a service, or all servers of a kind.
    return whom.split(maxsplit=1)[0].rstrip("s") if whom.startswith(("broker", "mongod")) else whom


async def _inject(scene: Scene, fault: Fault, lock: asyncio.Lock) -> None:
    async with lock:
        if fault.whom in scene.stage.services:
            await _inject_into_service(scene, fault, scene.stage.services[fault.whom])
        else:
            await _inject_into_servers(scene, fault, _select_servers(scene, fault.whom))


async def _inject_into_service(scene: Scene, fault: Fault, service: SupervisedService) -> None:
    match fault.kind:
        case "stall":
            async with service.suspend():
                await scene.wait(fault.seconds)
        case "join":
            await asyncio.to_thread(scene.stage.outside.join_and_leave, fault.whom, fault.seconds)
        case _:
            service.configure_next_start({VARIABLE: fault.where} if fault.where else {})
            await service.kill()


async def _inject_into_servers(scene: Scene, fault: Fault, nodes: Sequence[Child]) -> None:
    for node in nodes:
        await asyncio.to_thread(node.suspend if fault.kind == "stall" else node.kill)
    await scene.wait(fault.seconds)
    if fault.kind == "stall":
        for node in nodes:
            node.resume()
    else:
        await scene.stage.start(nodes)


def _select_servers(scene: Scene, whom: str) -> Sequence[Child]:
    nodes = scene.stage.kafka.nodes if whom.startswith("broker") else scene.stage.mongo.nodes
    kind, _, number = whom.partition(" ")
    return [nodes[int(number) - 1]] if kind and number else nodes
