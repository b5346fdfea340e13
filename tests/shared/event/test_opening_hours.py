"""Opening hours: what is taken, and how they are said."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.event.model import Dates, OpeningHours, parse_part, serialize_part
from shared.event.opening_hours import DAYS, InvalidOpeningHours, check_opening_hours
from shared.event.opening_phrases import list_opening_hours
from shared.i18n.languages import LANGUAGES

WEEK = list(DAYS)


def make_dates(*rows: tuple[list[str], str, str], **fields: Any) -> Dates:  # noqa: ANN401 - any field
    hours = [{"days": days, "opens": opens, "closes": closes} for days, opens, closes in rows]
    dates = {"certainty": "exact", "start": "2027-06-01", "end": "2027-09-30", "opening_hours": hours}
    return parse_part(dates | fields, Dates)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("pl", ["pn 10:00–13:00, 14:00–18:00", "wt–ndz 10:00–18:00"]),
        ("en", ["Mon 10:00–13:00, 14:00–18:00", "Tue–Sun 10:00–18:00"]),
        ("de", ["Mo 10:00–13:00, 14:00–18:00", "Di–So 10:00–18:00"]),
    ],
)
def test_days_of_the_same_hours_are_one_line(language: str, said: list[str]) -> None:
    dates = make_dates((["mon"], "14:00", "18:00"), (["mon"], "10:00", "13:00"), (WEEK[1:], "10:00", "18:00"))

    check_opening_hours(dates)

    assert list_opening_hours(dates.opening_hours, language) == said


def test_days_apart_are_named_one_by_one() -> None:
    rows = [OpeningHours(days=["sun", "sat", "wed"], opens="10:00", closes="24:00")]

    assert list_opening_hours(rows, "en") == ["Wed, Sat, Sun 10:00–24:00"]


@pytest.mark.parametrize(
    ("dates", "path", "code"),
    [
        (make_dates(([], "10:00", "18:00")), "0.days", "required"),
        (make_dates((["tue", "day"], "10:00", "18:00")), "0.days", "unknown_value"),
        (make_dates((["tue", "tue"], "10:00", "18:00")), "0.days", "repeated"),
        (make_dates((["tue"], "10", "18:00")), "0.opens", "not_an_hour"),
        (make_dates((["tue"], "24:00", "24:00")), "0.opens", "not_an_hour"),
        (make_dates((["tue"], "10:00", "24:01")), "0.closes", "not_an_hour"),
        (make_dates((["tue"], "18:00", "10:00")), "0.closes", "before_start"),
        (make_dates((["tue"], "10:00", "18:00"), (["tue"], "17:00", "20:00")), "1.opens", "overlap"),
        (make_dates((["tue"], "10:00", "18:00"), start="2027-06-01T10:00"), "", "has_hours"),
        (make_dates((["tue"], "10:00", "18:00"), recurrence={"rrule": "FREQ=YEARLY;COUNT=2"}), "", "repeats"),
    ],
)
def test_what_cannot_be_is_refused_where_it_stands(dates: Dates, path: str, code: str) -> None:
    with pytest.raises(InvalidOpeningHours) as found:
        check_opening_hours(dates)

    assert (found.value.path, found.value.code) == (path, code)


@given(
    days=st.lists(st.sampled_from(DAYS), min_size=1, unique=True),
    hours=st.lists(st.integers(0, 24), min_size=2, max_size=2, unique=True).map(sorted),
    language=st.sampled_from(sorted(LANGUAGES)),
)
def test_every_row_that_is_taken_is_said_in_every_language(days: list[str], hours: list[int], language: str) -> None:
    opens, closes = (f"{each:02}:00" for each in hours)
    dates = make_dates((days, opens, closes))

    check_opening_hours(dates)
    [line] = list_opening_hours(dates.opening_hours, language)

    assert line.endswith(f" {opens}–{closes}")
    assert parse_part(serialize_part(dates), Dates) == dates
