"""Too many at once: the same submission many times over, and many submissions more than people send."""

from __future__ import annotations

import asyncio
from collections import Counter
from itertools import count
from typing import Final

from faults.asking import Asker, surely_answered, wait_as_told
from faults.history import Content
from faults.load import moment
from faults.people.organisations import SUBMISSIONS, Organisation
from faults.people.window import Window
from faults.row import RowFailed, Scene, row

KEYS, MOST_COPIES = 20, 50
TOGETHER: Final = 150
CROWD_SECONDS: Final = 10.0
CROWD_WINDOW: Final = 700
"""A time of its own, so that no curator sees it."""
ARRIVED_SECONDS: Final = 120.0


@row(10, what="the same submission sent 2 to 50 times at once, and again after a crash")
async def repeat_submissions(scene: Scene) -> None:
    copies = 0
    for number in range(KEYS * (5 if scene.long else 1)):
        organisation = scene.random.choice(scene.load.organisations)
        several = scene.random.randint(2, MOST_COPIES)
        copies += several
        crash = number % 4 == 0
        await _send_many(scene, organisation, several, crash=crash)
    scene.note(f"{copies} copies of {number + 1} submissions")


async def _send_many(scene: Scene, organisation: Organisation, several: int, *, crash: bool) -> None:
    content = Content(organisation.next_token(), 1)
    act = scene.load.history.begin("send", content, f"many-{content.token}", moment())
    body = scene.load.window.event(content)

    async def one() -> tuple[str, int]:
        while True:
            headers = {"Idempotency-Key": act.key}
            answer = await organisation.asker.ask("POST", SUBMISSIONS, json=body, headers=headers)
            if answer is not None and surely_answered(answer):
                found = answer.json()
                return str(found.get("id")), int(found.get("version", 0))
            await wait_as_told(answer)

    asking = [asyncio.create_task(one()) for _ in range(several)]
    if crash:
        await scene.passes(scene.random.uniform(0, 0.05))
        await scene.stage.services["ingest"].kill()
    answers = Counter(await asyncio.gather(*asking, one()))
    if len(answers) > 1:
        scene.load.history.contradictions.append(f"{act.key} was answered as {dict(answers)}")
    (event_id, version), _count = answers.most_common(1)[0]
    act.end("ok", moment(), event_id=event_id, version=version)


@row(26, what="a crowd: 150 submissions at a time for 10 s, beside everybody else")
async def crowd(scene: Scene) -> None:
    window = Window(CROWD_WINDOW)
    seconds: list[float] = []
    statuses: Counter[int | None] = Counter()
    kept: dict[str, str] = {}
    askers, numbers = scene.load.organisations, count(1)
    end = moment() + CROWD_SECONDS * (3 if scene.long else 1)

    async def one(organisation: Organisation) -> None:
        while moment() < end:
            content = Content(window.token(next(numbers)), 1)
            body, began = window.event(content), moment()
            answer = await organisation.asker.ask("POST", SUBMISSIONS, json=body)
            statuses[answer.status_code if answer is not None else None] += 1
            if answer is not None and answer.is_success:
                seconds.append(moment() - began)
                kept[answer.json()["id"]] = content.token

    await asyncio.gather(*(one(askers[number % len(askers)]) for number in range(TOGETHER)))
    seconds.sort()
    refused = sum(count for status, count in statuses.items() if status in {429, 503})
    scene.note(f"{len(kept)} taken, p99 {seconds[int(0.99 * (len(seconds) - 1))]:.2f} s, {refused} × 503 or 429")
    await _all_arrived(scene, kept, window)


async def _all_arrived(scene: Scene, kept: dict[str, str], window: Window) -> None:
    """Wait until calendar knows everything that was taken.

    Raises:
        RowFailed: if it never does, or knows something twice.

    """
    curator, began = scene.load.curators[0].asker, moment()
    while True:
        ids = await _entries(curator, window)
        missing = kept.keys() - set(ids)
        if not missing:
            break
        if moment() - began > ARRIVED_SECONDS:
            raise RowFailed(f"{len(missing)} of {len(kept)} that were taken never reached calendar")
        await scene.passes(1)
    scene.note(f"all with calendar after {moment() - began:.0f} s more")
    if len(ids) != len(set(ids)) or len(set(ids)) > len(kept):
        raise RowFailed(f"{len(kept)} were taken, calendar has {len(ids)}")


async def _entries(curator: Asker, window: Window) -> list[str]:
    ids: list[str] = []
    params: dict[str, str | int] = {"year": window.year, "limit": 200}
    while True:
        answer = await curator.ask("GET", "/calendar/api/v1/reviews", params=params)
        if answer is None or not answer.is_success:
            await asyncio.sleep(0.5)
            continue
        page = answer.json()
        ids += [each["id"] for each in page["items"]]
        if page["next"] is None:
            return ids
        params["cursor"] = page["next"]
