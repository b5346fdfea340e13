"""Rules of the register: what may be the same place, and where a merged one leads."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.form.mapping import NAMES
from services.ingest.venue.model import (
    find_municipality,
    fold,
    follow,
    is_twin,
    make_twin,
    take_over,
    write_form_values,
)
from shared.event.model import Venue
from shared.region import Region, load_region
from tests.services.ingest.venue.places import make_venue

CASTLE = make_venue()
PACK = Path(__file__).parents[4] / "deploy" / "region"


@pytest.fixture(scope="module")
def region() -> Region:
    return load_region(PACK)


@pytest.mark.parametrize(
    ("name", "changes", "expected"),
    [
        ("Zamek Ksiazat Pomorskich", {"lat": 53.5, "lon": 14.6}, True),
        ("Zamek", {"lat": 53.5, "lon": 14.6}, True),
        ("Zamek Książąt Pomorskich", {"lat": 53.5, "town": "Darłowo"}, False),
        ("Opera", {"lat": 53.4270}, True),
        ("Opera", {"lat": 53.4282}, False),
        ("Filharmonia", {"lat": 53.5}, False),
    ],
    ids=["no diacritics", "a part of the name", "another town", "90 m away", "220 m away", "another name, far away"],
)
def test_places_may_be_the_same_by_name_in_a_town_or_by_distance(
    name: str, changes: dict[str, object], *, expected: bool
) -> None:
    other = make_venue(name, **{"id": "other"} | changes)

    assert (is_twin(CASTLE, other), is_twin(other, CASTLE)) == (expected, expected)


def test_places_that_a_curator_kept_apart_are_not_asked_about_again() -> None:
    other = make_venue(id="other", apart=(CASTLE.id,))

    assert not is_twin(CASTLE, other)
    assert not is_twin(other, CASTLE)


def test_a_distance_is_rounded_to_ten_metres() -> None:
    assert make_twin(CASTLE, make_venue(id="other", lat=53.4270)).metres == 90


@given(st.dictionaries(st.sampled_from("abcdef"), st.sampled_from([None, *"abcdefx"])))
def test_a_merged_place_leads_to_one_that_stays_or_to_itself(merged: dict[str, str | None]) -> None:
    for each in merged:
        found = follow(each, merged)

        assert found == each or (found is not None and merged[found] is None)


def test_chains_of_merges_are_followed_and_loops_end() -> None:
    assert follow("a", {"a": "b", "b": "c", "c": None}) == "c"
    assert follow("a", {"a": "b", "b": "a"}) == "a"
    assert follow("a", {}) is None


def test_taking_over_replaces_words_and_keeps_fields_of_a_later_release() -> None:
    before = Venue(id="old", name="Zamek", town="Szczecin", county="3262", postcode="70-540", extra={"hall": "B"})

    after = take_over(before, CASTLE)

    assert (after.id, after.name, after.street, after.postcode) == (CASTLE.id, CASTLE.name, "ul. Korsarzy 34", None)
    assert (after.lat, after.extra) == (53.4262, {"hall": "B"})


def test_the_form_gets_every_field_of_the_place() -> None:
    values = write_form_values(CASTLE)

    assert set(values) == {name for name in NAMES if name.startswith("venue.")}
    assert (values["venue.lat"], values["venue.postcode"]) == (["53.4262"], [])


@given(st.text(max_size=400))
def test_folding_is_bounded_and_folds_once(text: str) -> None:
    folded = fold(text)

    assert len(folded) <= 800
    assert fold(folded[:200]) == folded[:200].strip()


@pytest.mark.parametrize(
    ("town", "county", "expected"),
    [
        ("szczecin", "3262", "3262011"),
        ("Białogard", "3201", "3201011"),
        ("Karlino", "3201", "3201033"),
        ("Szczecin", "3201", None),
        ("Nigdzie", "3201", None),
    ],
)
def test_the_commune_is_the_town_of_that_name_in_the_county(
    town: str, county: str, expected: str | None, region: Region
) -> None:
    found = find_municipality(region, town, county)

    assert (found.teryt if found else None) == expected
