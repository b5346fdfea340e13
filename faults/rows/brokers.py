"""Kafka brokers: killed, restarted, all down, or refusing a record."""

from __future__ import annotations

import asyncio
from typing import Final

from faults.controller import find_controller
from faults.history import EventText
from faults.load import read_clock
from faults.row import Scene, register
from faults.workload.organisations import SUBMISSIONS

OUTAGE, LONG_OUTAGE = 25.0, 600.0
SMALL_BATCH: Final = 20_000
DESCRIPTION: Final = 9_900


@register(9, what="all brokers killed for 25 s (long: 10 min)")
async def kill_all_brokers(scene: Scene) -> None:
    for curator in scene.load.curators:
        curator.resting = True  # so that something waits for a decision when the brokers are gone
    await scene.wait(3)
    began = read_clock()
    for node in scene.stage.kafka.nodes:
        await asyncio.to_thread(node.kill)
    await scene.wait(1.5)
    for curator in scene.load.curators:
        curator.resting = False
    peak = 0
    while read_clock() - began < (LONG_OUTAGE if scene.long else OUTAGE):
        await scene.wait(2)
        unsent = await asyncio.to_thread(scene.stage.outside.count_unsent)
        peak = max(peak, unsent if isinstance(unsent, int) else 0)
    sent, accepted = (scene.load.history.count_done(kind, began + 1, read_clock()) for kind in ("send", "accept"))
    await scene.stage.start(scene.stage.kafka.nodes)
    scene.add_note(f"meanwhile {sent} submissions and {accepted} acceptances taken, {peak} documents waiting")
    scene.require(sent and accepted, "nothing was taken while the log was away")


@register(11, what="the broker that is the controller, and a leader, killed (SIGKILL), and back")
async def kill_controller(scene: Scene) -> None:
    kafka = scene.stage.kafka
    for _ in range(5 if scene.long else 1):
        node = kafka.nodes[find_controller(kafka.ports[0].clients) - 1]
        node.kill()
        await scene.wait(10)
        await scene.stage.start([node])
        await scene.wait(4)


async def refuse_record(scene: Scene) -> None:
    """Row 13: the brokers refuse a record for its size (error 10), and accept it later."""
    outside, load = scene.stage.outside, scene.load
    await asyncio.to_thread(outside.set_topic, "submissions.v1", "max.message.bytes", str(SMALL_BATCH))
    organisation = load.organisations[0]
    content = EventText(organisation.next_token(), 1)
    large = load.window.make_event(content) | {"description": dict.fromkeys(("pl", "en", "de"), "a b c d e " * 990)}
    act = load.history.begin("send", content, f"large-{content.token}", read_clock())
    answer = await organisation.asker.request("POST", SUBMISSIONS, json=large, headers={"Idempotency-Key": act.key})
    scene.require(answer is not None and answer.is_success, f"the large submission was answered {answer}")
    found = answer.json() if answer is not None else {}
    act.end("ok", read_clock(), event_id=found["id"], version=found["version"])
    began, kept_before = read_clock(), await asyncio.to_thread(outside.count_records, "submissions.v1")
    await scene.wait(10)
    others = await asyncio.to_thread(outside.count_records, "submissions.v1") - kept_before
    waiting = await asyncio.to_thread(outside.has_pending, "ingest", found["id"])
    others_sent = load.history.count_done("send", began, read_clock())
    await asyncio.to_thread(outside.set_topic, "submissions.v1", "max.message.bytes", "1048588")
    scene.require(waiting, "the large message was not refused")
    scene.require(others, "nothing else passed meanwhile")
    scene.add_note(f"{others_sent} others submitted and {others} messages sent next to the refused one")


@register(14, what="brokers restarted one after the other (SIGTERM)")
async def restart_brokers(scene: Scene) -> None:
    for node in scene.stage.kafka.nodes:
        await asyncio.to_thread(node.stop)
        await scene.stage.start([node])
        await scene.wait(2)
