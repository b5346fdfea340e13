"""The programme in memory: what feeds, pages and API are made from. Pure.

For each event it keeps the raw bytes of the last message and an index entry. A message is applied only if its revision
is newer, so repeated or delayed ones are harmless.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

import msgspec

from services.distribution.programme.indexed_event import (
    IndexedEvent,
    NewsPosition,
    SortKey,
    index_event,
    to_microseconds,
)
from services.distribution.programme.shown_media import ShownMedia
from services.distribution.programme.sorted_list import LazySortedList
from shared.messages import EventFacets, EventWithdrawn


class Tombstone(NamedTuple):
    """A withdrawn event; ``withdrawn_at`` is in microseconds since 1970, ``data`` is the message as it came."""

    revision: int
    withdrawn_at: int
    facets: EventFacets | None
    data: bytes


class ProgrammeCopy(NamedTuple):
    """Copies that another thread may read while the programme changes."""

    sort_keys: Sequence[SortKey]
    events: Mapping[str, IndexedEvent]
    tombstones: Mapping[str, Tombstone]


class Programme:
    def __init__(self) -> None:
        self._events: dict[str, IndexedEvent] = {}
        self._tombstones: dict[str, Tombstone] = {}
        self._sort_keys: LazySortedList[SortKey] = LazySortedList()
        self._news: LazySortedList[NewsPosition] | None = None
        """The order of news; None until somebody asks for it."""
        self._set_aside_ids: set[str] = set()
        """Ids of events that cannot be read: they are kept, but shown nowhere."""
        self.shown_media = ShownMedia()
        self._parts: dict[str, set[str]] = {}
        """Ids of the parts by that of their umbrella event, which may be unknown here."""
        self.change_count = 0
        """Counts what was applied since the start, so that others know when to look again."""

    def __len__(self) -> int:
        return len(self._events) - len(self._set_aside_ids)

    def __iter__(self) -> Iterator[IndexedEvent]:
        """In order: start, end, Polish title, organisation, external id."""
        return self._look_up(self._sort_keys.sort())

    def iterate_after(self, order: SortKey) -> Iterator[IndexedEvent]:
        """Iterate over the events after a position, whether or not an event stands there."""
        places = self._sort_keys.sort()
        return self._look_up(islice(places, bisect_right(places, order), None))

    def iterate_news(self, after: NewsPosition | None = None) -> Iterator[tuple[NewsPosition, IndexedEvent]]:
        """Iterate over events and notices, newest first; valid until the programme changes."""
        if self._news is None:
            self._news = LazySortedList(place for event in self._events.values() for place in event.news_positions)
        places = self._news.sort()
        start = bisect_right(places, after) if after else 0
        found = ((place, self._events[place[-1]]) for place in islice(places, start, None))
        return (each for each in found if each[1].id not in self._set_aside_ids) if self._set_aside_ids else found

    def get(self, event_id: str) -> IndexedEvent | None:
        """None if the event is not public, or set aside."""
        return None if event_id in self._set_aside_ids else self._events.get(event_id)

    def list_parts(self, umbrella_id: str) -> list[IndexedEvent]:
        """List the parts of an umbrella event in order, whether or not that is public."""
        found = (self.get(each) for each in self._parts.get(umbrella_id, ()))
        return sorted((each for each in found if each), key=lambda event: event.sort_key)

    def set_aside(self, event_id: str) -> None:
        """Hide an event that cannot be read, until a new revision arrives."""
        if event_id in self._events and event_id not in self._set_aside_ids:
            self._set_aside_ids.add(event_id)
            self.shown_media.remove(event_id, self._events[event_id].media)
            self.change_count += 1

    def is_withdrawn(self, event_id: str) -> bool:
        return event_id in self._tombstones

    @property
    def tombstones(self) -> Mapping[str, Tombstone]:
        """What was withdrawn, by the event's id."""
        return self._tombstones

    def get_withdrawal(self, event_id: str) -> EventWithdrawn | None:
        """Read the message that took an event out of the programme; None if it is public, or never was."""
        found = self._tombstones.get(event_id)
        return _WITHDRAWN.decode(found.data) if found else None

    def publish(self, data: bytes) -> str | None:
        """Apply an ``EventPublished`` message, as JSON.

        Returns:
            The event's id; None if the message is not newer than the present state.

        Raises:
            msgspec.MsgspecError: it cannot be decoded.
            ValueError: an instant or day in it is invalid.

        """
        event = index_event(data)
        if event.revision <= self._get_revision(event.id):
            return None
        self._remove(event.id)
        self._tombstones.pop(event.id, None)
        self._events[event.id] = event
        self._sort_keys.add(event.sort_key)
        self.shown_media.add(event.id, event.media)
        self._add_part(event)
        if self._news is not None:
            for place in event.news_positions:
                self._news.add(place)
        self.change_count += 1
        return event.id

    def withdraw(self, data: bytes) -> str | None:
        """Apply an ``EventWithdrawn`` message; returns and raises like :meth:`publish`."""
        message = _WITHDRAWN.decode(data)
        if message.revision <= self._get_revision(message.event_id):
            return None
        withdrawn_at = to_microseconds(message.withdrawn_at)
        self._remove(message.event_id)
        self._tombstones[message.event_id] = Tombstone(message.revision, withdrawn_at, message.facets, data)
        self.change_count += 1
        return message.event_id

    def count_missing(self, other: Programme) -> int:
        """Count public events of another programme that this one does not know, not even as withdrawn."""
        return sum(1 for each in other._events if each not in self._events and each not in self._tombstones)

    def copy(self) -> ProgrammeCopy:
        return ProgrammeCopy(self._sort_keys.sort().copy(), self._events.copy(), self._tombstones.copy())

    def replace_with(self, other: Programme) -> list[str]:
        """Take over the content of another programme, which must not be used any more; no revision goes down.

        Returns:
            The ids of the events that changed.

        """
        before = self._events | self._tombstones
        after = {
            event_id: mine if (mine := before.get(event_id)) and mine.revision >= theirs.revision else theirs
            for event_id, theirs in (other._events | other._tombstones).items()
        }
        changed = [event_id for event_id in before | after if before.get(event_id) is not after.get(event_id)]
        self._events = {event_id: each for event_id, each in after.items() if isinstance(each, IndexedEvent)}
        self._tombstones = {event_id: each for event_id, each in after.items() if isinstance(each, Tombstone)}
        self._set_aside_ids = set()
        self.shown_media = ShownMedia()
        self._parts = {}
        for event in self._events.values():
            self.shown_media.add(event.id, event.media)
            self._add_part(event)
        self._sort_keys = LazySortedList(event.sort_key for event in self._events.values())
        self._news = None
        self.change_count += len(changed)
        return changed

    def _add_part(self, event: IndexedEvent) -> None:
        if event.part_of is not None:
            self._parts.setdefault(event.part_of, set()).add(event.id)

    def _remove_part(self, event: IndexedEvent) -> None:
        if event.part_of is not None:
            parts = self._parts[event.part_of]
            parts.discard(event.id)
            if not parts:
                del self._parts[event.part_of]

    def _look_up(self, places: Iterable[SortKey]) -> Iterator[IndexedEvent]:
        found = (self._events[each[-1]] for each in places)
        return (each for each in found if each.id not in self._set_aside_ids) if self._set_aside_ids else found

    def _get_revision(self, event_id: str) -> int:
        known = self._events.get(event_id) or self._tombstones.get(event_id)
        return known.revision if known else 0

    def _remove(self, event_id: str) -> None:
        old = self._events.pop(event_id, None)
        self._set_aside_ids.discard(event_id)
        if old:
            self._remove_part(old)
            self._sort_keys.remove(old.sort_key)
            self.shown_media.remove(event_id, old.media)
            if self._news is not None:
                for place in old.news_positions:
                    self._news.remove(place)


_WITHDRAWN = msgspec.json.Decoder(EventWithdrawn)
