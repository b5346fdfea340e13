"""A place in the register of venues, and the rules of it.

A place that was merged stays as a signpost: ``merged_into`` is the id of the one that stays, so that an event or a form
that names the other still finds it. ``near`` are places that may be the same, ``apart`` those of which a curator said
that they are not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Literal, TypeVar

import msgspec
from anyascii import anyascii
from msgspec import structs
from rapidfuzz.fuzz import token_set_ratio

from shared.decimals import write_decimal
from shared.distance import Point, compute_distance_km
from shared.event.model import StartPlace, Venue
from shared.region import Municipality, Region

MAX_VENUES: Final = 20_000
MAX_OF_ORGANISATION: Final = 2_000
"""So that one organisation cannot fill the register."""
MAX_TWINS: Final = 5
NEAR_KM: Final = 0.1
SIMILAR: Final = 85.0
"""Of 100: names of one town that are so much alike are most likely of one place."""
LONGEST_FOLDED: Final = 400
MAX_FORMER: Final = 10
"""Of what was said of a place before: events that still say something older are not asked about it."""
WORDS: Final = ("name", "street", "postcode", "town", "county", "lat", "lon")
"""What the register and an event say of a place; a starting point has no county."""
PlaceField = Literal["venue", "start_place"]
"""The fields of an event that may name a place of the register."""


class RegisteredVenue(msgspec.Struct, frozen=True, kw_only=True):
    """``municipality`` is the TERYT code of the commune; ``organisation`` is the slug of the one that added it.

    ``number`` rises with every change of what is said of the place, or of where it went. ``former`` is what was said
    before, the latest first.
    """

    id: str
    name: str
    street: str | None = None
    postcode: str | None = None
    town: str
    county: str
    lat: float
    lon: float
    municipality: str | None = None
    organisation: str
    created_at: str
    number: int = 1
    merged_into: str | None = None
    near: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()
    former: tuple[dict[str, str | float], ...] = ()

    @property
    def point(self) -> Point:
        return (self.lat, self.lon)

    @property
    def label(self) -> str:
        return ", ".join(each for each in (self.name, self.street, self.town) if each)

    @property
    def words(self) -> dict[str, Any]:
        """What an event says of it, without what is not known."""
        found = {name: getattr(self, name) for name in WORDS}
        return {name: value for name, value in found.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Twin:
    """A place that may be the same; ``metres`` is how far it is, rounded to ten."""

    venue: RegisteredVenue
    metres: int


@lru_cache(maxsize=4_096)
def fold(text: str) -> str:
    """Write in small letters without diacritics, as people type on any keyboard."""
    return " ".join(anyascii(text[:200])[:LONGEST_FOLDED].casefold().replace("-", " ").split())


def is_twin(one: RegisteredVenue, other: RegisteredVenue) -> bool:
    """Whether two may be one place: a similar name in the same town, or within a hundred metres."""
    if one.id == other.id or other.id in one.apart or one.id in other.apart:
        return False
    return compute_distance_km(one.point, other.point) <= NEAR_KM or has_similar_name(
        (one.town, one.name), (other.town, other.name)
    )


def has_similar_name(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Whether two places, by town and name, are of one town and have similar names."""
    (town, name), (other_town, other_name) = one, other
    return fold(town) == fold(other_town) and token_set_ratio(fold(name), fold(other_name)) >= SIMILAR


def make_twin(venue: RegisteredVenue, other: RegisteredVenue) -> Twin:
    return Twin(other, round(compute_distance_km(venue.point, other.point) * 100) * 10)


AnyPlace = TypeVar("AnyPlace", Venue, StartPlace)


def take_over(said: AnyPlace, place: RegisteredVenue) -> AnyPlace:
    """Say of an event's place what the register says; fields of a later release stay."""
    words = {name: getattr(place, name) for name in WORDS if name in said.__struct_fields__}
    return structs.replace(said, id=place.id, **words)


def change_words(place: RegisteredVenue, words: Mapping[str, Any], municipality: str | None) -> RegisteredVenue:
    """Say something else of a place, and keep what was said before."""
    after = structs.replace(place, **words, municipality=municipality, number=place.number + 1)
    former = [place.words, *place.former]
    kept = [each for number, each in enumerate(former) if each != after.words and each not in former[:number]]
    return structs.replace(after, former=tuple(kept[:MAX_FORMER]))


def write_form_values(place: RegisteredVenue, field: PlaceField = "venue") -> dict[str, list[str]]:
    """The values of the form's fields; what is not known is emptied."""
    names = [name for name in WORDS if field == "venue" or name != "county"]
    return {f"{field}.id": [place.id]} | write_words({name: getattr(place, name) for name in names}, field)


def write_words(words: Mapping[str, Any], field: PlaceField = "venue") -> dict[str, list[str]]:
    """Words of a place as values of the form's fields."""
    written = {name: write_decimal(value) if isinstance(value, float) else value for name, value in words.items()}
    return {f"{field}.{name}": [value] if value else [] for name, value in written.items()}


def find_municipality(region: Region, town: str, county: str) -> Municipality | None:
    """Find the commune that has the town's name; of a town and the villages round it, the town."""
    named = [
        each
        for each in region.municipalities.values()
        if each.county == county and fold(each.name.partition("(")[0]) == fold(town)
    ]
    return min(named, key=lambda each: (each.teryt[-1] == RURAL, each.teryt), default=None)


RURAL: Final = "2"
"""The last digit of a rural commune's code; 1 is a town, 3 a town with villages."""


def follow(venue_id: str, merged: Mapping[str, str | None]) -> str | None:
    """Return the id of the place that stays, or None if there is no such place; ``merged`` is by id.

    Two merges at the same moment could point at each other; then the place itself stays until a curator decides.
    """
    if venue_id not in merged:
        return None
    seen, found = {venue_id}, venue_id
    while (further := merged[found]) is not None:
        if further in seen or further not in merged:
            return venue_id
        seen.add(further)
        found = further
    return found


def sort_twins(twins: Sequence[Twin]) -> list[Twin]:
    """The nearest first; as many as are offered."""
    return sorted(twins, key=lambda each: (each.metres, each.venue.name, each.venue.id))[:MAX_TWINS]
