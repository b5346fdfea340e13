"""Stall detection of the consumer."""

from __future__ import annotations

import asyncio

import pytest

from shared.eventlog.consumer.loop import ConsumerSettings, ConsumerStalled
from shared.eventlog.envelope import Envelope
from shared.messages import EventPublished
from tests.shared.eventlog.builders import eventually, post, published, running
from tests.shared.eventlog.desk import GROUP, Desk, StoreIsDown, consumer
from tests.support.fakes import FakeEventLog

WATCHFUL = ConsumerSettings(poll_seconds=0.02, stalled_after_seconds=0.2, first_wait=0.01, longest_wait=0.05)


async def test_records_that_wait_while_none_arrives_end_the_consumer(event_log: FakeEventLog, desk: Desk) -> None:
    """A6: a fetch task that died in silence; the client still says that all is well."""
    event_log.silent = True
    await post(event_log, published("e1"))

    with pytest.raises(ConsumerStalled, match="1 records behind"):
        await asyncio.wait_for(consumer(event_log, desk.handle, WATCHFUL).run(asyncio.Event()), 10)

    assert event_log.members[GROUP] == []


async def test_a_handler_that_never_returns_ends_the_consumer(event_log: FakeEventLog, desk: Desk) -> None:
    """A6: the loop itself may be what hangs."""

    async def endless(_: EventPublished, __: Envelope) -> None:
        await asyncio.Event().wait()

    await post(event_log, published("e1"))

    with pytest.raises(ConsumerStalled, match="did not ask"):
        await asyncio.wait_for(consumer(event_log, endless, WATCHFUL).run(asyncio.Event()), 10)


async def test_an_outage_of_store_or_log_is_no_standstill(event_log: FakeEventLog, desk: Desk) -> None:
    desk.fails = lambda _: StoreIsDown() if len(desk.tried) < 10 else None
    await post(event_log, published("e1"))

    async with running(consumer(event_log, desk.handle, WATCHFUL)):
        await eventually(lambda: desk.handled)
        event_log.away = True
        await asyncio.sleep(1)
        event_log.away = False
        await post(event_log, published("e2"))
        await eventually(lambda: len(desk.handled) == 2)
