"""Opening hours in the form."""

from __future__ import annotations

import pytest

from services.ingest.form.errors import place_errors
from services.ingest.form.mapping import parse_form, write_form
from services.ingest.form.opening_fields import NAMES, list_rows
from services.ingest.submission.content import read_event
from services.ingest.submission.field_errors import ValidationFailed
from shared.event.model import OpeningHours
from tests.services.ingest.builders import KNOWN, kept_event

SEASON = {
    "certainty": "exact",
    "start": "2027-06-01",
    "end": "2027-09-30",
    "opening_hours": [{"days": ["tue", "sun"], "opens": "10:00", "closes": "18:00"}],
}


def make_fields(**changes: list[str]) -> dict[str, list[str]]:
    return write_form(kept_event(dates=SEASON)) | {name.replace("__", "."): values for name, values in changes.items()}


def test_they_are_the_same_after_the_form() -> None:
    fields = make_fields()

    assert read_event(parse_form(fields), KNOWN).dates == kept_event(dates=SEASON).dates
    assert (fields["opening.0.days"], fields["opening.0.opens"]) == (["tue", "sun"], ["10:00"])


def test_hours_are_read_as_people_type_them_and_empty_rows_are_none() -> None:
    fields = make_fields(
        opening__0__days=["mon"], opening__0__opens=["9.30"], opening__1__days=[""], opening__3__days=["sat", "fri"],
        opening__3__opens=["20:00"], opening__3__closes=["24:00"],
    )  # fmt: skip

    assert read_event(parse_form(fields), KNOWN).dates.opening_hours == [
        OpeningHours(days=["mon"], opens="09:30", closes="18:00"),
        OpeningHours(days=["fri", "sat"], opens="20:00", closes="24:00"),
    ]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"opening__2__opens": ["10:00"], "opening__2__closes": ["11:00"]}, "opening.2.days"),
        (
            {"opening__2__days": ["mon"], "opening__2__opens": ["10"], "opening__2__closes": ["11:00"]},
            "opening.2.opens",
        ),
        ({"opening__0__closes": ["9:00"]}, "opening.0.closes"),
        ({"start_time": ["10:00"], "end_time": ["18:00"]}, "opening.0.days"),
    ],
)
def test_an_error_stands_at_the_row_that_was_typed(changes: dict[str, list[str]], field: str) -> None:
    fields = make_fields(**changes)

    with pytest.raises(ValidationFailed) as failed:
        read_event(parse_form(fields), KNOWN)

    assert [each.field for each in place_errors(failed.value.errors, fields)] == [field]


def test_two_empty_rows_are_offered_and_never_more_than_fit() -> None:
    full = {f"opening.{row}.opens": ["10:00"] for row in range(14)}

    assert [row.number for row in list_rows({})] == [1, 2]
    assert [row.opens for row in list_rows(make_fields())] == ["10:00", "", ""]
    assert len(list_rows(full)) == 14
    assert {f"{row.name}.days" for row in list_rows(full)} <= NAMES
