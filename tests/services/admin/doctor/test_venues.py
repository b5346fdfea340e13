from __future__ import annotations

from typing import Any, Final

import pytest

from services.admin.doctor.findings import Level
from services.admin.doctor.venues import check_named, check_register, examine_venues
from shared.database.client import open_database
from shared.region import Region, load_region
from shared.settings import CommonSettings
from tests.services.ingest.venue.places import make_venue
from tests.support.running import REGION

CASTLE: Final = make_venue()


@pytest.fixture(scope="module")
def region() -> Region:
    return load_region(REGION)


@pytest.mark.parametrize(
    ("events", "merged", "level", "said"),
    [
        ({}, {}, Level.OK, "0 submissions name 0 places"),
        ({"a": 2, "b": 1}, {"a": "b", "b": None}, Level.OK, "3 submissions name 2 places"),
        ({"a": 2, "x": 3}, {"a": None}, Level.WARNING, "3 submissions name places that the register does not have: x."),
        ({"a": 2}, {"a": "gone"}, Level.WARNING, "1 merged places lead to none that stays"),
        ({"a": 2, "b": 1}, {"a": "b", "b": "a"}, Level.WARNING, "nothing is proposed to 3 submissions: a; b."),
    ],
    ids=["none", "all are known", "unknown", "merged into nothing", "merged crosswise"],
)
def test_places_that_events_name_are_known_or_lead_to_one_that_stays(
    events: dict[str, int], merged: dict[str, str | None], level: Level, said: str
) -> None:
    found = check_named(events, merged)

    assert (found.level, said in found.what, bool(found.do)) == (level, True, level is not Level.OK)


@pytest.mark.parametrize(
    ("changes", "level", "said"),
    [
        ({}, Level.OK, "1 places, each where its town and county say."),
        ({"lat": 52.52, "lon": 13.4}, Level.WARNING, "1 of 1 places lie far from the county they name: Zamek"),
        ({"lat": 14.56, "lon": 53.42}, Level.WARNING, "1 of 1 places lie far from the county they name: Zamek"),
        ({"county": "3208", "lat": 54.17, "lon": 15.57}, Level.WARNING, "knows in another county: Zamek"),
        (
            {"county": "3208", "lat": 54.17, "lon": 15.57, "municipality": "3208011"},
            Level.OK,
            "1 places",
        ),
        ({"town": "Niechorze", "county": "3205", "lat": 54.09, "lon": 15.06}, Level.OK, "1 places"),
        ({"lat": 0.0, "lon": 0.0, "merged_into": "other"}, Level.OK, "0 places"),
    ],
    ids=["well", "in Berlin", "swapped", "another county", "a village whose commune is chosen", "a village", "merged"],
)
def test_places_lie_where_town_and_county_say(region: Region, changes: dict[str, Any], level: Level, said: str) -> None:
    found = check_register([make_venue(**changes)], region)

    assert (found.level, said in found.what, bool(found.do)) == (level, True, level is not Level.OK)


def test_of_many_places_some_are_named(region: Region) -> None:
    places = [make_venue(f"Zamek {number}", lat=0.0, lon=0.0) for number in range(9)]

    what = check_register(places, region).what

    assert "9 of 9 places" in what
    assert what.endswith("Zamek 2, ul. Korsarzy 34, Szczecin and 6 more.")


async def test_the_databases_are_asked(mongo_url: str, database_name: str) -> None:
    settings = CommonSettings(mongo_url=mongo_url, database_prefix=database_name)
    async with open_database(mongo_url, settings.database("log")) as database:
        ingest = database.client[settings.database("ingest")]
        try:
            await ingest["venues"].insert_many(
                [{"_id": "a", "name": "Zamek", "town": "Szczecin", "county": "3262", "lat": 53.42, "lon": 14.56,
                  "organisation": "lot", "created_at": "2026-11-30T10:00:00Z"}]
            )  # fmt: skip
            await ingest["submissions"].insert_many(
                [{"event": {"venue": {"id": "a"}}}, {"event": {"venue": {"id": "lost"}}}, {"event": {"venue": {}}}]
            )

            found = await examine_venues(database, settings)
        finally:
            await database.client.drop_database(ingest.name)

    assert [(each.about, each.level) for each in found] == [
        ("venues of events", Level.WARNING),
        ("register of venues", Level.OK),
    ]
    assert found[0].what == "1 submissions name places that the register does not have: lost."
