"""The programme of a region pack: real events with the dates of one past edition each, read from ``programme.json``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from shared.region import Address, CountyCode, Latitude, Longitude, Region, RegionPackBroken, Slug, read_pack_file

FILE = "programme.json"

Title = Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
Summary = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
Clock = Annotated[str, msgspec.Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]


class Edition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When the event once took place.

    ``precision`` day: from ``start`` to ``end``, both included. Month and season: somewhere between them.
    ``opens_at`` is the local hour at which the first day begins, ``18:00``.
    """

    year: int
    start: date
    end: date
    precision: Literal["day", "month", "season"]
    opens_at: Clock | None

    def __post_init__(self) -> None:
        """Refuse dates that contradict each other."""
        if self.end < self.start:
            raise ValueError("the edition ends before it starts")
        if self.start.year != self.year:
            raise ValueError(f"the edition of {self.year} starts in {self.start.year}")
        if self.opens_at and self.precision != "day":
            raise ValueError("an edition without a day has no hour")


class Place(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the event takes place; ``position`` says whether ``lat`` and ``lon`` are the venue or the town's middle."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=200)] | None
    town: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    county: CountyCode
    lat: Latitude
    lon: Longitude
    position: Literal["venue", "town"]


class ProgrammeEvent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One event of the pack.

    ``title_ours`` lists the languages whose title is our translation and not a name found in use. ``confidence``
    speaks of the edition's dates: high, they stand in the source; medium, in part; low, they were inferred.
    """

    slug: Slug
    title: Mapping[str, Title]
    title_ours: tuple[str, ...]
    summary: Mapping[str, Summary]
    category: Slug
    organisation: Slug
    venue: Place
    edition: Edition
    website: Address | None
    confidence: Literal["high", "medium", "low"]
    source: Address


def load_programme(path: Path, region: Region) -> tuple[ProgrammeEvent, ...]:
    """Read the programme in a region pack's folder, in the order of its file.

    Raises:
        RegionPackBroken: as :func:`shared.region.load_region`; also if an event's texts are not in the languages that
            the pack names, or its county, category or organisation is not in the pack.

    """
    events = tuple(read_pack_file(path / FILE, list[ProgrammeEvent]))
    slugs: set[str] = set()
    for event in events:
        for field, fault in _faults(event, region):
            raise RegionPackBroken(FILE, f"{event.slug}.{field}", fault)
        if event.slug in slugs:
            raise RegionPackBroken(FILE, f"{event.slug}.slug", "it stands twice")
        slugs.add(event.slug)
    return events


def _faults(event: ProgrammeEvent, region: Region) -> list[tuple[str, str]]:
    """List the fields of an event that name something the pack does not have, each with what is wrong."""
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
