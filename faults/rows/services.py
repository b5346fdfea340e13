"""Services that are killed."""

from __future__ import annotations

from faults.row import Scene, row

KILLS, MANY_KILLS = 10, 200


@row(1, "ingest is killed (SIGKILL) at random moments")
async def kill_ingest(scene: Scene) -> None:
    ingest = scene.stage.services["ingest"]
    kills = MANY_KILLS if scene.long else KILLS
    for _ in range(kills):
        await scene.passes(scene.random.uniform(0.0, 1.5))
        await ingest.kill()
        await ingest.ready()
    scene.note(f"{kills} kills")
