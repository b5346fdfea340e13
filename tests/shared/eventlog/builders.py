"""Envelopes, and consumers at work, as the tests of the event log need them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Protocol
from uuid import uuid4

from shared.eventlog.consumer.loop import ConsumerSettings
from shared.eventlog.envelope import Envelope, wrap
from shared.eventlog.port import RecordPosition, Sender
from shared.messages import EventPublished, EventWithdrawn, Organiser

TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
PATIENCE = 60.0  # a deadline for what will come; a busy machine may take long, and a test that passes does not wait

HASTY = ConsumerSettings(
    first_wait=0.01, longest_wait=0.05, unavailable_wait=0.2, poll_seconds=0.02, finish_seconds=1.0
)
"""Waits that a test can sit out."""


def published(event_id: str, revision: int = 1) -> EventPublished:
    return EventPublished(
        event_id=event_id,
        revision=revision,
        status="confirmed",
        organiser=Organiser(slug="zrot", name="ZROT"),
        external_id=None,
        published_at="2026-11-21T10:00:00Z",
        changed_at="2026-11-21T10:00:00Z",
        event={"title": {"pl": "Żagle"}},
    )


def withdrawn(event_id: str, revision: int = 2) -> EventWithdrawn:
    return EventWithdrawn(event_id=event_id, revision=revision, withdrawn_at="2026-11-21T10:00:00Z")


def envelope(
    message: EventPublished | EventWithdrawn, *, message_id: str | None = None, traceparent: str | None = None
) -> Envelope:
    """A message of the calendar in its envelope."""
    return wrap(
        message,
        id=message_id or str(uuid4()),
        source="/calendar",
        time="2026-11-21T10:00:00Z",
        traceparent=traceparent,
    )


async def post(event_log: Sender, message: EventPublished | EventWithdrawn) -> RecordPosition:
    """Send a message."""
    return await event_log.send(envelope(message).to_outgoing())


async def eventually(is_so: Callable[[], object], patience: float = PATIENCE) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(patience):
        while not is_so():  # noqa: ASYNC110 - what is waited for rings no bell
            await asyncio.sleep(0.005)


class Runs(Protocol):
    async def run(self, stop: asyncio.Event) -> None: ...


@asynccontextmanager
async def running(*workers: Runs) -> AsyncIterator[asyncio.Event]:
    """Run consumers, relays or replays, and stop them in the end as a service would."""
    stop = asyncio.Event()
    tasks: list[asyncio.Task[Any]] = [asyncio.create_task(worker.run(stop)) for worker in workers]
    try:
        yield stop
    finally:
        stop.set()
        await asyncio.gather(*tasks)
