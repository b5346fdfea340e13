"""Which words of an event the register proposes to correct."""

from __future__ import annotations

from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.venue.model import MAX_FORMER, WORDS, RegisteredVenue, change_words
from services.ingest.venue.place_correction import compare, correct, list_changes
from shared.event.model import Venue
from tests.services.ingest.venue.places import make_venue

CASTLE: Final = make_venue()
DARLOWO: Final = {"town": "Darłowo", "county": "3213"}


def change(place: RegisteredVenue, **changes: Any) -> RegisteredVenue:  # noqa: ANN401 - fields of all kinds
    return change_words(place, {name: getattr(place, name) for name in WORDS} | changes, None)


def at(place: RegisteredVenue, **changes: Any) -> Venue:  # noqa: ANN401 - fields of all kinds
    return Venue(**place.words | {"id": place.id} | changes)


@pytest.mark.parametrize(
    ("changes", "said", "expected"),
    [
        ({"street": "ul. Korsarzy 1"}, {}, {"street": "ul. Korsarzy 1"}),
        ({"street": "ul. Korsarzy 1"}, {"street": "Brama Górna"}, {}),
        ({"street": None}, {}, {"street": None}),
        ({"postcode": "70-540"}, {}, {"postcode": "70-540"}),
        ({"name": "Zamek"}, {"name": "Zamek, dziedziniec"}, {}),
        ({"lat": 53.43, "lon": 14.57}, {}, {"lat": 53.43, "lon": 14.57}),
        ({"lat": 53.43, "lon": 14.57}, {"lat": 53.44}, {}),
        (DARLOWO, {}, DARLOWO),
        ({"county": "3211"}, {}, {"county": "3211"}),
        (DARLOWO, {"town": "Police", "county": "3211"}, {}),
    ],
    ids=[
        "the same street",
        "a street of its own",
        "the street is removed",
        "a postcode is added",
        "a name of its own",
        "the point",
        "half a point",
        "town and county",
        "the county",
        "another town",
    ],
)
def test_only_what_the_register_said_before_is_corrected(
    changes: dict[str, Any], said: dict[str, Any], expected: dict[str, Any]
) -> None:
    event = at(CASTLE, **said)
    place = change(CASTLE, **changes)

    assert list_changes({name: getattr(event, name) for name in WORDS}, place) == expected
    assert (compare(event, place) is not None) == bool(expected)
    assert compare(correct(event, place), place) is None


def test_an_older_state_is_known_too_and_one_that_is_true_again_is_not_asked_about() -> None:
    second = change(CASTLE, name="Zamek")
    third = change(second, street="ul. Korsarzy 1")
    back = change(third, name=CASTLE.name, street=CASTLE.street)

    assert correct(at(CASTLE), third) == at(third)
    assert compare(at(CASTLE), back) is None
    assert correct(at(third), back) == at(back)


def test_what_is_saved_unchanged_proposes_nothing() -> None:
    assert change(CASTLE).former == ()


@given(st.lists(st.sampled_from(["A", "B", "C", *"defghijklmno"]), min_size=1, max_size=40))
def test_a_place_keeps_its_last_states_each_once_and_never_its_own(names: list[str]) -> None:
    place = CASTLE
    for name in names:
        place = change(place, name=name)

    kept = [each["name"] for each in place.former]
    latest = [each for each in dict.fromkeys(reversed([CASTLE.name, *names])) if each != place.name]
    assert kept == latest[:MAX_FORMER]
    assert all(correct(at(place, name=each), place).name == place.name for each in kept)
