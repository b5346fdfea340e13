"""One-time reading of topics, from their beginning to their present end, without a group."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Sequence
from typing import Final

from shared.eventlog.port import EventLog, LogUnavailable, Record

POLL_SECONDS: Final = 0.5
MAX_RECORDS: Final = 1_000


async def read_to_end(log: EventLog, topics: Sequence[str], *, quiet_seconds: float = 10.0) -> AsyncIterator[Record]:
    """The records of one key are in order. Raises LogUnavailable, also if none comes for ``quiet_seconds``."""
    reader = await log.read(topics)
    try:
        ends = await reader.get_ends()
        last = time.monotonic()
        while any(reader.positions[partition] < end for partition, end in ends.items()):
            for batch in (await reader.poll(timeout=POLL_SECONDS, max_records=MAX_RECORDS)).values():
                for record in batch:
                    yield record
                last = time.monotonic()
            if time.monotonic() - last > quiet_seconds:
                raise LogUnavailable(f"nothing came for {quiet_seconds:g} s")
    finally:
        await reader.close()
