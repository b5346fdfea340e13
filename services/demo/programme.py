"""The programme of a region pack: real events, each with the dates of one past edition, from ``programme.json``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from shared.event.fields import get_field
from shared.event.model import OpeningHours
from shared.region import Address, CountyCode, Latitude, Longitude, Region, RegionPackBroken, Slug, read_pack_file

FILE = "programme.json"

Title = Annotated[str, msgspec.Meta(min_length=1, max_length=get_field("title").limit)]
Summary = Annotated[str, msgspec.Meta(min_length=1, max_length=get_field("summary").limit)]
Availability = Literal["available", "few_left", "sold_out", "registration_required"]
Pattern = Literal["waves", "stripes", "sails", "rays"]
Clock = Annotated[str, msgspec.Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]


class Edition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``precision`` day: from ``start`` to ``end``, both included; month and season: somewhere between them.

    ``opens_at`` is the local hour at which the first day begins, or each day of what repeats; ``closes_at`` the one at
    which such a day ends. ``repeats``: once a week, on the weekday of ``start``, the last time on ``end``. ``days``:
    only on these, the first is ``start``, the last ``end``. ``opening_hours`` are those of its days of the week.
    """

    year: int
    start: date
    end: date
    precision: Literal["day", "month", "season"]
    opens_at: Clock | None
    closes_at: Clock | None = None
    repeats: Literal["weekly"] | None = None
    days: tuple[date, ...] = ()
    opening_hours: tuple[OpeningHours, ...] = ()

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError("the edition ends before it starts")
        if self.start.year != self.year:
            raise ValueError(f"the edition of {self.year} starts in {self.start.year}")
        if self.opens_at and self.precision != "day":
            raise ValueError("an edition without a day has no hour")
        if self.opening_hours and (self.precision != "day" or self.opens_at):
            raise ValueError("only days without an hour have opening hours")
        self._check_repeats()

    def _check_repeats(self) -> None:
        repeats = bool(self.repeats or self.days)
        if repeats and (self.precision != "day" or self.end == self.start or (self.repeats and self.days)):
            raise ValueError("it repeats weekly or on days, from its first day to a later one")
        if self.repeats and (self.end - self.start).days % 7:
            raise ValueError("the last time is on another weekday than the first")
        if self.days and (
            sorted(set(self.days)) != list(self.days) or (self.start, self.end) != self.days[:: len(self.days) - 1]
        ):
            raise ValueError("its days are not in order from the first to the last")
        if self.closes_at and not (
            self.opens_at and self.opens_at < self.closes_at and (repeats or self.end == self.start)
        ):
            raise ValueError("only a day with an hour has a later one at which it ends")


class EditionTickets(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What the source says, or what goes without saying: in a marathon one registers."""

    free: bool | None = None
    availability: Availability | None = None


class EditionVenue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``position`` says whether ``lat`` and ``lon`` are the venue's or the centre of the town."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=200)] | None
    town: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    county: CountyCode
    lat: Latitude
    lon: Longitude
    position: Literal["venue", "town"]


class ProgrammeEvent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``confidence`` is that of the dates: high, they stand in the source; medium, in part; low, inferred.

    ``part_of`` is the slug of the umbrella event; ``pattern`` what the demo draws in place of a picture.
    """

    slug: Slug
    title: Mapping[str, Title]
    title_ours: tuple[str, ...]  # languages whose title is our translation
    summary: Mapping[str, Summary]
    category: Slug
    organisation: Slug
    venue: EditionVenue
    edition: Edition
    website: Address | None
    confidence: Literal["high", "medium", "low"]
    source: Address
    tickets: EditionTickets | None = None
    part_of: Slug | None = None
    pattern: Pattern | None = None


def load_programme(path: Path, region: Region) -> tuple[ProgrammeEvent, ...]:
    """In the order of the file; raises RegionPackBroken, also for texts in other languages than the pack's."""
    events = tuple(read_pack_file(path / FILE, list[ProgrammeEvent]))
    slugs: set[str] = set()
    for event in events:
        for field, fault in _list_errors(event, region):
            raise RegionPackBroken(FILE, f"{event.slug}.{field}", fault)
        if event.slug in slugs:
            raise RegionPackBroken(FILE, f"{event.slug}.slug", "it stands twice")
        slugs.add(event.slug)
    _check_umbrellas(events)
    return events


def _check_umbrellas(events: tuple[ProgrammeEvent, ...]) -> None:
    known = {(event.organisation, event.slug): event for event in events}
    for event in events:
        if event.part_of is None:
            continue
        umbrella = known.get((event.organisation, event.part_of))
        if umbrella is None or umbrella.part_of is not None:
            reason = f"{event.organisation} has no event {event.part_of} that is no part itself"
            raise RegionPackBroken(FILE, f"{event.slug}.part_of", reason)


def _list_errors(event: ProgrammeEvent, region: Region) -> list[tuple[str, str]]:
    """Fields that refer to something the pack does not have, each with the error."""
    texts = set(region.languages.texts)
    checks = (
        ("title", set(event.title) == texts, f"its languages are not {sorted(texts)}"),
        ("summary", set(event.summary) == texts, f"its languages are not {sorted(texts)}"),
        ("title_ours", set(event.title_ours) <= texts, f"its languages are not among {sorted(texts)}"),
        ("venue.county", event.venue.county in region.counties, f"there is no county {event.venue.county}"),
        ("category", event.category in region.categories, f"there is no category {event.category}"),
        ("organisation", event.organisation in region.organisations, f"there is no {event.organisation}"),
    )
    return [(field, fault) for field, met, fault in checks if not met]
