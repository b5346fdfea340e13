"""The readers of the fault matrix see all of a feed, whatever it takes to read it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
import uvicorn
from msgspec import structs

from deploy.local.ports import LOOPBACK
from faults.client import RecordingClient
from faults.history import History
from faults.workload.month import EventMonth
from faults.workload.readers import Reader
from services.distribution.feeds.front import FeedFront
from tests.services.distribution.builders import make_message
from tests.services.distribution.serving import Served, serve

WINDOW = EventMonth(7)
MANY = [
    make_message(
        f"e{number:03}",
        changed_at=f"2026-11-02T10:{number // 60:02}:{number % 60:02}Z",
        dates={"certainty": "exact", "start": WINDOW.days[0], "end": WINDOW.days[0]},
    )
    for number in range(410)
]


@asynccontextmanager
async def address_of(front: FeedFront) -> AsyncIterator[str]:
    """Serve an application that runs already."""
    server = uvicorn.Server(uvicorn.Config(front, lifespan="off", log_config=None))
    with socket.create_server((LOOPBACK, 0)) as listening:
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        yield f"http://{LOOPBACK}:{listening.getsockname()[1]}"
        server.should_exit = True
        await serving


@pytest.mark.parametrize(("extension", "seen"), [("ics", 410), ("json", 410), ("rss", 200)])
async def test_a_reader_sees_what_a_feed_has(extension: str, seen: int) -> None:
    history = History()
    async with (
        serve(*MANY) as served,
        address_of(served.front) as address,
        RecordingClient("distribution", address, history) as asker,
    ):
        feed = await Reader(extension, asker, history, WINDOW).poll_once()

    assert (len(feed or {}), [poll.status for poll in history.polls]) == (seen, [200])
    assert {len(shown) for shown in (feed or {}).values()} == {1}


class Bursting(RecordingClient):
    """Before its third request as many events change as a first page holds twice, the oldest of all first."""

    served: Served
    asked = 0

    async def request(self, method: str, path: str, **told: Any) -> httpx.Response | None:  # noqa: ANN401 - as it is told
        self.asked += 1
        if self.asked == 3:
            await self.served.say(
                *(
                    structs.replace(each, revision=2, changed_at=f"2026-11-03T10:{place // 60:02}:{place % 60:02}Z")
                    for place, each in enumerate(MANY)
                )
            )
            await self.served.until(f"/feeds/programme.json?{urlencode(WINDOW.filters)}", '"revision":2')
        return await super().request(method, path, **told)


async def test_a_reader_sees_what_moved_to_the_front_while_it_read_on() -> None:
    history = History()
    async with (
        serve(*MANY) as served,
        address_of(served.front) as address,
        Bursting("distribution", address, history) as asker,
    ):
        asker.served = served
        feed = await Reader("json", asker, history, WINDOW).poll_once()

    assert len(feed or {}) == 410
