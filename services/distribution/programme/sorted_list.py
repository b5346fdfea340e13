"""A sorted list for many insertions and few reads. Pure."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable
from typing import Any, Final, Generic, TypeVar

Item = TypeVar("Item", bound=tuple[Any, ...])

INSERT_RATIO: Final = 50
"""Up to a fiftieth of all, putting places in one by one takes less time than sorting, which goes through all."""


class LazySortedList(Generic[Item]):
    """Sorts new items at the next read: a start inserts thousands before the first one."""

    __slots__ = ("_late", "_sorted")

    def __init__(self, places: Iterable[Item] = ()) -> None:
        self._sorted: list[Item] = sorted(places)
        self._late: list[Item] = []

    def add(self, place: Item) -> None:
        self._late.append(place)

    def remove(self, place: Item) -> None:
        places = self.sort()
        del places[bisect_left(places, place)]

    def sort(self) -> list[Item]:
        """Return all items in order; the list must not be changed."""
        if len(self._late) > len(self._sorted) / INSERT_RATIO:
            self._sorted += self._late
            self._sorted.sort()
        else:
            for each in self._late:
                insort(self._sorted, each)
        self._late.clear()
        return self._sorted
