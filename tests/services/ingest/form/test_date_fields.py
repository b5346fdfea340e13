from __future__ import annotations

import pytest

from services.ingest.form.date_fields import find_choice, find_errors, get_limits, parse_dates, write_dates
from shared.event.model import Dates


def read(**typed: str) -> dict[str, object]:
    return parse_dates({name: [value] for name, value in typed.items()})


def test_one_day_needs_no_last_day() -> None:
    assert read(certainty="exact", start_date="2027-08-14") == {
        "certainty": "exact",
        "start": "2027-08-14",
        "end": "2027-08-14",
    }


def test_an_end_that_is_not_known_is_the_start() -> None:
    dates = read(certainty="exact", start_date="2027-08-14", start_time="18:00")

    assert (dates["start"], dates["end"]) == ("2027-08-14T18:00", "2027-08-14T18:00")


def test_the_last_day_may_lack_an_hour() -> None:
    typed = {"certainty": "exact", "start_date": "14.8.2027", "start_time": "18:00", "end_date": "16.8.2027"}
    dates = read(**typed)

    assert (dates["start"], dates["end"]) == ("2027-08-14T18:00", "2027-08-16")
    assert find_errors({name: [value] for name, value in typed.items()}) == []
    assert read(**write_dates(Dates("exact", "2027-08-14T18:00", "2027-08-16"))) == dates


def test_what_people_type_without_a_calendar_is_understood() -> None:
    dates = read(
        certainty="exact", start_date="14.8.2027", start_time="9.30", end_date="15.08.2027", end_time="17:00:00"
    )

    assert (dates["start"], dates["end"]) == ("2027-08-14T09:30", "2027-08-15T17:00")


@pytest.mark.parametrize("last", ["", "16.08.2027"])
def test_a_span_typed_as_the_first_day_is_both_days(last: str) -> None:
    dates = read(certainty="exact", start_date="14-16.08.2027", start_time="10:00", end_date=last, end_time="18:00")

    assert (dates["start"], dates["end"]) == ("2027-08-14T10:00", "2027-08-16T18:00")


@pytest.mark.parametrize(
    ("start", "end", "wrong"),
    [
        ("14-16.08.2027", "", []),
        ("14-16.08.2027", "17.08.2027", [("start_date", "two_days")]),
        ("14.08.2027", "14-16.08.2027", [("end_date", "two_days")]),
        ("14-32.08.2027", "", [("start_date", "no_such_day")]),
    ],
)
def test_a_span_that_another_last_day_contradicts_is_asked_about(
    start: str, end: str, wrong: list[tuple[str, str]]
) -> None:
    found = find_errors({"certainty": ["exact"], "start_date": [start], "end_date": [end]})

    assert [(each.field, each.code) for each in found] == wrong


def test_days_left_over_from_another_choice_do_not_count() -> None:
    dates = read(certainty="month", month="2027-08", start_date="2026-01-01", start_fold="1")

    assert dates == {"certainty": "month", "start": "2027-08-01", "end": "2027-08-31"}


@pytest.mark.parametrize(
    ("chosen", "span"),
    [
        ("2028-02", ("2028-02-01", "2028-02-29")),
        ("2027-summer", ("2027-06-01", "2027-08-31")),
        ("2027-winter", ("2027-12-01", "2028-02-29")),
        ("2027-06-24/2027-08-31", ("2027-06-24", "2027-08-31")),
        ("2027-13", ("2027-13", "2027-13")),
        ("", ("", "")),
    ],
)
def test_a_choice_has_its_limits(chosen: str, span: tuple[str, str]) -> None:
    assert get_limits(chosen) == span


@pytest.mark.parametrize(
    ("certainty", "span", "chosen"),
    [
        ("month", ("2027-08-01", "2027-08-31"), "2027-08"),
        ("month", ("2027-08-01", "2027-08-30"), "2027-08-01/2027-08-30"),
        ("season", ("2027-07-01", "2027-08-31"), "2027-holidays"),
        ("season", ("2027-06-01", "2027-07-31"), "2027-06-01/2027-07-31"),
    ],
)
def test_a_span_without_a_name_is_a_choice_of_its_own(certainty: str, span: tuple[str, str], chosen: str) -> None:
    assert find_choice(certainty, *span) == chosen
