"""Records that cannot be parsed, that kill their reader, and that are replayed."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from typing import Final

from faults.failpoints import RECORD_TAKEN, VARIABLE
from faults.history import EventText
from faults.load import read_clock
from faults.row import RowFailed, Scene, register
from faults.workload.organisations import OwnEvent
from shared.eventlog.topics import SUBMISSIONS, TOPICS

PARKED_SECONDS: Final = 120.0
# The first with all that was in flight, the others with this one alone.
DEATHS: Final = 3
OUR_KILLS: Final = 2
HEADERS: Final[dict[str, bytes | None]] = {
    "ce_specversion": b"1.0",
    "ce_id": b"poison",
    "ce_source": b"/somebody",
    "ce_type": b"pl.kalendarium.SubmissionReceived.v1",
    "content-type": b"application/json",
}
Poison = tuple[bytes | None, bytes | None, dict[str, bytes | None]]
POISON: Final[dict[str, Poison]] = {
    "truncated JSON": (b"p1", b'{"submission_id": "p1", "ver', HEADERS),
    "JSON of another shape": (b"p2", b'[{"submission_id": 3}]', HEADERS),
    "wrong UTF-8": (b"p3", b'{"submission_id": "\xff\xfe"}', HEADERS),
    "a key that is no text": (b"\xff\xfe", b"{}", HEADERS),
    "a header that is no text": (b"p4", b"{}", HEADERS | {"ce_type": b"\xff\xfe"}),
    "a header without a value": (b"p5", b"{}", HEADERS | {"ce_id": None}),
    "an unknown version": (b"p6", b"{}", HEADERS | {"ce_type": b"pl.kalendarium.SubmissionReceived.v9"}),
    "another envelope": (b"p7", b"{}", HEADERS | {"ce_specversion": b"9.9"}),
    "no envelope": (b"p8", b"{}", {}),
    "no value": (b"p9", None, HEADERS),
    "half a megabyte": (b"p10", b'{"submission_id": "' + b"x" * 500_000 + b'"}', HEADERS),
    "100,000 brackets": (b"p11", b"[" * 100_000, HEADERS),
    "a number of 4,000 digits": (b"p12", b'{"version": ' + b"9" * 4_000 + b"}", HEADERS),
}


@register(18, what="records on every topic that nobody can read")
async def write_poison(scene: Scene) -> None:
    outside = scene.stage.outside
    before, began = await asyncio.to_thread(outside.count_dead_letters), read_clock()
    expected = 0
    for topic in TOPICS:
        for key, value, headers in POISON.values():
            await asyncio.to_thread(outside.write, topic.name, key, value, headers)
            expected += sum(reader != "distribution" for reader in topic.read_by)
    refused = await asyncio.to_thread(outside.write, SUBMISSIONS.name, None, b"{}", HEADERS)
    scene.require(refused, "a record without a key was taken by a compacted topic")
    while (parked := await asyncio.to_thread(outside.count_dead_letters) - before) < expected:
        scene.require(read_clock() - began < PARKED_SECONDS, f"{parked} of {expected} were parked")
        await scene.wait(0.5)
    scene.add_note(
        f"{len(POISON) * len(TOPICS)} injected, {parked} of {expected} parked after {read_clock() - began:.1f} s"
    )
    scene.add_note(f"without a key: {refused}")
    await scene.wait(2)


@register(19, 30, what="a record kills calendar whenever it is read; then it is sent again twice")
async def replay_deadly(scene: Scene) -> None:
    event, deaths = await _make_deadly(scene)
    scene.add_note(f"parked after {deaths} deaths")
    scene.require(deaths <= DEATHS, f"it was parked after {deaths} deaths")
    said = [await _replay(scene, event), await _replay(scene, event)]
    scene.add_note(" / ".join(said))
    scene.require(said[0].startswith("1 replayed") and said[1].startswith("0 replayed"), f"it was said: {said}")
    await _wait_for_arrival(scene, event)


async def _make_deadly(scene: Scene) -> tuple[OwnEvent, int]:
    """Submit something that kills calendar until it is dead-lettered; also how often calendar died."""
    calendar, outside = scene.stage.services["calendar"], scene.stage.outside
    parked, deaths = await asyncio.to_thread(outside.count_dead_letters), len(calendar.ended_with)
    calendar.stays_down = True
    await calendar.kill()
    event = await scene.load.organisations[0].send()
    if event is None:
        raise RowFailed("the submission was refused")
    event.ended = True  # left alone by its organisation: a later version would make up for this one
    calendar.always[VARIABLE] = f"{RECORD_TAKEN}={event.id}"
    calendar.stays_down = False
    began = read_clock()
    while await asyncio.to_thread(outside.count_dead_letters) == parked:
        scene.require(read_clock() - began < PARKED_SECONDS, "it was never parked")
        await scene.wait(0.3)
    calendar.always.clear()
    await calendar.kill()
    await calendar.wait_until_ready()
    return event, len(calendar.ended_with) - deaths - OUR_KILLS


async def _replay(scene: Scene, event: OwnEvent) -> str:
    """As an operator does; returns the output."""
    listed = await asyncio.to_thread(_run_dead_letters, scene, "list", "--replayed")
    places = [line.split()[0] for line in listed.splitlines() if line.endswith(f"key {event.id}")]
    scene.require(places, f"the operator does not see the record: {listed}")
    return await asyncio.to_thread(_run_dead_letters, scene, "replay", places[0])


def _run_dead_letters(scene: Scene, *command: str) -> str:
    environment = {**os.environ, **scene.stage.settings}
    words = [sys.executable, "-m", "services.cli", "dead-letters", *command]
    ended = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - our own
    return (ended.stdout or ended.stderr).strip()


async def _wait_for_arrival(scene: Scene, event: OwnEvent) -> None:
    # It may be decided by then.
    content = EventText(event.content.token, 1)
    began = read_clock()
    while not any(act.content == content and act.kind in {"accept", "reject"} for act in scene.load.history.acts):
        scene.require(read_clock() - began < PARKED_SECONDS, "what was sent again did not arrive")
        await scene.wait(0.3)
