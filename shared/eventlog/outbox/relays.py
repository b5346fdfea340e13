"""The relays of a service that has outboxes in several collections, as one background task with one set of metrics."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from shared.aio.cancellation import cancel_and_wait
from shared.eventlog.outbox.backlog import Backlog
from shared.eventlog.outbox.relay import Relay
from shared.observability.metrics import MetricDefinition, MetricReader


class Relays:
    """Runs all of them; the metrics have the names of a single relay's and count over all collections.

    Leases are one a relay, and replicas may hold different ones: the first relay's says which of them is working.
    """

    def __init__(self, *relays: Relay) -> None:
        self._relays = relays

    async def run(self, stop: asyncio.Event) -> None:
        """Send until ``stop`` is set; the first error ends them all. Raises TopicMismatch."""
        tasks = [asyncio.create_task(each.run(stop)) for each in self._relays]
        try:
            await asyncio.gather(*tasks)
        finally:
            await cancel_and_wait(*tasks)

    def metrics(self) -> Sequence[MetricDefinition]:
        readings: dict[str, MetricReader] = {
            "kal_outbox_unsent_messages": self._count_unsent,
            "kal_outbox_oldest_unsent_seconds": self._measure_oldest,
            "kal_relay_working": lambda: float(self._relays[0].working),
            "kal_relay_sent_total": lambda: sum(each.sent for each in self._relays),
        }
        return [replace(each, reading=readings[each.name]) for each in self._relays[0].metrics()]

    async def _count_unsent(self) -> float:
        return sum(each.count for each in await self._measure_backlogs())

    async def _measure_oldest(self) -> float:
        return max(each.oldest_seconds for each in await self._measure_backlogs())

    async def _measure_backlogs(self) -> Sequence[Backlog]:
        return await asyncio.gather(*(each.read_backlog() for each in self._relays))
