"""View of the curators' pages of the register: rows, one place, communes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlencode

from services.ingest.state import State
from services.ingest.venue.model import WORDS, RegisteredVenue
from services.ingest.venue.venue_index import VenueIndex
from services.ingest.venue.view import describe_distance, name_municipality
from shared.decimals import write_decimal
from shared.event.date_phrases import format_day
from shared.event.days import get_local_day
from shared.i18n.collation import build_collation_key
from shared.i18n.text import Text, _, n_, translate
from shared.region import Region
from shared.web.pages.parts import Fact

VENUES_URL: Final = "/ingest/venues"
MOST_COUNTED: Final = 1_000


@dataclass(frozen=True, slots=True)
class VenueRow:
    """``number`` is of the state that is shown; ``twins`` how many places may be the same."""

    id: str
    number: int
    name: str
    url: str
    address: str
    county: str
    twins: int
    distance: Text | str = ""


def build_venue_url(venue_id: str) -> str:
    return f"{VENUES_URL}/{quote(venue_id, safe='')}"


def build_list_url(query: str, page: int) -> str:
    params = ({"q": query} if query else {}) | ({"page": str(page)} if page > 1 else {})
    return f"{VENUES_URL}?{urlencode(params)}" if params else VENUES_URL


def make_row(
    venue: RegisteredVenue, lang: str, region: Region, *, index: VenueIndex, metres: int | None = None
) -> VenueRow:
    county = region.counties.get(venue.county)
    town = " ".join(each for each in (venue.postcode, venue.town) if each)
    return VenueRow(
        id=venue.id,
        number=venue.number,
        name=venue.name,
        url=build_venue_url(venue.id),
        address=", ".join(each for each in (venue.street, town) if each),
        county=county.get_label(lang) if county else venue.county,
        twins=len(index.list_near(venue)),
        distance="" if metres is None else describe_distance(metres),
    )


def make_values(venue: RegisteredVenue) -> Mapping[str, str]:
    values = {name: getattr(venue, name) or "" for name in WORDS}
    return values | {
        "lat": write_decimal(venue.lat),
        "lon": write_decimal(venue.lon),
        "municipality": venue.municipality or "",
    }


def list_facts(venue: RegisteredVenue, count: int, state: State, lang: str) -> list[Fact]:
    organisation = state.organisations.find_cached(venue.organisation)
    added = format_day(get_local_day(venue.created_at, state.region.time_zone), lang)
    named = n_("%(num)s submission", "%(num)s submissions", count)
    many = _("%(num)s submissions or more", num=MOST_COUNTED)
    return [
        Fact(_("Named by"), [many if count >= MOST_COUNTED else named]),
        Fact(_("Commune"), [name_municipality(venue.municipality, state.region)] if venue.municipality else []),
        Fact(_("Added by"), [organisation.name if organisation else venue.organisation, added]),
    ]


def list_municipalities(region: Region, lang: str) -> list[tuple[str, str]]:
    found = [(code, translate(name_municipality(code, region), lang)) for code in region.municipalities]
    return sorted(found, key=lambda each: build_collation_key(each[1], lang))
