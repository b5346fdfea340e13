from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.ingest.domain.event import read_event
from services.ingest.form.fields import event_of, fields_of
from tests.services.ingest.builders import KNOWN, make_event
from tests.services.ingest.strategies import events


@settings(max_examples=100, deadline=None)
@given(event=events())
def test_an_event_written_into_the_form_and_read_back_is_the_same(event: dict[str, Any]) -> None:
    assert read_event(event, KNOWN) == event
    assert read_event(event_of(fields_of(event), event), KNOWN) == event


@settings(max_examples=100, deadline=None)
@given(typed=st.dictionaries(st.sampled_from(("title.pl", "start_date", "venue.lat", "month", "x.y", "")), st.text()))
def test_whatever_is_typed_can_be_read(typed: dict[str, str]) -> None:
    event_of({name: [value] for name, value in typed.items()})


def test_what_is_no_number_is_passed_on_as_typed() -> None:
    read = event_of({"venue.lat": ["53,43"], "venue.lon": ["czternaście"]})

    assert read["venue"] == {"lat": 53.43, "lon": "czternaście"}


def test_an_address_without_its_beginning_is_completed() -> None:
    assert event_of({"website": ["www.zagle.pl/2027"]})["website"] == "https://www.zagle.pl/2027"


def test_boxes_ticked_as_before_keep_their_order() -> None:
    before = make_event(accessibility=["lift", "step_free"])

    read = event_of({"accessibility": ["step_free", "lift"]}, before)

    assert read["accessibility"] == ["lift", "step_free"]


def test_where_imported_dates_come_from_stays_as_long_as_the_dates() -> None:
    imported = make_event(provenance={"confidence": "high", "edition": 2024})
    moved = fields_of(imported) | {"end_date": ["2027-08-17"]}

    assert event_of(fields_of(imported), imported)["provenance"] == {"confidence": "high", "edition": 2024}
    assert "provenance" not in event_of(moved, imported)
