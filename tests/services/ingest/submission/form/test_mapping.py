from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.ingest.submission.content import read_event, write_event
from services.ingest.submission.form.mapping import parse_form, write_form
from tests.services.ingest.builders import KNOWN, kept_event
from tests.services.ingest.strategies import events


@settings(max_examples=100)
@given(event=events())
def test_an_event_written_into_the_form_and_read_back_is_the_same(event: dict[str, Any]) -> None:
    kept = read_event(event, KNOWN)

    assert write_event(kept) == event
    assert read_event(parse_form(write_form(kept), kept), KNOWN) == kept


@settings(max_examples=100)
@given(typed=st.dictionaries(st.sampled_from(("title.pl", "start_date", "venue.lat", "month", "x.y", "")), st.text()))
def test_whatever_is_typed_can_be_read(typed: dict[str, str]) -> None:
    parse_form({name: [value] for name, value in typed.items()})


def test_what_is_no_number_is_passed_on_as_typed() -> None:
    read = parse_form({"venue.lat": ["53,43"], "venue.lon": ["czternaście"]})

    assert read["venue"] == {"lat": 53.43, "lon": "czternaście"}


def test_an_address_without_its_beginning_is_completed() -> None:
    assert parse_form({"website": ["www.zagle.pl/2027"]})["website"] == "https://www.zagle.pl/2027"


def test_boxes_ticked_as_before_keep_their_order() -> None:
    before = kept_event(accessibility=["lift", "step_free"])

    read = parse_form({"accessibility": ["step_free", "lift"]}, before)

    assert read["accessibility"] == ["lift", "step_free"]


def test_where_imported_dates_come_from_stays_as_long_as_the_dates() -> None:
    imported = kept_event(provenance={"confidence": "high", "edition": 2024})
    moved = write_form(imported) | {"end_date": ["2027-08-17"]}

    assert parse_form(write_form(imported), imported)["provenance"] == {"confidence": "high", "edition": 2024}
    assert "provenance" not in parse_form(moved, imported)


def test_a_place_is_written_into_the_form_as_people_write_numbers() -> None:
    fields = write_form(kept_event(venue={"town": "Szczecin", "county": "3262", "lat": 1e-05, "lon": -2e-05}))

    assert (fields["venue.lat"], fields["venue.lon"]) == (["0.00001"], ["-0.00002"])


@pytest.mark.parametrize(
    ("typed", "number"), [("53.43", 53.43), ("14,565", 14.565), ("-0,5", -0.5), ("\u22120.5", -0.5), ("54", 54.0)]
)
def test_a_coordinate_is_read_as_people_write_it(typed: str, number: float) -> None:
    assert parse_form({"venue.lat": [typed]})["venue"]["lat"] == number


@pytest.mark.parametrize("typed", ["1_0", "１２", "1e5", "+5", "0x1", "nan", "inf", "5.", ".5", "53.43 N", "9" * 5_000])
def test_what_is_no_coordinate_for_people_stays_as_it_was_typed(typed: str) -> None:
    assert parse_form({"venue.lat": [typed]})["venue"]["lat"] == typed
