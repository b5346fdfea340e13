"""The programme in memory: what every feed, page and answer of the API is made from. Pure; knows no clock and no I/O.

Of each event it keeps the raw bytes of its last message and a few slots to select and order by; whoever wants more
decodes the bytes. A message is applied only if its revision is newer, so repeating or delaying one is harmless.
"""

from __future__ import annotations

import sys
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Final, NamedTuple

import msgspec

from shared.messages import EventPublished, EventWithdrawn

Order = tuple[str, int, str, int, str, str, str, str]
"""Start, its fold, end, its fold, Polish title, organisation, external id, event id: the order everywhere."""


FEW: Final = 50
"""Up to a fiftieth of all, putting places in one by one takes less time than sorting, which goes through all."""


class Listing(msgspec.Struct, frozen=True, gc=False):
    """A public event as it stands in the programme.

    ``first`` and ``last`` are the days it touches (``2027-08-14``), ``changed`` is in microseconds since 1970,
    ``languages`` are those in which it has all of its texts, ``data`` is the message as it came.
    """

    order: Order
    revision: int
    changed: int
    first: str
    last: str
    county: str
    categories: tuple[str, ...]
    channels: tuple[str, ...]
    languages: tuple[str, ...]
    data: bytes

    @property
    def id(self) -> str:
        """The event's id."""
        return self.order[-1]

    @property
    def organiser(self) -> str:
        """The slug of the organisation that sent it."""
        return self.order[5]


class Withdrawal(NamedTuple):
    """What is left of an event that is no longer public; ``data`` is the message as it came."""

    revision: int
    changed: int
    data: bytes


class Inventory(NamedTuple):
    """What a programme held at one moment: copies that another thread may go through while the programme goes on."""

    order: Sequence[Order]
    listings: Mapping[str, Listing]
    withdrawals: Mapping[str, Withdrawal]


class Programme:
    """All public events, in order, and what was withdrawn."""

    def __init__(self) -> None:
        self._listings: dict[str, Listing] = {}
        self._withdrawals: dict[str, Withdrawal] = {}
        self._sorted: list[Order] = []
        self._late: list[Order] = []
        """Places of events that came since anybody asked for the order: a start reads thousands before that."""
        self.changes = 0
        """Counts what was applied since the start, so that others know when to look again."""
        self.newest = 0
        """When anything in the programme last changed, in microseconds since 1970; 0 while it never held anything."""

    def __len__(self) -> int:
        return len(self._listings)

    def __iter__(self) -> Iterator[Listing]:
        """Give the events in order: start, end, Polish title, organisation, external id."""
        return (self._listings[order[-1]] for order in self._order())

    def after(self, order: Order) -> Iterator[Listing]:
        """Give the events that come after a place in the order, whether or not an event stands there."""
        places = self._order()
        return (self._listings[each[-1]] for each in islice(places, bisect_right(places, order), None))

    def listing(self, event_id: str) -> Listing | None:
        """Give an event; None if it is not public."""
        return self._listings.get(event_id)

    def is_withdrawn(self, event_id: str) -> bool:
        """Tell whether an event was public once and is no longer."""
        return event_id in self._withdrawals

    def publish(self, data: bytes) -> str | None:
        """Take in an ``EventPublished`` message, as JSON.

        Returns:
            The event's id if the message changed anything, None if it is not newer than what is here.

        Raises:
            msgspec.MsgspecError: if it cannot be read.
            ValueError: if it names an instant that cannot be one.

        """
        listing = _list(data)
        if listing.revision <= self._revision(listing.id):
            return None
        self._remove(listing.id)
        self._withdrawals.pop(listing.id, None)
        self._listings[listing.id] = listing
        self._late.append(listing.order)
        self.changes += 1
        self.newest = max(self.newest, listing.changed)
        return listing.id

    def withdraw(self, data: bytes) -> str | None:
        """Take in an ``EventWithdrawn`` message, as JSON; returns and raises like :meth:`publish`."""
        message = _WITHDRAWN.decode(data)
        if message.revision <= self._revision(message.event_id):
            return None
        self._remove(message.event_id)
        changed = _microseconds(message.withdrawn_at)
        self._withdrawals[message.event_id] = Withdrawal(message.revision, changed, data)
        self.changes += 1
        self.newest = max(self.newest, changed)
        return message.event_id

    def lacks(self, other: Programme) -> int:
        """Count the public events of another programme of which this one knows nothing, not even a withdrawal."""
        return sum(1 for each in other._listings if each not in self._listings and each not in self._withdrawals)

    def inventory(self) -> Inventory:
        """Give what it holds now, within a few milliseconds."""
        return Inventory(self._order().copy(), self._listings.copy(), self._withdrawals.copy())

    def become(self, other: Programme, at: int) -> list[str]:
        """Hold what another programme holds; what that one does not know is gone, but no revision goes down.

        Args:
            other: the other, which must not be used any more.
            at: when, in microseconds since 1970: for what is gone there is no message that would say it.

        Returns:
            The ids of the events that changed.

        """
        before = self._listings | self._withdrawals
        after = {
            event_id: mine if (mine := before.get(event_id)) and mine.revision >= theirs.revision else theirs
            for event_id, theirs in (other._listings | other._withdrawals).items()
        }
        changed = [event_id for event_id in before | after if before.get(event_id) is not after.get(event_id)]
        self._listings = {event_id: each for event_id, each in after.items() if isinstance(each, Listing)}
        self._withdrawals = {event_id: each for event_id, each in after.items() if isinstance(each, Withdrawal)}
        self._late = []
        self._sorted = sorted(listing.order for listing in self._listings.values())
        self.changes += len(changed)
        self.newest = max(self.newest, other.newest, at if before.keys() - after.keys() else 0)
        return changed

    def _revision(self, event_id: str) -> int:
        known = self._listings.get(event_id) or self._withdrawals.get(event_id)
        return known.revision if known else 0

    def _remove(self, event_id: str) -> None:
        old = self._listings.pop(event_id, None)
        if old:
            places = self._order()
            del places[bisect_left(places, old.order)]

    def _order(self) -> list[Order]:
        """Give the places of all events in order; many that came late are sorted in, few are put in one by one."""
        if len(self._late) > len(self._sorted) / FEW:
            self._sorted += self._late
            self._sorted.sort()
        else:
            for each in self._late:
                insort(self._sorted, each)
        self._late.clear()
        return self._sorted


def decode(listing: Listing) -> EventPublished:
    """Read the whole message behind a listing."""
    return _PUBLISHED.decode(listing.data)


class _Organiser(msgspec.Struct, gc=False):
    slug: str


class _Dates(msgspec.Struct, gc=False):
    start: str
    end: str
    start_fold: int | None = None
    end_fold: int | None = None


class _Venue(msgspec.Struct, gc=False):
    county: str


class _Event(msgspec.Struct):
    title: dict[str, str]
    category: str
    dates: _Dates
    venue: _Venue
    also: tuple[str, ...] = ()
    summary: dict[str, str] = {}
    description: dict[str, str] = {}


class _Slots(msgspec.Struct):
    """The part of an ``EventPublished`` that selecting and ordering needs; the rest is skipped unread."""

    event_id: str
    revision: int
    organiser: _Organiser
    changed_at: str
    event: _Event
    external_id: str | None = None
    channels: tuple[str, ...] = ()


_SLOTS = msgspec.json.Decoder(_Slots)
_PUBLISHED = msgspec.json.Decoder(EventPublished)
_WITHDRAWN = msgspec.json.Decoder(EventWithdrawn)


def _list(data: bytes) -> Listing:
    slots = _SLOTS.decode(data)
    event, dates = slots.event, slots.event.dates
    return Listing(
        order=(
            dates.start,
            dates.start_fold or 0,
            dates.end,
            dates.end_fold or 0,
            event.title.get("pl", ""),
            sys.intern(slots.organiser.slug),
            slots.external_id or "",
            slots.event_id,
        ),
        revision=slots.revision,
        changed=_microseconds(slots.changed_at),
        first=dates.start[:10],
        last=_last_day(dates),
        county=sys.intern(event.venue.county),
        categories=tuple(map(sys.intern, (event.category, *event.also))),
        channels=tuple(map(sys.intern, slots.channels)),
        languages=_languages(event),
        data=data,
    )


def _languages(event: _Event) -> tuple[str, ...]:
    """Give the languages in which an event has all the texts that it has in any."""
    found = []
    for code, title in event.title.items():
        for texts in (event.summary, event.description):
            if texts and not texts.get(code, "").strip():
                break
        else:
            if title.strip():
                found.append(sys.intern(code))
    return tuple(found)


def _last_day(dates: _Dates) -> str:
    """Give the last day an event touches; what ends at midnight does not touch the day that begins then."""
    day, _, time = dates.end.partition("T")
    if time == "00:00" and dates.end > dates.start:
        ordinal = datetime.fromisoformat(day).toordinal()
        return datetime.fromordinal(ordinal - 1).date().isoformat()
    return day


def _microseconds(instant: str) -> int:
    since = datetime.fromisoformat(instant) - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00Z")
