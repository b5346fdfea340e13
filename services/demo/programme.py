"""The programme of a region pack: real events, each with the dates of one past edition, from ``programme.json``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from shared.event.fields import get_field
from shared.region import Address, CountyCode, Latitude, Longitude, Region, RegionPackBroken, Slug, read_pack_file

FILE = "programme.json"

Title = Annotated[str, msgspec.Meta(min_length=1, max_length=get_field("title").limit)]
Summary = Annotated[str, msgspec.Meta(min_length=1, max_length=get_field("summary").limit)]
Clock = Annotated[str, msgspec.Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]


class Edition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``precision`` day: from ``start`` to ``end``, both included; month and season: somewhere between them."""

    year: int
    start: date
    end: date
    precision: Literal["day", "month", "season"]
    opens_at: Clock | None  # the local hour at which the first day begins

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError("the edition ends before it starts")
        if self.start.year != self.year:
            raise ValueError(f"the edition of {self.year} starts in {self.start.year}")
        if self.opens_at and self.precision != "day":
            raise ValueError("an edition without a day has no hour")


class EditionVenue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``position`` says whether ``lat`` and ``lon`` are the venue's or the centre of the town."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=200)] | None
    town: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    county: CountyCode
    lat: Latitude
    lon: Longitude
    position: Literal["venue", "town"]


class ProgrammeEvent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``confidence`` is that of the dates: high, they stand in the source; medium, in part; low, inferred."""

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
    return events


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
