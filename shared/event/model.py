"""The event, typed. Unknown fields are kept in ``extra`` and passed on. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final, Literal, TypeVar, get_args, get_type_hints

import msgspec

# By language code: ``{"pl": "Żagle", "de": "Segeltage"}``; a title always has ``pl``.
Texts = dict[str, str]

Certainty = Literal["exact", "provisional", "month", "season"]
# Only a span is known, no day.
SPANS: Final = frozenset({"month", "season"})


class EventPart(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A part of an event that may hold fields of a later release."""

    extra: dict[str, Any] = {}


class RecurrenceException(EventPart, frozen=True, omit_defaults=True, kw_only=True):
    """One occurrence that is not as planned; ``date`` is its planned start. One that moved has its own times."""

    date: str
    status: Literal["cancelled", "moved"]
    start: str | None = None
    end: str | None = None
    note: Texts = {}


class Recurrence(EventPart, frozen=True, omit_defaults=True):
    """Repeats: an RRULE (RFC 5545) without its name, further starts, exceptions; all written like ``Dates.start``.

    ``exdates`` are starts that are left out, as if nobody had ever planned them; what is called off is an exception.
    """

    rrule: str | None = None
    rdates: list[str] = []
    exdates: list[str] = []
    exceptions: list[RecurrenceException] = []


class OpeningHours(EventPart, frozen=True, omit_defaults=True, kw_only=True):
    """A row of opening hours: ``days`` are ``mon`` to ``sun``, hours ``10:00`` to at most ``24:00``."""

    days: list[str]
    opens: str
    closes: str


class Dates(EventPart, frozen=True, omit_defaults=True):
    """When: two dates (all-day, end inclusive), two local times ``2027-08-14T18:00``, or a time and a later date.

    The last begins at that hour and ends on that day. Equal times mean an unknown end. ``fold`` says which of a doubled
    autumn hour is meant (0 the first). With a ``recurrence`` these are the first occurrence
    (:func:`shared.event.recurrence.list_occurrences`). ``opening_hours`` are those of days without hours.
    """

    certainty: Certainty
    start: str
    end: str
    start_fold: Literal[0, 1] | None = None
    end_fold: Literal[0, 1] | None = None
    recurrence: Recurrence | None = None
    opening_hours: list[OpeningHours] = []


class Venue(EventPart, frozen=True, omit_defaults=True, kw_only=True):
    """Where; ``county`` is the 4-digit TERYT code, ``lat`` and ``lon`` are WGS 84 degrees.

    ``id`` is the place's in the register of venues; the words beside it are what is shown.
    """

    id: str | None = None
    name: str | None = None
    street: str | None = None
    postcode: str | None = None
    town: str
    county: str
    lat: float | None = None
    lon: float | None = None


class StartPlace(EventPart, frozen=True, omit_defaults=True, kw_only=True):
    """Where what moves begins: a run, a rally, a cruise; it has a name or a town. Lists and filters use the venue."""

    id: str | None = None
    name: str | None = None
    street: str | None = None
    postcode: str | None = None
    town: str | None = None
    lat: float | None = None
    lon: float | None = None


class Tickets(EventPart, frozen=True, omit_defaults=True):
    """What it costs; ``price`` is free text by language, ``url`` where tickets are sold.

    ``availability`` is ``available``, ``few_left``, ``sold_out`` or ``registration_required``; None if it is not known.
    ``registration_until`` is the last day or local time of registering.
    """

    free: bool | None = None
    price: Texts = {}
    url: str | None = None
    availability: str | None = None
    registration_url: str | None = None
    registration_until: str | None = None


class Ages(EventPart, frozen=True, omit_defaults=True):
    """Of the children that an event is for, in years, both inclusive."""

    min: int | None = None
    max: int | None = None


class Image(EventPart, frozen=True, omit_defaults=True, kw_only=True):
    """A picture: ``media`` is its name in the database of pictures, ``licence`` one of ``PICTURE_LICENCES``.

    ``valid_until`` is the last day on which it may be shown; without one it may be shown for ever.
    """

    media: str = ""
    alt: Texts = {}
    credit: str | None = None
    licence: str | None = None
    valid_until: str | None = None


class Provenance(EventPart, frozen=True, omit_defaults=True):
    """Where an imported event's facts come from (decision 0009)."""

    confidence: Literal["high", "medium", "low"] | None = None
    edition: int | None = None
    source: str | None = None


class Event(EventPart, frozen=True, omit_defaults=True, kw_only=True):
    """An event's public content; never holds a contact person. ``licence`` is an SPDX identifier.

    ``part_of`` is the id of the umbrella event, which is no part itself. ``arrival`` says when doors open, where one
    meets, or where a route starts.
    """

    external_id: str | None = None
    title: Texts
    summary: Texts = {}
    description: Texts = {}
    category: str
    also: list[str] = []
    dates: Dates
    arrival: Texts = {}
    venue: Venue
    start_place: StartPlace | None = None
    website: str | None = None
    tickets: Tickets = Tickets()
    accessibility: list[str] = []
    audience: list[str] = []
    ages: Ages = Ages()
    setting: list[str] = []
    images: list[Image] = []
    part_of: str | None = None
    licence: str | None = None
    provenance: Provenance | None = None


AnyPart = TypeVar("AnyPart", bound=EventPart)


def parse_part(document: object, type_: type[AnyPart]) -> AnyPart:
    """Unknown fields go to ``extra``; raises msgspec.ValidationError."""
    found: AnyPart = msgspec.convert(collect_extra(document, type_), type_)
    return found


def parse_event(document: object) -> Event:
    return parse_part(document, Event)


def serialize_part(part: EventPart) -> dict[str, Any]:
    """As sent and stored: without empty fields, unknown ones next to the known."""
    found: dict[str, Any] = spread_extra(msgspec.to_builtins(part), type(part))
    return found


def collect_extra(document: object, type_: type[EventPart]) -> object:
    if isinstance(document, list):
        return [collect_extra(each, type_) for each in document]
    if not isinstance(document, Mapping):
        return document
    known = _get_fields(type_)
    found: dict[str, Any] = {}
    extra: dict[str, Any] = {}
    for name, value in document.items():
        if name not in known:
            extra[name] = value
        else:
            part = known[name]
            found[name] = value if part is None else collect_extra(value, part)
    return found | {"extra": extra} if extra else found


def spread_extra(written: dict[str, Any], type_: type[EventPart]) -> dict[str, Any]:
    for name, part in _get_parts(type_):
        if name in written:
            value = written[name]
            is_list = isinstance(value, list)
            written[name] = [spread_extra(each, part) for each in value] if is_list else spread_extra(value, part)
            if not written[name]:  # all its fields had their defaults
                del written[name]
    extra = written.pop("extra", None)
    return written | extra if extra else written


@cache
def _get_parts(type_: type[EventPart]) -> tuple[tuple[str, type[EventPart]], ...]:
    return tuple((name, part) for name, part in _get_fields(type_).items() if part is not None)


@cache
def _get_fields(type_: type[EventPart]) -> dict[str, type[EventPart] | None]:
    # By name, with the type of those that are parts themselves.
    hints = get_type_hints(type_)
    return {name: _find_part_type(hints[name]) for name in type_.__struct_fields__ if name != "extra"}


def _find_part_type(hint: object) -> type[EventPart] | None:
    found = [each for each in (hint, *get_args(hint)) if isinstance(each, type) and issubclass(each, EventPart)]
    return found[0] if found else None
