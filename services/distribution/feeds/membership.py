"""Which events a feed contains: its whole selection in order, or a window of the newest items."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final, Protocol, cast

from services.distribution.feeds.address import FeedAddress
from services.distribution.feeds.feed_index import FeedIndex, Key
from services.distribution.feeds.gzip_chunks import RenderedEvent
from services.distribution.feeds.render_cache import RenderCache
from services.distribution.formats.port import FeedHead, Format, Window
from services.distribution.presentation.quarantine import Variant
from services.distribution.programme.indexed_event import EVENT, IndexedEvent, NewsPosition
from services.distribution.programme.model import Programme
from services.distribution.programme.selection import Selection

STRIDE: Final = 500
"""So many places of the order of news are passed over in one step."""

MAX_MICROSECONDS: Final = 10**17
"""Microseconds since 1970: an instant with as many digits as any will have."""
ID_BYTES: Final = 64
"""Of an event's id, which is a UUID."""


class FeedMembership(Protocol):
    """The members of a feed; ``next_page_after`` is the position after which more items exist, if any."""

    next_page_after: NewsPosition | None
    """The position behind which there is more than it holds; None if there is nothing."""

    def __len__(self) -> int: ...

    def list_initial(self, programme: Programme) -> Iterator[str]:
        """List the ids of the events that may be members, for the first update."""
        ...

    def is_affected_by(self, event_id: str, event: IndexedEvent | None) -> bool:
        """Whether a changed event is or was a member, or decides where the window ends."""
        ...

    def render(self, event: IndexedEvent, cache: RenderCache) -> Iterator[None]: ...

    def update(self, index: FeedIndex, ids: set[str], programme: Programme, cache: RenderCache) -> Iterator[None]:
        """Move the events of these ids, in small steps if more must be rendered."""
        ...


class WholeSelection:
    def __init__(self, selection: Selection, variant: Variant) -> None:
        self._selection = selection
        self._variant = variant
        self._members: dict[str, Key] = {}
        self.next_page_after: NewsPosition | None = None

    def __len__(self) -> int:
        return len(self._members)

    def list_initial(self, programme: Programme) -> Iterator[str]:
        return (event.id for event in self._selection.filter(programme))

    def is_affected_by(self, event_id: str, event: IndexedEvent | None) -> bool:
        return event_id in self._members or (event is not None and self._selection.matches(event))

    def render(self, event: IndexedEvent, cache: RenderCache) -> Iterator[None]:
        if not cache.has(self._variant, event):
            cache.get(self._variant, event)
            yield

    def update(self, index: FeedIndex, ids: set[str], programme: Programme, cache: RenderCache) -> Iterator[None]:
        for event_id in sorted(ids):
            self._move(index, event_id, programme.get(event_id), cache)
        return iter(())

    def _move(self, index: FeedIndex, event_id: str, event: IndexedEvent | None, cache: RenderCache) -> None:
        old = self._members.pop(event_id, None)
        if old:
            index.remove(old)
        if event is None or not self._selection.matches(event):
            return
        rendered = cache.get(self._variant, event)
        if rendered:
            index.add(event.sort_key, rendered)
            self._members[event_id] = event.sort_key


class NewestItems:
    """The newest items of a selection after a position, as many as fit into a window."""

    # It ends before the first item that does not fit. Changes outside the window cost nothing.

    def __init__(self, address: FeedAddress, format_: Format, window: Window) -> None:
        after = address.after
        self.next_page_after: NewsPosition | None = None
        self._selection = address.query.selection
        self._variant = address.variant
        self._max_items = window.items
        self._max_bytes = window.bytes - _measure_frame(format_, address)
        self._separator_bytes = len(format_.separator)
        self._after = after
        self._covered_to: NewsPosition | None = after
        """Up to here it holds all items."""
        self._first_excluded: NewsPosition | None = None
        """The first item that it does not hold; None if there is none, or while it is looked for."""
        self._is_exhausted = False
        """Whether it holds all items there are."""
        self._members: dict[str, set[Key]] = {}

    def __len__(self) -> int:
        return len(self._members)

    def list_initial(self, programme: Programme) -> Iterator[str]:  # noqa: ARG002 - an update looks for itself what follows
        return iter(())

    def is_affected_by(self, event_id: str, event: IndexedEvent | None) -> bool:
        if event_id in self._members or (self._first_excluded and self._first_excluded[-1] == event_id):
            return True
        return event is not None and any(
            self._is_near(position) and self._is_chosen(position, event) for position in event.news_positions
        )

    def render(self, event: IndexedEvent, cache: RenderCache) -> Iterator[None]:
        for position in event.news_positions:
            is_shown = self._is_near(position) and self._is_chosen(position, event)
            if is_shown and not cache.has(self._variant, event, position[1]):
                cache.get(self._variant, event, position[1])
                yield

    def update(self, index: FeedIndex, ids: set[str], programme: Programme, cache: RenderCache) -> Iterator[None]:
        for event_id in sorted(ids):
            for key in self._members.pop(event_id, ()):
                index.remove(key)
            event = programme.get(event_id)
            if event is None:
                continue
            for position in event.news_positions:
                if self._is_covered(position) and self._is_chosen(position, event):
                    self._add(index, position, event, cache)
        used = self._trim(index)
        if not self._is_exhausted:
            yield from self._extend(index, used, programme, cache)
        self.next_page_after = _get_last(index) if self._first_excluded else None

    def _is_chosen(self, position: NewsPosition, event: IndexedEvent) -> bool:
        selection = self._selection
        return selection.matches(event) if position[1] == EVENT else selection.matches_notice(event)

    def _is_near(self, position: NewsPosition) -> bool:
        return (self._after is None or position > self._after) and (
            self._first_excluded is None or position < self._first_excluded
        )

    def _is_covered(self, position: NewsPosition) -> bool:
        return self._is_near(position) and (
            self._is_exhausted or (self._covered_to is not None and position <= self._covered_to)
        )

    def _add(self, index: FeedIndex, position: NewsPosition, event: IndexedEvent, cache: RenderCache) -> None:
        rendered = cache.get(self._variant, event, position[1])
        if rendered:
            index.add(position, rendered)
            self._members.setdefault(event.id, set()).add(position)

    def _trim(self, index: FeedIndex) -> int:
        """Remove what does not fit; returns the bytes of the rest."""
        used = 0
        for number, rendered in enumerate(index.events):
            with_it = used + self._count_bytes(rendered)
            if not self._has_room(number, with_it):
                self._is_exhausted, self._first_excluded = False, None
                self._covered_to = _to_position(index.keys[number - 1])
                for key in index.keys[number:]:
                    index.remove(key)
                    self._forget(key)
                return used
            used = with_it
        return used

    def _forget(self, key: Key) -> None:
        event_id = str(key[-1])
        self._members[event_id].discard(key)
        if not self._members[event_id]:
            del self._members[event_id]

    def _extend(self, index: FeedIndex, used: int, programme: Programme, cache: RenderCache) -> Iterator[None]:
        """Add the following items that fit."""
        # The programme may change between two steps, so the next item is looked up again; changes before it are pending
        # then.
        self._first_excluded = None
        while not self._is_exhausted:
            self._is_exhausted = True
            for position, event in islice(programme.iterate_news(self._covered_to), STRIDE):
                self._is_exhausted = False
                if self._is_chosen(position, event) and position not in self._members.get(event.id, ()):
                    was_rendered = cache.has(self._variant, event, position[1])
                    rendered = cache.get(self._variant, event, position[1])
                    if not was_rendered:
                        break
                    if rendered and not self._has_room(len(index.keys), used + self._count_bytes(rendered)):
                        self._first_excluded = position
                        return
                    self._add(index, position, event, cache)
                    used += self._count_bytes(rendered) if rendered else 0
                self._covered_to = position
            if not self._is_exhausted:
                yield

    def _has_room(self, items: int, used: int) -> bool:
        """Whether one more item fits if ``used`` bytes are used with it."""
        return items == 0 or (items < self._max_items and used <= self._max_bytes)

    def _count_bytes(self, rendered: RenderedEvent) -> int:
        return len(rendered.body) + self._separator_bytes


def create_membership(address: FeedAddress, format_: Format) -> FeedMembership:
    window = format_.window
    return NewestItems(address, format_, window) if window else WholeSelection(address.query.selection, address.variant)


def _measure_frame(format_: Format, address: FeedAddress) -> int:
    """The most bytes of a document without items; of date and position only the length matters."""
    longest = FeedHead(address.query, "2026-11-02T10:00:00.000000Z", (-MAX_MICROSECONDS, EVENT, "0" * ID_BYTES))
    return len(format_.render_head(longest)) + len(format_.render_tail())


def _get_last(index: FeedIndex) -> NewsPosition | None:
    return _to_position(index.keys[-1]) if index.keys else None


def _to_position(key: Key) -> NewsPosition:
    return cast("NewsPosition", key)
