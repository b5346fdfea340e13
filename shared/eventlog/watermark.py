"""How far a consumer is behind, in records and in time."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

from shared.eventlog.port import Partition, Record

FRESH_SECONDS = 15.0
"""The log is asked every 5 s; an answer older than this says nothing about now."""


class Watermark:
    """For each partition the instant up to which everything written is known to be handled.

    That is the later of two: the timestamp of the last record handled, and when the log was last asked and had nothing
    more. So a steady stream that is kept up with is never taken for standing still, and a log that does not answer,
    where nobody can know what waits, counts as being behind ever since. All times are in seconds since 1970.
    """

    def __init__(self, topics: Sequence[str], now: Callable[[], float] = time.time) -> None:
        self._topics = topics
        self._now = now
        self._begun = now()
        self._reached: dict[Partition, float] = {}
        self._in_hand: set[Partition] = set()
        self._lag: Mapping[Partition, int] = {}
        self._asked_at: float | None = None
        self._was_told = False

    def begin_anew(self) -> None:
        """Forget what is in hand, and what the log said of it, because the partitions were given anew."""
        self._in_hand.clear()
        self._asked_at = None

    def asked(self, lag: Mapping[Partition, int], at: float) -> None:
        """Note how many offsets each of our partitions was behind its end when the log was asked.

        What was known of others is forgotten: another member has them. One that comes to us later counts from then.
        """
        new_since = at if self._was_told else self._begun
        self._lag, self._asked_at, self._was_told = lag, at, True
        ours = self._in_hand | lag.keys()
        self._reached = {partition: reached for partition, reached in self._reached.items() if partition in ours}
        for partition, records in lag.items():
            if not records and partition not in self._in_hand:
                self._reached[partition] = max(at, self._reached.get(partition, at))
            self._reached.setdefault(partition, new_since)

    def handed_out(self, records: Sequence[Record]) -> None:
        """Note that records of one partition are in hand: what was written before the first of them is done."""
        partition = records[0].partition
        written = records[0].timestamp_ms / 1000
        self._in_hand.add(partition)
        self._reached[partition] = min(written, self._reached.get(partition, written))

    def handled(self, record: Record) -> None:
        """Note that a record, and all before it in its partition, is done."""
        self._reached[record.partition] = max(record.timestamp_ms / 1000, self._reached.get(record.partition, 0.0))

    def let_go(self, partition: Partition) -> None:
        """Note that nothing of a partition is in hand any more; what is not done will be handed out again."""
        self._in_hand.discard(partition)

    def records(self) -> dict[str, float] | None:
        """Count by topic what the log still had for us when it was last asked; None if that is not known now."""
        if not self._is_fresh():
            return None
        return {topic: float(sum(self._of(topic, self._lag).values())) for topic in self._topics}

    def seconds(self) -> dict[str, float]:
        """Give by topic how long ago the oldest record not handled may have been written; 0 where all is."""
        return {topic: self._behind(topic) for topic in self._topics}

    def _behind(self, topic: str) -> float:
        now = self._now()
        if not self._is_fresh():
            reached = self._of(topic, self._reached).values()
            return max(0.0, now - min(reached, default=self._begun))
        waiting = [at for at, records in self._of(topic, self._lag).items() if records or at in self._in_hand]
        return max((max(0.0, now - self._reached.get(each, self._begun)) for each in waiting), default=0.0)

    def _is_fresh(self) -> bool:
        return self._asked_at is not None and self._now() - self._asked_at < FRESH_SECONDS

    @staticmethod
    def _of(topic: str, numbers: Mapping[Partition, float]) -> dict[Partition, float]:
        return {partition: number for partition, number in numbers.items() if partition.topic == topic}
