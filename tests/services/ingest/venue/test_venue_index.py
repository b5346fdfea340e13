"""Suggestions and twins: what people type, against places that are compared one by one."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.ingest.venue.model import RegisteredVenue, is_twin
from services.ingest.venue.venue_index import MAX_QUERY, VenueIndex
from tests.services.ingest.venue.places import make_venue

NAMES = ("Zamek Książąt Pomorskich", "Filharmonia", "Teatr Letni", "Wały Chrobrego", "Amfiteatr", "Hala Żagli")
TOWNS = ("Szczecin", "Kołobrzeg", "Świnoujście", "Międzyzdroje")
PLACES = [
    make_venue(name, id=f"{name} {town}", town=town, lat=53 + n, street=None)
    for n, town in enumerate(TOWNS)
    for name in NAMES
]
INDEX = VenueIndex(PLACES)

_venues = st.builds(
    make_venue,
    st.sampled_from(NAMES),
    id=st.sampled_from("abcdefgh"),
    town=st.sampled_from(TOWNS),
    lat=st.sampled_from((53.4262, 53.4266, 53.4270, 53.5)),
    lon=st.sampled_from((14.5602, 14.5609, 14.6)),
    merged_into=st.sampled_from((None, None, "a", "b")),
)


@pytest.mark.parametrize(
    ("typed", "name", "town"),
    [
        ("zamek ksiazat", "Zamek Książąt Pomorskich", None),
        ("filharm", "Filharmonia", None),
        ("filharmoina", "Filharmonia", None),
        ("filhrm", "Filharmonia", None),
        ("waly chrobrgo szczecin", "Wały Chrobrego", "Szczecin"),
        ("Kolobrzeg amfiteatr", "Amfiteatr", "Kołobrzeg"),
        ("HALA ŻAGLI, swinoujscie", "Hala Żagli", "Świnoujście"),
        ("chrobrego wały", "Wały Chrobrego", None),
    ],
)
def test_a_place_is_found_without_diacritics_and_with_slips(typed: str, name: str, town: str | None) -> None:
    found = INDEX.suggest(typed)

    assert found
    assert found[0].name == name
    assert town is None or found[0].town == town


@pytest.mark.parametrize("typed", ["", " ", "z", "qqqqqq", "!!!", "\x00\ud83d"])
def test_what_fits_nothing_finds_nothing(typed: str) -> None:
    assert INDEX.suggest(typed) == []


def test_there_are_ten_suggestions_at_most_and_a_long_query_is_cut() -> None:
    assert len(INDEX.suggest("szczecin kolobrzeg a")) <= 10
    assert len(INDEX.suggest("te " * MAX_QUERY)) == 4


@given(st.sampled_from(PLACES))
def test_every_place_is_found_by_its_own_words(place: RegisteredVenue) -> None:
    assert INDEX.suggest(f"{place.name} {place.town}")[0] == place


@given(st.text(max_size=200))
def test_any_text_can_be_asked_for(typed: str) -> None:
    assert len(INDEX.suggest(typed)) <= 10


@settings(deadline=None)
@given(st.lists(_venues, max_size=12))
def test_an_index_that_was_changed_answers_as_one_made_of_the_last_state(changes: list[RegisteredVenue]) -> None:
    changed = VenueIndex(changes)
    fresh = VenueIndex({each.id: each for each in changes}.values())
    queries = (*NAMES, *TOWNS, "filharmoina")

    assert [changed.suggest(each) for each in queries] == [fresh.suggest(each) for each in queries]
    assert changed.list_staying() == fresh.list_staying()


@settings(deadline=None)
@given(st.lists(_venues, max_size=8, unique_by=lambda each: each.id), _venues)
def test_twins_are_those_that_a_comparison_one_by_one_finds(
    places: list[RegisteredVenue], candidate: RegisteredVenue
) -> None:
    found = VenueIndex(places).list_twins(candidate)
    expected = [each for each in places if each.merged_into is None and is_twin(candidate, each)]

    assert len(found) == min(5, len(expected))
    assert {each.venue.id for each in found} <= {each.id for each in expected}
    assert [each.metres for each in found] == sorted(each.metres for each in found)


def test_a_merged_place_is_not_suggested_and_leads_to_the_other() -> None:
    index = VenueIndex([make_venue(id="a"), make_venue(id="b")])
    index.put(make_venue(id="a", merged_into="b", number=2))

    assert [each.id for each in index.suggest("zamek")] == ["b"]
    staying: Any = index.find_staying("a")
    assert staying.id == "b"
