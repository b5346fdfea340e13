"""A handler that fails as told, a consumer that uses it, and what it committed to a log in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from shared.eventlog.consumer.loop import Consumer, ConsumerSettings, Handler
from shared.eventlog.envelope import Envelope
from shared.eventlog.port import LogUnavailable, Partition
from shared.eventlog.topics import PROGRAMME, name_dead_letter_topic
from shared.messages import EventPublished, EventWithdrawn
from tests.shared.eventlog.builders import HASTY
from tests.support.fakes import FakeEventLog

GROUP = "calendar"
DEAD_LETTERS = name_dead_letter_topic(PROGRAMME.name, GROUP)


class StoreIsDown(Exception):
    """What a store raises when its database is away."""


class Desk:
    """A handler that notes what it handled, after failing as often as told."""

    def __init__(self) -> None:
        self.handled: list[tuple[str, int]] = []
        self.tried: list[tuple[str, int]] = []
        self.fails: Callable[[EventPublished | EventWithdrawn], Exception | None] = lambda _: None

    async def handle(self, message: EventPublished | EventWithdrawn, _: Envelope) -> None:
        self.tried.append((message.event_id, message.revision))
        await asyncio.sleep(0)
        if error := self.fails(message):
            raise error
        self.handled.append((message.event_id, message.revision))


def consumer(event_log: FakeEventLog, handle: Handler, settings: ConsumerSettings = HASTY) -> Consumer:
    return Consumer(
        event_log,
        group=GROUP,
        handlers={EventPublished: handle},
        is_transient=lambda error: isinstance(error, StoreIsDown | LogUnavailable),
        settings=settings,
    )


def committed(event_log: FakeEventLog) -> dict[Partition, int]:
    return {partition: offset for (group, partition), offset in event_log.offsets.items() if group == GROUP}


def ends(event_log: FakeEventLog) -> dict[Partition, int]:
    return {
        partition: len(records)
        for partition, records in event_log.records.items()
        if partition.topic == PROGRAMME.name and records
    }
