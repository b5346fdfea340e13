"""Kafka brokers that are killed, restarted, or all gone."""

from __future__ import annotations

from faults.controller import controller
from faults.row import Scene, row


@row(11, "a broker (leader of partitions, and the controller) is killed (SIGKILL) and comes back")
async def kill_controller(scene: Scene) -> None:
    kafka = scene.stage.kafka
    node = kafka.nodes[controller(kafka.ports[0].clients) - 1]
    node.kill()
    await scene.passes(10)
    await scene.stage.start([node])
    await scene.passes(2)
