"""What is asked about in an event that breaks no rule, and what is not."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from typing import Any, Final

import pytest

from services.demo.editions import build_programme
from services.demo.programme import load_programme
from shared.event.model import parse_event
from shared.event.warnings import find_warnings
from shared.region import Region, load_region
from tests.services.ingest.builders import make_event

PACK: Final = Path(__file__).parents[3] / "deploy" / "region"
TODAY: Final = date(2026, 11, 29)


@pytest.fixture(scope="module", name="region")
def region_fixture() -> Region:
    return load_region(PACK)


def codes(region: Region, event: dict[str, Any], today: date = TODAY) -> dict[str, str]:
    return {each.field: each.code for each in find_warnings(parse_event(event), region, today=today, language="pl")}


def on(start: str, end: str = "", certainty: str = "exact") -> dict[str, Any]:
    return make_event(dates={"certainty": certainty, "start": start, "end": end or start})


def repeating(start: str) -> dict[str, Any]:
    dates = {"certainty": "exact", "start": start, "end": start, "recurrence": {"rrule": "FREQ=WEEKLY;COUNT=5"}}
    return make_event(dates=dates)


def at(lat: float | None, lon: float | None, county: str = "3262", town: str = "Szczecin") -> dict[str, Any]:
    place = {} if lat is None else {"lat": lat, "lon": lon}
    return make_event(venue={"town": town, "county": county, **place})


NOTHING: Final[dict[str, str]] = {}
PAST: Final = {"dates.start": "in_the_past"}
AHEAD: Final = {"dates.start": "far_ahead"}
LONG: Final = {"dates.end": "longer_than_a_year"}
DATES: Final = {
    "today": (on("2026-11-29"), NOTHING),
    "yesterday": (on("2026-11-28"), PAST),
    "earlier today": (on("2026-11-29T00:00", "2026-11-29T01:00"), NOTHING),
    "it has begun and goes on": (on("2026-11-01", "2026-12-24"), PAST),
    "last year instead of next": (on("2025-08-14", "2025-08-16"), PAST),
    "this month, its day not known": (on("2026-11-01", "2026-11-30", "month"), NOTHING),
    "last month, its day not known": (on("2026-10-01", "2026-10-31", "month"), PAST),
    "autumn, begun": (on("2026-09-01", "2026-11-30", "season"), NOTHING),
    "next year's last day": (on("2027-12-31"), NOTHING),
    "two years ahead": (on("2028-01-01"), AHEAD),
    "2072 for 2027": (on("2072-08-14"), AHEAD),
    "winter of next year, which ends two years ahead": (on("2027-12-01", "2028-02-29", "season"), NOTHING),
    "repeats that have begun": (repeating("2026-11-01"), NOTHING),
    "repeats that are over": (repeating("2026-10-01"), PAST),
    "the wrong year at its end": (on("2027-08-14", "2037-08-16"), LONG),
    "a year and a day": (on("2027-01-01", "2028-01-03"), LONG),
    "a leap year": (on("2027-12-31", "2028-12-31"), NOTHING),
    "past, and without an end": (on("2020-01-01", "2027-12-31"), PAST | LONG),
}


@pytest.mark.parametrize(("event", "expected"), DATES.values(), ids=DATES)
def test_dates_that_are_likely_a_slip_are_asked_about(
    region: Region, event: dict[str, Any], expected: dict[str, str]
) -> None:
    assert codes(region, event) == expected


REGISTRATION: Final = {"tickets.registration_until": "registration_too_late"}


@pytest.mark.parametrize(
    ("until", "expected"),
    [
        ("2027-08-16", NOTHING),
        ("2027-08-16T18:00", NOTHING),
        ("2027-08-17", REGISTRATION),
        ("2028-08-10T18:00", REGISTRATION),
    ],
)
def test_registration_that_ends_after_the_event_is_asked_about(
    region: Region, until: str, expected: dict[str, str]
) -> None:
    assert codes(region, make_event(tickets={"registration_until": until})) == expected


@pytest.mark.parametrize(("until", "expected"), [("2026-11-29", NOTHING), ("2026-11-30", REGISTRATION)])
def test_registration_for_repeats_may_end_with_the_last_one(
    region: Region, until: str, expected: dict[str, str]
) -> None:
    event = repeating("2026-11-01") | {"tickets": {"registration_until": until}}

    assert codes(region, event) == expected


ELSEWHERE: Final = {"venue.county": "town_elsewhere"}
TOWNS: Final = {
    "its own county": ("Szczecin", "3262", NOTHING),
    "the county around it": ("Szczecin", "3211", ELSEWHERE),
    "a city that seats the county around it": ("Koszalin", "3209", ELSEWHERE),
    "far away": ("Kołobrzeg", "3262", ELSEWHERE),
    "typed without marks": ("Kolobrzeg", "3262", ELSEWHERE),
    "typed in capitals": ("KOŁOBRZEG", "3208", NOTHING),
    "typed without its hyphen": ("Połczyn Zdrój", "3262", ELSEWHERE),
    "one of two of the name": ("Dobra", "3211", NOTHING),
    "the other of the two": ("Dobra", "3218", NOTHING),
    "neither of the two": ("Dobra", "3262", ELSEWHERE),
    "by its full name": ("Dobra (Szczecińska)", "3211", NOTHING),
    "a village": ("Pobierowo", "3262", NOTHING),
    "a suburb": ("Szczecin-Dąbie", "3211", NOTHING),
}


@pytest.mark.parametrize(("town", "county", "expected"), TOWNS.values(), ids=TOWNS)
def test_a_town_of_another_county_is_asked_about(
    region: Region, town: str, county: str, expected: dict[str, str]
) -> None:
    assert codes(region, at(None, None, county, town)) == expected


def test_no_town_of_the_list_is_asked_about_in_a_county_that_has_it(region: Region) -> None:
    named = [(name, each.county) for each in region.municipalities.values() for name in (each.name, each.name.upper())]
    seats = [(each.seat, code) for code, each in region.counties.items() if each.kind == "city"]

    assert len(region.municipalities) == 113
    assert [pair for pair in (*named, *seats) if codes(region, at(None, None, pair[1], pair[0])) != NOTHING] == []


def test_a_pack_without_municipalities_asks_about_no_town(tmp_path: Path) -> None:
    pack = Path(shutil.copytree(PACK, tmp_path / "region"))
    (pack / "municipalities.json").unlink()

    assert codes(load_region(pack), at(None, None, "3211", "Szczecin")) == NOTHING


FAR: Final = {"venue.lat": "position_far"}
SWAPPED: Final = {"venue.lat": "position_swapped"}
ZERO: Final = {"venue.lat": "position_zero"}
PLACES: Final = {
    "there": (53.43, 14.565, "3262", NOTHING),
    "none": (None, None, "3262", NOTHING),
    "swapped": (14.565, 53.43, "3262", SWAPPED),
    "swapped, of another county": (16.18, 54.19, "3262", SWAPPED),
    "zero": (0.0, 0.0, "3262", ZERO),
    "minus zero": (-0.0, 0.0, "3262", ZERO),
    "one zero": (53.43, 0.0, "3262", FAR),
    "south instead of north": (-53.43, 14.565, "3262", FAR),
    "another end of the region": (54.19, 16.18, "3262", FAR),
    "Berlin": (52.52, 13.405, "3262", FAR),
    "Warsaw": (52.23, 21.01, "3262", FAR),
    "the other side of the world": (-53.43, -165.4, "3262", FAR),
    "a pole": (90.0, 180.0, "3262", FAR),
    "the edge of a long county": (52.87, 14.2, "3206", NOTHING),
    "a county that the pack no longer has": (0.0, 0.0, "9999", NOTHING),
}


@pytest.mark.parametrize(("lat", "lon", "county", "expected"), PLACES.values(), ids=PLACES)
def test_a_position_that_cannot_be_the_venues_is_asked_about(
    region: Region, lat: float | None, lon: float | None, county: str, expected: dict[str, str]
) -> None:
    assert codes(region, at(lat, lon, county, "Gdzieś")) == expected


def test_warnings_say_what_to_check_in_the_readers_language(region: Region) -> None:
    event = make_event(
        dates={"certainty": "exact", "start": "2025-08-14", "end": "2025-08-14"},
        venue={"town": "Kołobrzeg", "county": "3262", "lat": 14.565, "lon": 53.43},
    )

    found = {lang: find_warnings(parse_event(event), region, today=TODAY, language=lang) for lang in ("pl", "en")}

    assert [each.text for each in found["pl"]] == [
        "Początek jest w przeszłości: 14 sierpnia 2025. Sprawdź dzień i rok.",
        (
            "Miejscowość Kołobrzeg znamy z innego powiatu (powiat kołobrzeski) niż podany (Szczecin). Sprawdź powiat; "
            "jeśli to inna miejscowość o tej nazwie, zostaw tak."
        ),
        "Szerokość i długość geograficzna wyglądają na zamienione. Szerokość to 53.43, długość to 14.565?",
    ]
    assert found["en"][0].text == "It begins in the past: 14 August 2025. Check the day and the year."
    assert [each.code for each in found["en"]] == [each.code for each in found["pl"]]


def test_no_place_of_the_regions_own_programme_is_asked_about(region: Region) -> None:
    events = [event for _slug, event in build_programme(load_programme(PACK, region), 2027, zone=region.time_zone)]

    asked = {event["external_id"]: found for event in events if (found := codes(region, event, date(2026, 12, 31)))}

    assert len(events) > 100
    assert asked == {}
