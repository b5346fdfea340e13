from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.event.days import breaks_announcement, get_last_day
from shared.event.model import Dates


def days(start: str, end: str | None = None, certainty: str = "exact", **folds: int) -> Dates:
    fields: dict[str, Any] = {"certainty": certainty, "start": start, "end": end or start, **folds}
    return Dates(**fields)


AUGUST = days("2027-08-01", "2027-08-31", "month")
SUMMER = days("2027-06-01", "2027-08-31", "season")
FESTIVAL = days("2027-08-14", "2027-08-16")
CONCERT = days("2027-08-14T18:00", "2027-08-14T22:00")
ENDLESS = days("2027-08-14T18:00")
WEEKEND = days("2027-08-14T18:00", "2027-08-16")
NIGHT = days("2027-10-31T02:30", "2027-10-31T04:00", start_fold=0)

HOLDS = {
    "nothing changed": (FESTIVAL, FESTIVAL),
    "the date became certain": (days("2027-08-14", "2027-08-16", "provisional"), FESTIVAL),
    "the date became provisional on the same days": (FESTIVAL, days("2027-08-14", "2027-08-16", "provisional")),
    "a day was appended": (FESTIVAL, days("2027-08-14", "2027-08-17")),
    "a month was appended": (FESTIVAL, days("2027-08-14", "2027-09-14")),
    "hours were added to the days": (FESTIVAL, days("2027-08-14T10:00", "2027-08-16T20:00")),
    "hours were added up to midnight": (FESTIVAL, days("2027-08-14T10:00", "2027-08-17T00:00")),
    "a start was added to a day": (days("2027-08-14"), ENDLESS),
    "an end was added": (ENDLESS, CONCERT),
    "an end after midnight was added": (ENDLESS, days("2027-08-14T18:00", "2027-08-15T02:00")),
    "a day with the same hours was appended": (CONCERT, days("2027-08-14T18:00", "2027-08-15T22:00")),
    "a day of the month was chosen": (AUGUST, FESTIVAL),
    "the last day of the month was chosen": (AUGUST, days("2027-08-31T20:00", "2027-09-01T00:00")),
    "a month of the season was chosen": (SUMMER, AUGUST),
    "the hour of the end is not known": (WEEKEND, WEEKEND),
    "the hour of the end was added": (WEEKEND, days("2027-08-14T18:00", "2027-08-16T20:00")),
    "a day was appended without an hour of the end": (WEEKEND, days("2027-08-14T18:00", "2027-08-17")),
    "a start was added to days": (FESTIVAL, WEEKEND),
    "a last day was added": (ENDLESS, WEEKEND),
    "the first of two equal hours was meant": (NIGHT, days("2027-10-31T02:30", "2027-10-31T04:00")),
}
BROKEN = {
    "it is another day": (FESTIVAL, days("2027-08-21", "2027-08-23")),
    "it begins a day earlier": (FESTIVAL, days("2027-08-13", "2027-08-16")),
    "it begins a day later": (FESTIVAL, days("2027-08-15", "2027-08-16")),
    "the last day is gone": (FESTIVAL, days("2027-08-14", "2027-08-15")),
    "the last day is gone for hours without an end": (FESTIVAL, days("2027-08-14T10:00")),
    "it begins an hour earlier": (CONCERT, days("2027-08-14T17:00", "2027-08-14T22:00")),
    "it begins an hour later": (ENDLESS, days("2027-08-14T19:00")),
    "it ends earlier": (CONCERT, days("2027-08-14T18:00", "2027-08-14T21:00")),
    "it ends later": (CONCERT, days("2027-08-14T18:00", "2027-08-14T23:00")),
    "it ends on the next day at another hour": (CONCERT, days("2027-08-14T18:00", "2027-08-15T02:00")),
    "its end is no longer known": (CONCERT, ENDLESS),
    "the hour of its end is no longer known": (days("2027-08-14T18:00", "2027-08-16T20:00"), WEEKEND),
    "its last day is gone without an hour": (WEEKEND, days("2027-08-14T18:00", "2027-08-15")),
    "it begins an hour later without an hour of its end": (WEEKEND, days("2027-08-14T19:00", "2027-08-16")),
    "its hours are no longer known": (CONCERT, days("2027-08-14")),
    "its day is no longer known": (FESTIVAL, AUGUST),
    "its month is no longer known": (AUGUST, SUMMER),
    "it is in another month": (AUGUST, days("2027-09-04")),
    "it runs beyond its month": (AUGUST, days("2027-08-30", "2027-09-01")),
    "it is the other of two equal hours": (NIGHT, days("2027-10-31T02:30", "2027-10-31T04:00", start_fold=1)),
}


@pytest.mark.parametrize("name", HOLDS)
def test_nothing_has_moved_while_all_that_people_knew_holds(name: str) -> None:
    assert not breaks_announcement(*HOLDS[name])


@pytest.mark.parametrize("name", BROKEN)
def test_an_event_has_moved_when_a_day_or_hour_that_people_knew_no_longer_holds(name: str) -> None:
    assert breaks_announcement(*BROKEN[name])


@pytest.mark.parametrize(
    ("start", "end", "last"),
    [
        ("2027-08-14", "2027-08-16", "2027-08-16"),
        ("2027-08-14T18:00", "2027-08-15T00:00", "2027-08-14"),
        ("2027-12-31T18:00", "2028-01-01T00:00", "2027-12-31"),
        ("2027-08-14T00:00", "2027-08-14T00:00", "2027-08-14"),
        ("2027-08-14T18:00", "2027-08-15T00:01", "2027-08-15"),
    ],
)
def test_what_ends_at_midnight_does_not_touch_the_day_that_begins_then(start: str, end: str, last: str) -> None:
    assert get_last_day(start, end) == last


@st.composite
def dates(draw: st.DrawFn) -> Dates:
    first = draw(st.dates(date(2027, 6, 1), date(2027, 9, 30)))
    last = first + timedelta(days=draw(st.integers(0, 20)))
    if draw(st.booleans()):
        return days(first.isoformat(), last.isoformat(), draw(st.sampled_from(["exact", "provisional"])))
    begins, ends = sorted(
        [f"{first}T{draw(st.integers(0, 23)):02}:00", f"{last}T{draw(st.integers(0, 23)):02}:00"],
    )
    return days(begins, ends)


@given(announced=dates(), more=st.integers(0, 40))
def test_days_at_the_end_and_another_certainty_break_nothing(announced: Dates, more: int) -> None:
    end = (date.fromisoformat(announced.end[:10]) + timedelta(days=more)).isoformat() + announced.end[10:]

    assert not breaks_announcement(announced, days(announced.start, end, "provisional"))


@given(announced=dates(), now=dates())
def test_who_comes_on_a_day_and_at_an_hour_that_were_announced_finds_it_unless_it_has_moved(
    announced: Dates, now: Dates
) -> None:
    if not breaks_announcement(announced, now):
        assert now.start.startswith(announced.start)
        assert get_last_day(announced.start, announced.end) <= get_last_day(now.start, now.end)
