"""Which partitions wait because of which record, and until when."""

from __future__ import annotations

from dataclasses import dataclass

from shared.eventlog.handling import TryAgain
from shared.eventlog.port import Partition


@dataclass(slots=True)
class Trouble:
    """A record that is to be tried again: how often it was tried, how often by our own fault.

    ``due`` says until when its partition waits; None once it waits no more.
    """

    offset: int
    tries: int = 0
    bugs: int = 0
    due: float | None = None


class Troubles:
    """The partitions that wait; each wait doubles, up to a limit. Times are seconds of a monotonic clock."""

    def __init__(self, *, first_wait: float, longest_wait: float) -> None:
        self._first_wait = first_wait
        self._longest_wait = longest_wait
        self._by_partition: dict[Partition, Trouble] = {}

    def add(self, partition: Partition, offset: int, again: TryAgain, *, now: float) -> float:
        """Note that a record failed; returns the seconds until it is due."""
        trouble = self._by_partition.get(partition)
        if trouble is None or trouble.offset != offset:
            trouble = self._by_partition[partition] = Trouble(offset)
        wait = min(self._longest_wait, self._first_wait * 2.0 ** min(trouble.tries, 30))
        trouble.tries += 1
        trouble.bugs += again.bug
        trouble.due = now + wait
        return wait

    def bugs(self, partition: Partition, offset: int) -> int:
        """How often this record failed by our own fault."""
        trouble = self._by_partition.get(partition)
        return trouble.bugs if trouble is not None and trouble.offset == offset else 0

    def take_due(self, now: float) -> list[Partition]:
        """The partitions whose wait is over; they wait no more."""
        over = [partition for partition, trouble in self._by_partition.items() if _is_over(trouble, now)]
        for partition in over:
            self._by_partition[partition].due = None
        return over

    def next_due(self) -> float | None:
        """When the first wait is over."""
        return min((trouble.due for trouble in self._by_partition.values() if trouble.due is not None), default=None)

    def past(self, partition: Partition, offset: int) -> None:
        """Forget a partition's trouble once the record behind it is done."""
        trouble = self._by_partition.get(partition)
        if trouble is not None and trouble.offset <= offset:
            del self._by_partition[partition]

    def forget(self) -> None:
        """Forget all, because the partitions were given anew."""
        self._by_partition.clear()

    @property
    def waiting(self) -> frozenset[Partition]:
        """The partitions that wait."""
        return frozenset(partition for partition, trouble in self._by_partition.items() if trouble.due is not None)

    @property
    def most_tries(self) -> int:
        """How often the most stubborn record was tried."""
        return max((trouble.tries for trouble in self._by_partition.values()), default=0)


def _is_over(trouble: Trouble, now: float) -> bool:
    return trouble.due is not None and trouble.due <= now
