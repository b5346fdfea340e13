"""Public workflow: events are submitted as organisations, arrive in calendar, and are accepted."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from itertools import cycle
from typing import Any, NamedTuple

import msgspec

from bench.client import Connection, Request, Response, open_connection
from bench.events import make_event
from bench.keys import build_bearer_header
from bench.load import MeasurementFailed
from bench.system import BenchSystem
from shared.region import Region

OK, CREATED = 200, 201
SENDERS = 16
DECISIONS_AT_ONCE = 100
LOOK_AGAIN_SECONDS = 0.2
GIVE_UP_SECONDS = 300.0


class WaitingEntry(NamedTuple):
    id: str
    review_number: int


async def submit_events(made: BenchSystem, region: Region, numbers: Sequence[int], keys: Sequence[str]) -> None:
    """As the holders of the keys in turn; raises NoFigure if one is refused."""
    url = f"{made.ingest}/ingest/api/v1/submissions"
    asked = (
        Request(
            url,
            "POST",
            {**build_bearer_header(key), **JSON},
            (msgspec.json.encode(make_event(number, region)).decode(),),
        )
        for number, key in zip(numbers, cycle(keys), strict=False)
    )
    await asyncio.gather(*(_send(url, asked) for _ in range(SENDERS)))


async def await_arrival(made: BenchSystem, count: int) -> list[WaitingEntry]:
    """Wait until so many entries wait for a decision and calendar has nothing left to read. Raises TimeoutError."""

    async def arrived() -> bool:
        try:
            lag = await read_metric(made.calendar, "kal_consumer_lag_records")
        except MeasurementFailed:  # it has been given no partitions yet
            return False
        return not lag and len(await _list_waiting(made)) >= count

    await _wait_until(arrived)
    return await _list_waiting(made)


async def accept_all(made: BenchSystem, waiting: Sequence[WaitingEntry]) -> None:
    """Wait until all of them are public. Raises NoFigure if a decision is refused, TimeoutError."""
    url = f"{made.calendar}/calendar/api/v1/reviews/decisions"
    already = await read_metric(made.distribution, "kal_programme_events")
    async with open_connection(url) as connection:
        for start in range(0, len(waiting), DECISIONS_AT_ONCE):
            chosen = waiting[start : start + DECISIONS_AT_ONCE]
            body = msgspec.json.encode({"decisions": [{**each._asdict(), "decision": "accept"} for each in chosen]})
            answer = await _request_json(connection, Request(url, "POST", {**made.curator, **JSON}, (body.decode(),)))
            if refused := [each for each in answer["items"] if each["status"] != OK]:
                raise MeasurementFailed(f"{len(refused)} decisions were refused, the first: {refused[0]}")

    async def public() -> bool:
        return await read_metric(made.distribution, "kal_programme_events") >= already + len(waiting)

    await _wait_until(public)


async def read_metric(address: str, name: str) -> float:
    """Summed over its labels; raises NoFigure if there is no such metric."""
    url = f"{address}/metrics"
    async with open_connection(url) as connection:
        said = (await connection.ask(Request(url).encode()[0])).body.decode()
    values = re.findall(rf"^{name}(?:\{{[^}}]*\}})? (\S+)$", said, re.MULTILINE)
    if not values:
        raise MeasurementFailed(f"{url} has no {name}")
    return sum(map(float, values))


def require(answer: Response, *statuses: int) -> None:
    """Raises NoFigure."""
    if answer.status not in statuses:
        raise MeasurementFailed(f"The answer is {answer.status}: {answer.body[:300].decode(errors='replace')}")


JSON: Mapping[str, str] = {"Content-Type": "application/json"}


async def _wait_until(holds: Callable[[], Awaitable[bool]]) -> None:
    deadline = time.monotonic() + GIVE_UP_SECONDS
    while not await holds():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {GIVE_UP_SECONDS:.0f} s in vain")
        await asyncio.sleep(LOOK_AGAIN_SECONDS)


async def _send(url: str, asked: Iterator[Request]) -> None:
    async with open_connection(url) as connection:
        for request in asked:
            require(await connection.ask(request.encode()[0]), CREATED)


async def _list_waiting(made: BenchSystem) -> list[WaitingEntry]:
    return [WaitingEntry(item["id"], item["review_number"]) async for item in _list_reviews(made)]


async def _list_reviews(made: BenchSystem) -> AsyncIterator[dict[str, Any]]:
    url = f"{made.calendar}/calendar/api/v1/reviews?state=waiting&limit=200"
    cursor: str | None = ""
    async with open_connection(url) as connection:
        while cursor is not None:
            page = await _request_json(
                connection, Request(url + (f"&cursor={cursor}" if cursor else ""), headers=made.curator)
            )
            for item in page["items"]:
                yield item
            cursor = page["next"]


async def _request_json(connection: Connection, request: Request) -> dict[str, Any]:
    answer = await connection.ask(request.encode()[0])
    require(answer, OK)
    found: dict[str, Any] = msgspec.json.decode(answer.body)
    return found
