"""Dead-letter gauge: how many dead letters wait for an operator."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence

import structlog

from shared.aio.cancellation import wait_or_stop
from shared.eventlog.dead_letters.inspect import list_dead_letters
from shared.eventlog.port import EventLog, LogUnavailable, TopicMismatch
from shared.observability.metrics import MetricDefinition, MetricValue

log = structlog.get_logger(__name__)


class DeadLetterGauge:
    # Counted every minute: the topics are short, and an open reader would ask the log twenty times a second.

    def __init__(self, event_log: EventLog, *, group: str, topics: Sequence[str], every_seconds: float = 60.0) -> None:
        self._log = event_log
        self._group = group
        self._topics = topics
        self._every_seconds = every_seconds
        self._counts: MetricValue = None

    async def run(self, stop: asyncio.Event) -> None:
        # While the log does not answer the number is unknown.
        while not stop.is_set():
            try:
                self._counts = await wait_or_stop(stop, self._count())
            except (LogUnavailable, TopicMismatch) as reason:
                self._counts = None
                log.debug("dead_letters_unknown", group=self._group, reason=str(reason))
            await wait_or_stop(stop, asyncio.sleep(self._every_seconds))

    async def _count(self) -> dict[str, float]:
        found = Counter(record.topic for record in await list_dead_letters(self._log, group=self._group))
        return {topic: float(found[topic]) for topic in self._topics}

    def metrics(self) -> Sequence[MetricDefinition]:
        return [
            MetricDefinition(
                name="kal_parked_records",
                meaning="Records of this topic that the service's group dead-lettered and nobody has sent again, "
                "as it was within the last minute; they are forgotten after 90 days.",
                reading=lambda: self._counts,
                label="topic",
            )
        ]
