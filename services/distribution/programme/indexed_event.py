"""The index entry of a public event: what lists, selections and feeds read of it without decoding its message. Pure."""

from __future__ import annotations

import sys
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple

import msgspec
from msgspec.structs import replace

from services.distribution.programme.shown_media import list_media
from shared.event.days import get_last_day, get_span
from shared.event.model import SPANS, Dates, parse_part
from shared.event.notices import derive_notice, is_moved
from shared.event.recurrence import Occurrence, list_occurrences
from shared.i18n.languages import choose_text
from shared.messages import EventPublished

SortKey = tuple[str, int, str, int, str, str, str, str]
"""Start, its fold, end, its fold, Polish title, organisation, external id, event id: the order of feeds and the API.

Titles stand by code point: their place must cost nothing when thousands are read, must not depend on a reader, and is
in cursors that partners keep. Pages put those of the same dates in their reader's order.
"""

NewsPosition = tuple[int, int, str]
"""An instant in microseconds since 1970, negated so that the newest comes first; NOTICE or EVENT; the event's id: the
order of news. An event stands there by its last change, and once more by its last notice, if it has one."""

NOTICE: Final = 0
EVENT: Final = 1


LASTING_DAYS: Final = 8
"""An event of so many days in a row stands apart from what happens on a day."""


class IndexedOccurrence(NamedTuple):
    """One of the times at which an event that repeats takes place: its days, and its times as in dates."""

    first_day: str
    last_day: str
    start: str
    end: str


class IndexedEvent(msgspec.Struct, frozen=True, gc=False):
    """A public event's index entry."""

    # ``first_day`` and ``last_day`` are like ``2027-08-14``; ``changed_at`` and ``notice_at`` are in microseconds since
    # 1970, the latter 0 without a notice. ``previous_days``: the first and the last day before a move that was
    # announced. ``languages`` are those in which it has all its texts, ``has_open_date``: only its month or season is
    # known, ``data``: the message as it came. ``occurrences`` are those that take place of an event that repeats, in
    # order; without repeats there are none. ``media`` are the names of its pictures. ``part_of`` is the id of the
    # umbrella event, which need not be public.

    sort_key: SortKey
    revision: int
    changed_at: int
    notice_at: int
    previous_days: tuple[str, str] | None
    first_day: str
    last_day: str
    county: str
    categories: tuple[str, ...]
    audience: tuple[str, ...]
    setting: tuple[str, ...]
    channels: tuple[str, ...]
    languages: tuple[str, ...]
    has_open_date: bool
    data: bytes
    occurrences: tuple[IndexedOccurrence, ...] = ()
    media: tuple[str, ...] = ()
    part_of: str | None = None

    @property
    def is_lasting(self) -> bool:
        """Whether it runs for so long, without repeats, that it is not what happens on a day: an exhibition."""
        if self.occurrences or self.has_open_date:
            return False
        return count_day(self.last_day) - count_day(self.first_day) >= LASTING_DAYS - 1

    def place(self, first: str, last: str) -> IndexedEvent:
        """The event as it stands between two days, with the occurrences there; without repeats it is the same."""
        inside = tuple(each for each in self.occurrences if each.last_day >= first and each.first_day <= last)
        if not inside:
            return self
        begins = inside[0]
        return replace(
            self,
            sort_key=(begins.start, 0, begins.end, 0, *self.sort_key[4:]),
            first_day=begins.first_day,
            last_day=max(each.last_day for each in inside),
            occurrences=inside,
        )

    @property
    def id(self) -> str:
        return self.sort_key[-1]

    @property
    def organiser(self) -> str:
        return self.sort_key[5]

    @property
    def news_positions(self) -> tuple[NewsPosition, ...]:
        own = (-self.changed_at, EVENT, self.id)
        return (own, (-self.notice_at, NOTICE, self.id)) if self.notice_at else (own,)


def decode_title(event: IndexedEvent, language: str) -> str:
    """Decode only the title."""
    found = choose_text(_TITLES.decode(event.data).event.title, language)
    return found[0] if found else ""


def decode(event: IndexedEvent) -> EventPublished:
    return _PUBLISHED.decode(event.data)


class _Organiser(msgspec.Struct, gc=False):
    slug: str


class _Dates(msgspec.Struct, gc=False):
    start: str
    end: str
    certainty: str = "exact"
    start_fold: int | None = None
    end_fold: int | None = None
    recurrence: Any = None


class _Venue(msgspec.Struct, gc=False):
    county: str


class _IndexContent(msgspec.Struct):
    title: dict[str, str]
    category: str
    dates: _Dates
    venue: _Venue
    also: tuple[str, ...] = ()
    audience: tuple[str, ...] = ()
    setting: tuple[str, ...] = ()
    summary: dict[str, str] = {}
    description: dict[str, str] = {}
    images: Any = None
    part_of: str | None = None


class _IndexMessage(msgspec.Struct):
    """The part of an ``EventPublished`` that the index needs; the rest is skipped undecoded."""

    event_id: str
    revision: int
    organiser: _Organiser
    changed_at: str
    event: _IndexContent
    external_id: str | None = None
    channels: tuple[str, ...] = ()
    status: str = "confirmed"
    previous_dates: Any = None
    notice: Any = None
    postponed: Any = None


class _TitleContent(msgspec.Struct, gc=False):
    title: dict[str, str]


class _TitleMessage(msgspec.Struct, gc=False):
    event: _TitleContent


_TITLES = msgspec.json.Decoder(_TitleMessage)
_INDEX = msgspec.json.Decoder(_IndexMessage)
_PUBLISHED = msgspec.json.Decoder(EventPublished)


def index_event(data: bytes) -> IndexedEvent:
    slots = _INDEX.decode(data)
    event, dates = slots.event, slots.event.dates
    notice_at, previous_days = _index_notice(slots, data)
    first_day, last_day = _check_day(dates.start[:10]), get_last_day(dates.start, dates.end)
    occurrences: tuple[IndexedOccurrence, ...] = ()
    if dates.recurrence:
        first_day, last_day, occurrences = _index_occurrences(dates)
    return IndexedEvent(
        sort_key=(
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
        changed_at=to_microseconds(slots.changed_at),
        notice_at=notice_at,
        previous_days=previous_days,
        first_day=first_day,
        last_day=_check_day(last_day),
        county=sys.intern(event.venue.county),
        categories=tuple(map(sys.intern, (event.category, *event.also))),
        audience=tuple(map(sys.intern, event.audience)),
        setting=tuple(map(sys.intern, event.setting)),
        channels=tuple(map(sys.intern, slots.channels)),
        languages=_list_languages(event),
        has_open_date=dates.certainty in SPANS,
        data=data,
        occurrences=occurrences,
        media=list_media(event.images),
        part_of=event.part_of if event.part_of != slots.event_id else None,
    )


def _index_occurrences(sent: _Dates) -> tuple[str, str, tuple[IndexedOccurrence, ...]]:
    """The first and the last day, and what takes place. Raises InvalidRecurrence."""
    dates = parse_part(msgspec.to_builtins(sent), Dates)
    first, last = get_span(dates)
    held = (each for each in list_occurrences(dates) if each.status != "cancelled")
    return first, last, tuple(_index_occurrence(each) for each in held)


def _index_occurrence(occurrence: Occurrence) -> IndexedOccurrence:
    start, end = occurrence.start, occurrence.end
    return IndexedOccurrence(_check_day(start[:10]), _check_day(get_last_day(start, end)), start, end)


def _index_notice(slots: _IndexMessage, data: bytes) -> tuple[int, tuple[str, str] | None]:
    """Few events have a notice, so the whole message is decoded only where one is possible."""
    # An event that cannot be decoded has none: rendering it will report what is wrong.
    if not (slots.notice or slots.previous_dates or slots.postponed or slots.status == "cancelled"):
        return 0, None
    try:
        message = _PUBLISHED.decode(data)
        notice = derive_notice(message)
        return (to_microseconds(notice.at), _find_previous_days(message)) if notice else (0, None)
    except (ValueError, TypeError, KeyError, msgspec.MsgspecError):
        return 0, None


def _find_previous_days(message: EventPublished) -> tuple[str, str] | None:
    if not message.previous_dates or not is_moved(parse_part(message.event["dates"], Dates), message.previous_dates):
        return None
    first, last = get_span(parse_part(message.previous_dates, Dates))
    return _check_day(first), _check_day(last)


@lru_cache(maxsize=4_096)
def count_day(day: str) -> int:
    return date.fromisoformat(day).toordinal()


@lru_cache(maxsize=4_096)  # thousands of events share a few hundred days, and a start reads them all
def _check_day(written: str) -> str:
    """Raises ValueError: it is no day written as ``2027-08-14``; lists are divided by its year and month."""
    if date.fromisoformat(written).isoformat() != written:
        raise ValueError(f"{written} is no day")
    return written


def _list_languages(event: _IndexContent) -> tuple[str, ...]:
    """List the languages in which an event has every text that it has in any."""
    found = []
    for code, title in event.title.items():
        for texts in (event.summary, event.description):
            if texts and not texts.get(code, "").strip():
                break
        else:
            if title.strip():
                found.append(sys.intern(code))
    return tuple(found)


def to_microseconds(instant: str) -> int:
    """Raises ValueError: it is no instant, or has no time zone."""
    read = datetime.fromisoformat(instant)
    if read.tzinfo is None:
        raise ValueError(f"{instant} has no zone")
    since = read - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00Z")
