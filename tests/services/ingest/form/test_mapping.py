from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.ingest.form.errors import place_errors
from services.ingest.form.mapping import parse_form, read_moment, write_form, write_moment
from services.ingest.form.repeat_view import describe_repeats
from services.ingest.submission.content import SubmittedEvent, read_event, write_event
from services.ingest.submission.field_errors import ValidationFailed
from shared.event.model import Recurrence, parse_part
from tests.services.ingest.builders import KNOWN, kept_event
from tests.services.ingest.strategies import carried_repeats, events, typed_days


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


HOURS = {"certainty": "exact", "start": "2027-07-03T18:00", "end": "2027-07-03T20:00"}
EVENINGS = kept_event(
    dates={
        "certainty": "exact",
        "start": "2027-07-03T18:00",
        "end": "2027-07-03T20:00",
        "recurrence": {
            "rrule": "FREQ=WEEKLY;UNTIL=20270807T180000",
            "rdates": ["2027-07-07T18:00"],
            "exceptions": [{"date": "2027-07-10T18:00", "status": "cancelled"}],
        },
    }
)


EVERY_THIRD_WEEK = kept_event(
    dates={
        "certainty": "exact",
        "start": "2027-07-03T18:00",
        "end": "2027-07-03T20:00",
        "recurrence": {
            "rrule": "FREQ=WEEKLY;INTERVAL=3;UNTIL=20270807T180000",
            "rdates": ["2027-07-07T18:00"],
            "exdates": ["2027-07-24T18:00"],
            "exceptions": [{"date": "2027-07-07T18:00", "status": "cancelled"}],
        },
    }
)


@pytest.mark.parametrize("event", [EVENINGS, EVERY_THIRD_WEEK])
def test_repeats_stay_as_they_are_whether_the_form_can_show_them_or_not(event: SubmittedEvent) -> None:
    fields = write_form(event) | {"title.pl": ["Inny tytuł"]}

    assert read_event(parse_form(fields, event), KNOWN).dates == event.dates


def test_repeats_that_the_form_cannot_show_move_with_the_start() -> None:
    fields = write_form(EVERY_THIRD_WEEK) | {
        "start_date": ["2027-07-17"],
        "end_date": ["2027-07-17"],
        "start_time": ["17:30"],
    }

    assert parse_form(fields, EVERY_THIRD_WEEK)["dates"]["recurrence"] == {
        "rrule": "FREQ=WEEKLY;INTERVAL=3;UNTIL=20270821T173000",
        "rdates": ["2027-07-21T17:30"],
        "exdates": ["2027-08-07T17:30"],
        "exceptions": [{"date": "2027-07-21T17:30", "status": "cancelled"}],
    }
    read_event(parse_form(fields, EVERY_THIRD_WEEK), KNOWN)


def test_repeats_of_an_event_that_loses_its_hours_are_days() -> None:
    fields = write_form(EVENINGS) | {"start_time": [""], "end_time": [""]}

    assert read_event(parse_form(fields, EVENINGS), KNOWN).dates.recurrence == parse_part(
        {
            "rrule": "FREQ=WEEKLY;UNTIL=20270807",
            "rdates": ["2027-07-07"],
            "exceptions": [{"date": "2027-07-10", "status": "cancelled"}],
        },
        Recurrence,
    )


@pytest.mark.parametrize("event", [EVENINGS, EVERY_THIRD_WEEK])
def test_repeats_of_an_event_that_takes_place_once_are_removed(event: SubmittedEvent) -> None:
    assert "recurrence" not in parse_form(write_form(event) | {"repeats": ["once"]}, event)["dates"]


def test_repeats_carried_by_a_draft_of_an_earlier_release_stay() -> None:
    carried = '["2027-07-03T18:00", {"rrule": "FREQ=WEEKLY;COUNT=3"}]'
    fields = write_form(kept_event(dates=HOURS)) | {"recurrence": [carried]}

    assert parse_form(fields)["dates"]["recurrence"] == {"rrule": "FREQ=WEEKLY;COUNT=3"}


@pytest.mark.parametrize(("certainty", "chosen"), [("month", "2027-07"), ("season", "2027-summer")])
def test_repeats_of_an_event_that_is_given_a_span_are_refused_and_not_dropped(certainty: str, chosen: str) -> None:
    fields = write_form(EVENINGS) | {"certainty": [certainty], certainty: [chosen]}

    with pytest.raises(ValidationFailed) as caught:
        read_event(parse_form(fields, EVENINGS), KNOWN)

    assert [(error.field, error.code) for error in caught.value.errors] == [("dates.recurrence", "span_repeats")]
    assert [error.field for error in place_errors(caught.value.errors, fields)] == ["repeats"]


@pytest.mark.parametrize("carried", ["x", "[]", '["2027-07-03T18:00", {"rrule": 3}]', '["2027", {"rrule": "FREQ=X"}]'])
def test_repeats_that_cannot_be_read_are_refused_and_not_dropped(carried: str) -> None:
    with pytest.raises(ValidationFailed) as caught:
        read_event(parse_form(write_form(EVENINGS) | {"repeats": ["kept"], "recurrence": [carried]}, EVENINGS), KNOWN)

    assert [error.field for error in caught.value.errors] == ["dates.recurrence"]


@settings(max_examples=200, deadline=None)
@given(carried=carried_repeats(), typed=typed_days())
@example(carried='["9999-12-31", {"rrule": "FREQ=WEEKLY;COUNT=2"}]', typed={"start_date": "9999-12-31"})
@example(carried='["2027-07-03T18:00Z", {"rrule": "FREQ=WEEKLY;COUNT=2"}]', typed={"start_date": "2027-07-03"})
@example(carried=f'["2027-07-03", {{"x": {"[" * 5_000}{"]" * 5_000}}}]', typed={"start_date": "2027-07-03"})
def test_whatever_repeats_the_form_carries_it_is_taken_or_refused(carried: str, typed: dict[str, str]) -> None:
    fields = write_form(EVENINGS) | {name: [value] for name, value in typed.items()}
    fields |= {"repeats": ["kept"], "recurrence": [carried]}

    describe_repeats(fields, "pl")
    with suppress(ValidationFailed):
        read_event(parse_form(fields, EVENINGS), KNOWN)


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


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("", ""),
        ("10.08.2027", "2027-08-10"),
        ("10.08.2027 18:00", "2027-08-10T18:00"),
        ("10 sierpnia 2027, 18.00", "2027-08-10T18:00"),
        ("2027-08-10", "2027-08-10"),
        ("18:00", "18:00"),
        ("soon", "soon"),
        ("10.08.2027 25:00", "10.08.2027 25:00"),
    ],
)
def test_a_deadline_is_typed_as_a_day_and_maybe_an_hour(typed: str, read: str) -> None:
    assert read_moment(typed) == read


@pytest.mark.parametrize("moment", ["", "2027-08-10", "2027-08-10T18:00"])
def test_a_deadline_comes_back_as_it_was_kept(moment: str) -> None:
    assert read_moment(write_moment(moment)) == moment


def test_ages_that_are_no_numbers_are_passed_on_as_typed() -> None:
    read = parse_form({"audience": ["children"], "ages.min": ["3"], "ages.max": ["twelve"]})

    assert read["ages"] == {"min": 3, "max": "twelve"}
