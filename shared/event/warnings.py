"""Warnings: probable slips in a valid event, asked about but never refused. Pure.

They depend on the day, so they are found when somebody looks and not stored.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, Literal

from shared.distance import Point, compute_distance_km
from shared.event.date_phrases import format_day
from shared.event.days import get_last_day, get_span
from shared.event.model import SPANS, Dates, Event, StartPlace, Venue
from shared.i18n.text import Text, gettext_noop
from shared.region import County, Region

Code = Literal[
    "in_the_past",
    "far_ahead",
    "longer_than_a_year",
    "registration_too_late",
    "town_elsewhere",
    "position_zero",
    "position_swapped",
    "position_far",
]
# So far ahead a wrong year is likelier than a plan.
YEARS_AHEAD: Final = 2
LONGEST: Final = timedelta(days=366)
# From the middle of the county, by its kind; no county in Poland reaches farther.
REACH_KM: Final[Mapping[str, float]] = {"county": 60.0, "city": 30.0}

_TEXTS: Final[Mapping[Code, str]] = {
    "in_the_past": gettext_noop("It begins in the past: %(day)s. Check the day and the year."),
    "far_ahead": gettext_noop("It begins as late as %(year)s. Check the year."),
    "longer_than_a_year": gettext_noop("It lasts for more than a year, until %(day)s. Check the year of the last day."),
    "registration_too_late": gettext_noop(
        "One may register until %(day)s, which is after the event. Check the day and the year."
    ),
    "town_elsewhere": gettext_noop(
        "We know %(town)s in another county (%(known)s) than the one given (%(county)s). Check the "
        "county; if this is another place of that name, leave it as it is."
    ),
    "position_zero": gettext_noop(
        "The coordinates 0, 0 lie in the ocean. Give the position of the place, or remove both."
    ),
    "position_swapped": gettext_noop(
        "Latitude and longitude look swapped. Is the latitude %(lat)s and the longitude %(lon)s?"
    ),
    "position_far": gettext_noop(
        "The coordinates lie %(distance)s km from the middle of the county given: %(county)s. "
        "Check them, and the county."
    ),
}


@dataclass(frozen=True, slots=True)
class EventWarning:
    """``field`` is its path in the event, ``code`` is for programs, ``text`` for a reader."""

    field: str
    code: Code
    text: str


def find_warnings(event: Event, region: Region, *, today: date, language: str) -> list[EventWarning]:
    """Check a valid event; ``today`` is the day in the region. At most one warning each for its ends and its facts."""
    return [
        *_check_dates(event.dates, today, language),
        *_check_registration(event, language),
        *find_place_warnings(event.venue, region, language),
        *(_check_start(event.start_place, region, language) if event.start_place else ()),
    ]


def find_place_warnings(venue: Venue, region: Region, language: str) -> list[EventWarning]:
    """Check whether town, county and position of a place agree."""
    return [*_check_town(venue, region, language), *_check_position(venue, region, language)]


def _check_dates(dates: Dates, today: date, language: str) -> Iterator[EventWarning]:
    start = date.fromisoformat(dates.start[:10])
    end = date.fromisoformat(get_last_day(dates.start, dates.end))
    last = date.fromisoformat(get_span(dates)[1])
    # Only the span of a month or a season is known: it may well have begun, as repeats may.
    past = last if dates.certainty in SPANS or dates.recurrence else start
    if past < today:
        yield _create_warning("dates.start", "in_the_past", language, day=format_day(start, language))
    elif start.year >= today.year + YEARS_AHEAD:
        yield _create_warning("dates.start", "far_ahead", language, year=start.year)
    if end - start > LONGEST:
        yield _create_warning("dates.end", "longer_than_a_year", language, day=format_day(end, language))


def _check_registration(event: Event, language: str) -> Iterator[EventWarning]:
    until = (event.tickets.registration_until or "")[:10]
    if until > get_span(event.dates)[1]:
        day = format_day(date.fromisoformat(until), language)
        yield _create_warning("tickets.registration_until", "registration_too_late", language, day=day)


def _check_town(venue: Venue, region: Region, language: str) -> Iterator[EventWarning]:
    known = region.find_counties(venue.town)
    if known and venue.county not in known:
        names = ", ".join(region.counties[code].get_label(language) for code in sorted(known))
        county = _get_county_label(venue, region, language)
        yield _create_warning("venue.county", "town_elsewhere", language, town=venue.town, known=names, county=county)


def _check_position(venue: Venue, region: Region, language: str) -> Iterator[EventWarning]:
    county = region.counties.get(venue.county)
    lat, lon = venue.lat, venue.lon
    if county is None or lat is None or lon is None:
        return
    if lat == lon == 0:
        yield _create_warning("venue.lat", "position_zero", language)
    elif _is_within_reach(county, (lat, lon)):
        return
    elif _is_swapped(region, lat, lon):
        yield _create_warning("venue.lat", "position_swapped", language, lat=f"{lon:g}", lon=f"{lat:g}")
    else:
        distance = round(compute_distance_km((county.lat, county.lon), (lat, lon)))
        yield _create_warning(
            "venue.lat", "position_far", language, distance=distance, county=county.get_label(language)
        )


def _check_start(place: StartPlace, region: Region, language: str) -> Iterator[EventWarning]:
    """It may be anywhere: a cruise begins in another country."""
    lat, lon = place.lat, place.lon
    if lat is None or lon is None:
        return
    if lat == lon == 0:
        yield _create_warning("start_place.lat", "position_zero", language)
    elif _is_swapped(region, lat, lon):
        yield _create_warning("start_place.lat", "position_swapped", language, lat=f"{lon:g}", lon=f"{lat:g}")


def _is_swapped(region: Region, lat: float, lon: float) -> bool:
    return _is_in_region(region, (lon, lat)) and not _is_in_region(region, (lat, lon))


def _is_in_region(region: Region, place: Point) -> bool:
    return any(_is_within_reach(county, place) for county in region.counties.values())


def _is_within_reach(county: County, place: Point) -> bool:
    return compute_distance_km((county.lat, county.lon), place) <= REACH_KM[county.kind]


def _get_county_label(venue: Venue, region: Region, language: str) -> str:
    county = region.counties.get(venue.county)
    return county.get_label(language) if county else venue.county


def _create_warning(field: str, code: Code, language: str, **values: Any) -> EventWarning:  # noqa: ANN401 - a text is filled with anything
    return EventWarning(field, code, Text(_TEXTS[code], values).in_language(language))
