"""The whole application on an event log in memory, asked over HTTP without a network."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
from uuid_utils import uuid7

from services.distribution.app import Settings, create_app
from services.distribution.feeds.front import FeedFront
from services.distribution.replica.replica import ReplicaSettings
from shared.eventlog.envelope import wrap
from shared.eventlog.port import Outgoing
from shared.messages import EventPublished, EventWithdrawn
from tests.services.distribution.builders import ADDRESS, PACK
from tests.support.fakes import FakeEventLog


class Served:
    """The application while it runs, its log, and a client; ``client`` takes no gzip unless asked to."""

    def __init__(self, front: FeedFront, log: FakeEventLog, client: httpx.AsyncClient) -> None:
        self.front, self.log, self.client = front, log, client

    async def say(self, *messages: EventPublished | EventWithdrawn) -> None:
        """Put messages on the log."""
        for message in messages:
            envelope = wrap(message, id=str(uuid7()), source="/calendar", time="2026-11-21T10:00:00Z")
            await self.log.send(
                Outgoing(envelope.topic, envelope.key.encode(), envelope.data, envelope.build_headers())
            )

    async def ready(self) -> None:
        """Wait until the whole programme is read."""
        async with asyncio.timeout(60):
            while (await self.client.get("/readyz")).status_code != httpx.codes.OK:  # noqa: ASYNC110 - seen from outside
                await asyncio.sleep(0.01)

    async def until(self, path: str, text: str) -> httpx.Response:
        """Wait until an answer holds a text."""
        async with asyncio.timeout(60):
            while text not in (answer := await self.client.get(path)).text:  # noqa: ASYNC110 - seen from outside
                await asyncio.sleep(0.01)
        return answer


@asynccontextmanager
async def serve(
    *messages: EventPublished | EventWithdrawn,
    log: FakeEventLog | None = None,
    data: Path | None = None,
    pack: Path = PACK,
    replica_settings: ReplicaSettings | None = None,
    now: Callable[[], float] = time.time,
    changed: Mapping[str, str] | None = None,
) -> AsyncIterator[Served]:
    """Run the application on a log that holds these messages, read to its end; ``data`` is where it keeps snapshots.

    ``changed`` are further settings.
    """
    with TemporaryDirectory() as empty:
        settings = Settings(public_url=ADDRESS, region=pack, data_dir=data or Path(empty)).model_copy(
            update=changed or {}
        )
        used = log or FakeEventLog()
        async with _served(
            create_app(settings, log=used, replica_settings=replica_settings, now=now), used, messages
        ) as served:
            yield served


@asynccontextmanager
async def _served(
    front: FeedFront, used: FakeEventLog, messages: Sequence[EventPublished | EventWithdrawn]
) -> AsyncIterator[Served]:
    transport = httpx.ASGITransport(front)
    async with httpx.AsyncClient(
        transport=transport, base_url=ADDRESS, headers={"accept-encoding": "identity"}
    ) as client:
        served = Served(front, used, client)
        await served.say(*messages)
        async with front.fastapi.router.lifespan_context(front.fastapi):
            if not used.away:
                await served.ready()
            yield served


def header_names(answer: httpx.Response) -> Sequence[str]:
    """Give the names of an answer's headers."""
    return sorted(answer.headers)
