"""Knows how many parked records an operator still has to look at."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence

import structlog

from shared.eventlog.parked import list_parked
from shared.eventlog.port import EventLog, LogAway, TopicMismatch
from shared.eventlog.stopping import unless
from shared.measures import Measure, Number

log = structlog.get_logger(__name__)


class ParkedWatch:
    """Looks every minute: parked topics are short, and a reader kept open would ask the log twenty times a second."""

    def __init__(self, event_log: EventLog, *, group: str, topics: Sequence[str], look_seconds: float = 60.0) -> None:
        self._log = event_log
        self._group = group
        self._topics = topics
        self._look_seconds = look_seconds
        self._counts: Number = None

    async def run(self, stop: asyncio.Event) -> None:
        """Look until ``stop`` is set; while the log does not answer the number is not known."""
        while not stop.is_set():
            try:
                self._counts = await unless(stop, self._look())
            except (LogAway, TopicMismatch) as reason:
                self._counts = None
                log.debug("parked_not_known", group=self._group, reason=str(reason))
            await unless(stop, asyncio.sleep(self._look_seconds))

    async def _look(self) -> dict[str, float]:
        found = Counter(record.topic for record in await list_parked(self._log, group=self._group))
        return {topic: float(found[topic]) for topic in self._topics}

    def measures(self) -> Sequence[Measure]:
        """Give its one number."""
        return [
            Measure(
                name="kal_parked_records",
                meaning="Records of this topic that the service's group parked and nobody has sent again, "
                "as it was within the last minute; they are forgotten after 90 days.",
                reading=lambda: self._counts,
                label="topic",
            )
        ]
