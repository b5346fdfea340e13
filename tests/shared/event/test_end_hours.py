"""Repeats of an event that begins at an hour and ends on a later day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.event.date_phrases import format_dates, format_exceptions, format_occurrence_days
from shared.event.days import get_span, list_days
from shared.event.end_hours import lacks_end_hour
from shared.event.model import Dates, parse_part
from shared.event.recurrence import InvalidRecurrence, list_planned, shift_recurrence
from shared.event.recurrence_checks import check_recurrence

MOVED = {"date": "2027-08-20T18:00", "status": "moved", "start": "2027-08-21T10:00", "end": "2027-08-22"}
WEEKENDS = parse_part(
    {
        "certainty": "exact",
        "start": "2027-08-13T18:00",
        "end": "2027-08-15",
        "recurrence": {"rrule": "FREQ=WEEKLY;COUNT=3", "exceptions": [MOVED]},
    },
    Dates,
)


def test_each_ends_as_many_days_later_as_the_first() -> None:
    check_recurrence(WEEKENDS)

    assert list_planned(WEEKENDS) == (
        ("2027-08-13T18:00", "2027-08-15"),
        ("2027-08-20T18:00", "2027-08-22"),
        ("2027-08-27T18:00", "2027-08-29"),
    )
    assert list_days(WEEKENDS) == [
        ("2027-08-13", "2027-08-15"),
        ("2027-08-21", "2027-08-22"),
        ("2027-08-27", "2027-08-29"),
    ]


def test_they_are_said_with_their_last_days() -> None:
    assert format_dates(WEEKENDS, "pl") == "w każdy piątek, 13–29 sierpnia 2027, 18:00"
    assert format_occurrence_days(WEEKENDS, "en").startswith(
        "Friday 13 August 2027, 18:00 – Sunday 15 August 2027; Saturday 21 August 2027, 10:00 – Sunday 22 August 2027"
    )
    assert format_exceptions(WEEKENDS, "en") == [
        "Moved: Friday 20 August 2027 → Saturday 21 August 2027, 10:00 – Sunday 22 August 2027"
    ]


def test_two_on_the_same_day_are_refused() -> None:
    recurrence = {"rdates": ["2027-08-13T20:00"]}
    dates = {"certainty": "exact", "start": "2027-08-13T18:00", "end": "2027-08-15", "recurrence": recurrence}

    with pytest.raises(InvalidRecurrence, match="repeated"):
        check_recurrence(parse_part(dates, Dates))


@given(days=st.integers(-100, 100), hour=st.sampled_from(("09:00", "18:00", "23:59")))
def test_moved_ends_remain_days(days: int, hour: str) -> None:
    assert WEEKENDS.recurrence
    after = f"{date(2027, 8, 13) + timedelta(days=days)}T{hour}"

    [moved] = shift_recurrence(WEEKENDS.recurrence, WEEKENDS.start, after).exceptions

    assert moved.end == f"{date(2027, 8, 22) + timedelta(days=days)}"


@given(
    first=st.dates(date(2020, 1, 1), date(2090, 1, 1)),
    length=st.integers(1, 300),
    language=st.sampled_from(("pl", "de", "ja")),
)
def test_it_touches_every_day_until_its_last(first: date, length: int, language: str) -> None:
    dates = Dates("exact", f"{first}T18:00", str(first + timedelta(days=length)))

    assert lacks_end_hour(dates.start, dates.end)
    assert get_span(dates) == (str(first), str(first + timedelta(days=length)))
    assert format_dates(dates, language).count("18:00") == 1
