"""Topics of a test's own, and taking records from them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import uuid4

from shared.eventlog.port import EventLog, Partition, PollResult, Reader, Record, Subscription
from shared.eventlog.topics import COMPACT, Topic

PATIENCE = 30.0


def new_topic(**settings: str) -> Topic:
    """A topic that no other test has."""
    return Topic(f"contract-{uuid4().hex[:12]}.v1", "any", (), "anybody", (), settings or COMPACT)


async def joined(subscription: Subscription) -> None:
    """Wait until the group has given out its partitions; nothing is taken on the way."""
    async with asyncio.timeout(PATIENCE):
        while subscription.joining:
            polled = await subscription.poll(timeout=0.05, max_records=1)
            for partition, records in polled.batches.items():
                subscription.seek(partition, records[0].offset)


async def take(source: Subscription | Reader, count: int) -> list[Record]:
    """Take records until there are as many as wanted."""
    records: list[Record] = []
    async with asyncio.timeout(PATIENCE):
        while len(records) < count:
            polled = await source.poll(timeout=0.5, max_records=100)
            batches = polled.batches if isinstance(polled, PollResult) else polled
            for batch in batches.values():
                records += batch
    return records


async def nothing_comes(source: Subscription | Reader, seconds: float = 0.4) -> bool:
    """Whether a poll gives nothing."""
    polled = await source.poll(timeout=seconds, max_records=100)
    return not (polled.batches if isinstance(polled, PollResult) else polled)


def after(records: Sequence[Record]) -> dict[Partition, int]:
    """The offsets to commit once these records are done."""
    return {record.partition: record.offset + 1 for record in records}


@asynccontextmanager
async def member(event_log: EventLog, topics: Sequence[str], group: str) -> AsyncIterator[Subscription]:
    """A member of a group that has joined, and leaves in the end."""
    subscription = await event_log.subscribe(topics, group)
    try:
        await joined(subscription)
        yield subscription
    finally:
        await subscription.close()
