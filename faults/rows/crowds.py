"""Overload: the same submission many times at once, and more submissions than people send."""

from __future__ import annotations

import asyncio
from collections import Counter
from itertools import count
from typing import Final

from faults.client import RecordingClient, is_settled, wait_retry_after
from faults.history import EventText
from faults.load import read_clock
from faults.row import RowFailed, Scene, register
from faults.workload.month import EventMonth
from faults.workload.organisations import SUBMISSIONS, Organisation

KEYS, MOST_COPIES = 20, 50
CONCURRENT: Final = 150
CROWD_SECONDS: Final = 10.0
# Its own month, so that no curator sees it.
CROWD_WINDOW: Final = 700
ARRIVED_SECONDS: Final = 120.0


@register(10, what="the same submission sent 2 to 50 times at once, and again after a crash")
async def repeat_submissions(scene: Scene) -> None:
    copies = 0
    for number in range(KEYS * (5 if scene.long else 1)):
        organisation = scene.random.choice(scene.load.organisations)
        several = scene.random.randint(2, MOST_COPIES)
        copies += several
        crash = number % 4 == 0
        await _send_many(scene, organisation, several, crash=crash)
    scene.add_note(f"{copies} copies of {number + 1} submissions")


async def _send_many(scene: Scene, organisation: Organisation, several: int, *, crash: bool) -> None:
    content = EventText(organisation.next_token(), 1)
    act = scene.load.history.begin("send", content, f"many-{content.token}", read_clock())
    body = scene.load.window.make_event(content)

    async def one() -> tuple[str, int]:
        while True:
            headers = {"Idempotency-Key": act.key}
            answer = await organisation.asker.request("POST", SUBMISSIONS, json=body, headers=headers)
            if answer is not None and is_settled(answer):
                found = answer.json()
                return str(found.get("id")), int(found.get("version", 0))
            await wait_retry_after(answer)

    asking = [asyncio.create_task(one()) for _ in range(several)]
    if crash:
        await scene.wait(scene.random.uniform(0, 0.05))
        await scene.stage.services["ingest"].kill()
    answers = Counter(await asyncio.gather(*asking, one()))
    if len(answers) > 1:
        scene.load.history.contradictions.append(f"{act.key} was answered as {dict(answers)}")
    (event_id, version), _count = answers.most_common(1)[0]
    act.end("ok", read_clock(), event_id=event_id, version=version)


@register(26, what="a crowd: 150 submissions at a time for 10 s, beside everybody else")
async def send_crowd(scene: Scene) -> None:
    window = EventMonth(CROWD_WINDOW)
    seconds: list[float] = []
    statuses: Counter[int | None] = Counter()
    kept: dict[str, str] = {}
    askers, numbers = scene.load.organisations, count(1)
    end = read_clock() + CROWD_SECONDS * (3 if scene.long else 1)

    async def one(organisation: Organisation) -> None:
        while read_clock() < end:
            content = EventText(window.name_token(next(numbers)), 1)
            body, began = window.make_event(content), read_clock()
            answer = await organisation.asker.request("POST", SUBMISSIONS, json=body)
            statuses[answer.status_code if answer is not None else None] += 1
            if answer is not None and answer.is_success:
                seconds.append(read_clock() - began)
                kept[answer.json()["id"]] = content.token

    await asyncio.gather(*(one(askers[number % len(askers)]) for number in range(CONCURRENT)))
    seconds.sort()
    refused = sum(count for status, count in statuses.items() if status in {429, 503})
    scene.add_note(f"{len(kept)} taken, p99 {seconds[int(0.99 * (len(seconds) - 1))]:.2f} s, {refused} × 503 or 429")
    await _wait_for_arrival(scene, kept, window)


async def _wait_for_arrival(scene: Scene, kept: dict[str, str], window: EventMonth) -> None:
    """Raises RowFailed if calendar lacks something that was acknowledged, or has it twice."""
    curator, began = scene.load.curators[0].asker, read_clock()
    while True:
        ids = await _list_ids(curator, window)
        missing = kept.keys() - set(ids)
        if not missing:
            break
        if read_clock() - began > ARRIVED_SECONDS:
            raise RowFailed(f"{len(missing)} of {len(kept)} that were taken never reached calendar")
        await scene.wait(1)
    scene.add_note(f"all with calendar after {read_clock() - began:.0f} s more")
    if len(ids) != len(set(ids)) or len(set(ids)) > len(kept):
        raise RowFailed(f"{len(kept)} were taken, calendar has {len(ids)}")


async def _list_ids(curator: RecordingClient, window: EventMonth) -> list[str]:
    ids: list[str] = []
    params: dict[str, str | int] = {"year": window.year, "limit": 200}
    while True:
        answer = await curator.request("GET", "/calendar/api/v1/reviews", params=params)
        if answer is None or not answer.is_success:
            await asyncio.sleep(0.5)
            continue
        page = answer.json()
        ids += [each["id"] for each in page["items"]]
        if page["next"] is None:
            return ids
        params["cursor"] = page["next"]
