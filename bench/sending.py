"""The public way: events are sent in as organisations, arrive at the curator, and are accepted."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from itertools import cycle
from typing import Any, NamedTuple

import msgspec

from bench.client import Answer, Connection, Request, connected
from bench.events import event
from bench.keys import bearer
from bench.load import NoFigure
from bench.stage import Stage
from shared.region import Region

OK, CREATED = 200, 201
SENDERS = 16
DECISIONS_AT_ONCE = 100
LOOK_AGAIN_SECONDS = 0.2
GIVE_UP_SECONDS = 300.0


class Waiting(NamedTuple):
    """An entry that waits for a decision, as the curator sees it."""

    id: str
    review_number: int


async def send_in(made: Stage, region: Region, numbers: Sequence[int], keys: Sequence[str]) -> None:
    """Send events in, as the holders of the keys in turn.

    Raises:
        NoFigure: if one is refused.

    """
    url = f"{made.ingest}/ingest/api/v1/submissions"
    asked = (
        Request(url, "POST", {**bearer(key), **JSON}, (msgspec.json.encode(event(number, region)).decode(),))
        for number, key in zip(numbers, cycle(keys), strict=False)
    )
    await asyncio.gather(*(_send(url, asked) for _ in range(SENDERS)))


async def await_arrival(made: Stage, count: int) -> list[Waiting]:
    """Wait until so many entries wait for a decision and the calendar has nothing left to read.

    Raises:
        TimeoutError: if that does not come about.

    """

    async def arrived() -> bool:
        try:
            lag = await metric(made.calendar, "kal_consumer_lag_records")
        except NoFigure:  # it has been given no partitions yet
            return False
        return not lag and len(await _waiting(made)) >= count

    await _until(arrived)
    return await _waiting(made)


async def accept_all(made: Stage, waiting: Sequence[Waiting]) -> None:
    """Accept entries, many at once, and wait until all of them are public.

    Raises:
        NoFigure: if a decision is refused.
        TimeoutError: if they do not become public.

    """
    url = f"{made.calendar}/calendar/api/v1/reviews/decisions"
    already = await metric(made.distribution, "kal_programme_events")
    async with connected(url) as connection:
        for start in range(0, len(waiting), DECISIONS_AT_ONCE):
            chosen = waiting[start : start + DECISIONS_AT_ONCE]
            body = msgspec.json.encode({"decisions": [{**each._asdict(), "decision": "accept"} for each in chosen]})
            answer = await _json(connection, Request(url, "POST", {**made.curator, **JSON}, (body.decode(),)))
            if refused := [each for each in answer["items"] if each["status"] != OK]:
                raise NoFigure(f"{len(refused)} decisions were refused, the first: {refused[0]}")

    async def public() -> bool:
        return await metric(made.distribution, "kal_programme_events") >= already + len(waiting)

    await _until(public)


async def metric(address: str, name: str) -> float:
    """Ask a service for one of its numbers, summed over its labels.

    Raises:
        NoFigure: if it has no such number.

    """
    url = f"{address}/metrics"
    async with connected(url) as connection:
        said = (await connection.ask(Request(url).raw()[0])).body.decode()
    values = re.findall(rf"^{name}(?:\{{[^}}]*\}})? (\S+)$", said, re.MULTILINE)
    if not values:
        raise NoFigure(f"{url} has no {name}")
    return sum(map(float, values))


def require(answer: Answer, *statuses: int) -> None:
    """Insist on one of these statuses.

    Raises:
        NoFigure: if the answer has another.

    """
    if answer.status not in statuses:
        raise NoFigure(f"The answer is {answer.status}: {answer.body[:300].decode(errors='replace')}")


JSON: Mapping[str, str] = {"Content-Type": "application/json"}


async def _until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Ask again and again until something holds."""
    deadline = time.monotonic() + GIVE_UP_SECONDS
    while not await holds():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {GIVE_UP_SECONDS:.0f} s in vain")
        await asyncio.sleep(LOOK_AGAIN_SECONDS)


async def _send(url: str, asked: Iterator[Request]) -> None:
    async with connected(url) as connection:
        for request in asked:
            require(await connection.ask(request.raw()[0]), CREATED)


async def _waiting(made: Stage) -> list[Waiting]:
    return [Waiting(item["id"], item["review_number"]) async for item in _reviews(made)]


async def _reviews(made: Stage) -> AsyncIterator[dict[str, Any]]:
    url = f"{made.calendar}/calendar/api/v1/reviews?state=waiting&limit=200"
    cursor: str | None = ""
    async with connected(url) as connection:
        while cursor is not None:
            page = await _json(connection, Request(url + (f"&cursor={cursor}" if cursor else ""), headers=made.curator))
            for item in page["items"]:
                yield item
            cursor = page["next"]


async def _json(connection: Connection, request: Request) -> dict[str, Any]:
    answer = await connection.ask(request.raw()[0])
    require(answer, OK)
    found: dict[str, Any] = msgspec.json.decode(answer.body)
    return found
