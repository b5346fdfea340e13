"""Kafka brokers that are killed, restarted, all gone, or that refuse a record."""

from __future__ import annotations

import asyncio
from typing import Final

from faults.controller import controller
from faults.history import Content
from faults.load import moment
from faults.people.organisations import SUBMISSIONS
from faults.row import Scene, row

OUTAGE, LONG_OUTAGE = 25.0, 600.0
SMALL_BATCH: Final = 20_000
DESCRIPTION: Final = 9_900


@row(9, what="all brokers killed for 25 s (long: 10 min)")
async def kill_all_brokers(scene: Scene) -> None:
    for curator in scene.load.curators:
        curator.resting = True  # so that something waits for a decision when the brokers are gone
    await scene.passes(3)
    began = moment()
    for node in scene.stage.kafka.nodes:
        await asyncio.to_thread(node.kill)
    await scene.passes(1.5)
    for curator in scene.load.curators:
        curator.resting = False
    peak = 0
    while moment() - began < (LONG_OUTAGE if scene.long else OUTAGE):
        await scene.passes(2)
        unsent = await asyncio.to_thread(scene.stage.outside.unsent)
        peak = max(peak, unsent if isinstance(unsent, int) else 0)
    sent, accepted = (scene.load.history.done_between(kind, began + 1, moment()) for kind in ("send", "accept"))
    await scene.stage.start(scene.stage.kafka.nodes)
    scene.note(f"meanwhile {sent} submissions and {accepted} acceptances taken, {peak} documents waiting")
    scene.require(sent and accepted, "nothing was taken while the log was away")


@row(11, what="the broker that is the controller, and a leader, killed (SIGKILL), and back")
async def kill_controller(scene: Scene) -> None:
    kafka = scene.stage.kafka
    for _ in range(5 if scene.long else 1):
        node = kafka.nodes[controller(kafka.ports[0].clients) - 1]
        node.kill()
        await scene.passes(10)
        await scene.stage.start([node])
        await scene.passes(4)


async def refuse_record(scene: Scene) -> None:
    """Send in what the brokers refuse for its size (error 10) and take later (row 13)."""
    outside, load = scene.stage.outside, scene.load
    await asyncio.to_thread(outside.set_topic, "submissions.v1", "max.message.bytes", str(SMALL_BATCH))
    organisation = load.organisations[0]
    content = Content(organisation.next_token(), 1)
    large = load.window.event(content) | {"description": dict.fromkeys(("pl", "en", "de"), "a b c d e " * 990)}
    act = load.history.begin("send", content, f"large-{content.token}", moment())
    answer = await organisation.asker.ask("POST", SUBMISSIONS, json=large, headers={"Idempotency-Key": act.key})
    scene.require(answer is not None and answer.is_success, f"the large submission was answered {answer}")
    found = answer.json() if answer is not None else {}
    act.end("ok", moment(), event_id=found["id"], version=found["version"])
    began, kept_before = moment(), await asyncio.to_thread(outside.size, "submissions.v1")
    await scene.passes(10)
    others = await asyncio.to_thread(outside.size, "submissions.v1") - kept_before
    waiting = await asyncio.to_thread(outside.waits, "ingest", found["id"])
    others_sent = load.history.done_between("send", began, moment())
    await asyncio.to_thread(outside.set_topic, "submissions.v1", "max.message.bytes", "1048588")
    scene.require(waiting, "the large letter was not refused")
    scene.require(others, "nothing else passed meanwhile")
    scene.note(f"{others_sent} others sent in and {others} letters kept beside the refused one")


@row(14, what="brokers restarted one after the other (SIGTERM)")
async def restart_brokers(scene: Scene) -> None:
    for node in scene.stage.kafka.nodes:
        await asyncio.to_thread(node.stop)
        await scene.stage.start([node])
        await scene.passes(2)
