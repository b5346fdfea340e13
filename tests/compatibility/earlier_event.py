"""The event as the release at commit 57a3330 reads it: a frozen copy of its ``shared/event/model.py``."""

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


class Dates(EventPart, frozen=True, omit_defaults=True):
    """When: two dates (all-day, end inclusive) or two local times ``2027-08-14T18:00``.

    Equal times mean an unknown end. ``fold`` says which of a doubled autumn hour is meant (0 the first).
    """

    certainty: Certainty
    start: str
    end: str
    start_fold: Literal[0, 1] | None = None
    end_fold: Literal[0, 1] | None = None


class Venue(EventPart, frozen=True, omit_defaults=True, kw_only=True):
    """Where; ``county`` is the 4-digit TERYT code, ``lat`` and ``lon`` are WGS 84 degrees."""

    name: str | None = None
    street: str | None = None
    postcode: str | None = None
    town: str
    county: str
    lat: float | None = None
    lon: float | None = None


class Tickets(EventPart, frozen=True, omit_defaults=True):
    """What it costs; ``price`` is free text by language, ``url`` where tickets are sold.

    ``availability`` is ``available``, ``few_left``, ``sold_out`` or ``registration_required``; None if it is not known.
    """

    free: bool | None = None
    price: Texts = {}
    url: str | None = None
    availability: str | None = None


class Provenance(EventPart, frozen=True, omit_defaults=True):
    """Where an imported event's facts come from (decision 0009)."""

    confidence: Literal["high", "medium", "low"] | None = None
    edition: int | None = None
    source: str | None = None


class Event(EventPart, frozen=True, omit_defaults=True, kw_only=True):
    """An event's public content; never holds a contact person."""

    external_id: str | None = None
    title: Texts
    summary: Texts = {}
    description: Texts = {}
    category: str
    also: list[str] = []
    dates: Dates
    venue: Venue
    website: str | None = None
    tickets: Tickets = Tickets()
    accessibility: list[str] = []
    images: list[dict[str, Any]] = []
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
            written[name] = spread_extra(written[name], part)
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
