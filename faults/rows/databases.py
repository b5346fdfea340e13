"""MongoDB nodes that are killed, stalled, or gone."""

from __future__ import annotations

from faults.row import Scene, row


@row(5, "MongoDB's primary is killed (SIGKILL) and comes back")
async def kill_primary(scene: Scene) -> None:
    node = scene.stage.mongo.primary()
    node.kill()
    await scene.passes(8)
    await scene.stage.start([node])
    await scene.passes(2)
