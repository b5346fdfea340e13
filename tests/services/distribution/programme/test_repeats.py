"""An event that repeats stands where it takes place: in the days, months and years of its occurrences."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.distribution.programme.model import IndexedEvent
from services.distribution.programme.months import Month, MonthIndex, build_period, place_events
from services.distribution.programme.selection import Selection
from shared.event.model import Dates, parse_part
from shared.event.recurrence import list_occurrences
from tests.services.distribution.builders import make_message, make_programme
from tests.support.repeats import RULES

OFF = {"date": "2027-07-10T18:00", "status": "cancelled"}
MOVED = {"date": "2027-07-17T18:00", "status": "moved", "start": "2027-07-18T17:00", "end": "2027-07-18T19:00"}


def make_repeating(
    rrule: str, start: str = "2027-07-03T18:00", end: str = "2027-07-03T20:00", **more: object
) -> IndexedEvent:
    dates = {"certainty": "exact", "start": start, "end": end, "recurrence": {"rrule": rrule, **more}}
    (event,) = make_programme([make_message("a", dates=dates)])
    return event


EVENINGS = make_repeating("FREQ=WEEKLY;COUNT=6", exceptions=[OFF, MOVED])


def matches(event: IndexedEvent, first: str | None, last: str | None) -> bool:
    return Selection(first=first, last=last).matches(event)


def test_a_weekend_has_it_only_if_it_takes_place_then() -> None:
    assert matches(EVENINGS, "2027-07-02", "2027-07-04")
    assert not matches(EVENINGS, "2027-07-05", "2027-07-09")
    assert not matches(EVENINGS, "2027-07-10", "2027-07-11")
    assert matches(EVENINGS, "2027-07-18", "2027-07-18")
    assert not matches(EVENINGS, "2027-07-17", "2027-07-17")
    assert matches(EVENINGS, "2027-08-01", None)
    assert not matches(EVENINGS, "2027-08-08", None)
    assert matches(EVENINGS, None, None)


@given(rule=st.sampled_from(RULES), first=st.dates(), last=st.dates())
def test_days_match_exactly_what_takes_place_on_them(
    rule: tuple[str, str, str, int, str], first: object, last: object
) -> None:
    start, end, rrule, _count, _last = rule
    days = (str(first), str(last))
    dates = parse_part({"certainty": "exact", "start": start, "end": end, "recurrence": {"rrule": rrule}}, Dates)

    expected = any(each.end[:10] >= days[0] and each.start[:10] <= days[1] for each in list_occurrences(dates))

    assert matches(make_repeating(rrule, start, end), *days) is expected


def test_each_month_has_it_once_with_its_occurrences_there() -> None:
    year = MonthIndex([EVENINGS]).get_year(2027)

    july, august = year[Month(2027, 7)], year[Month(2027, 8)]
    assert [each.sort_key[0] for each in july] == ["2027-07-03T18:00"]
    assert [(each.first_day, each.last_day) for each in july.starting] == [("2027-07-03", "2027-07-31")]
    assert [(each.first_day, each.last_day) for each in august.starting] == [("2027-08-07", "2027-08-07")]
    assert [month.number for month, period in year.items() if len(period)] == [7, 8]


def test_a_year_has_it_once() -> None:
    index = MonthIndex([make_repeating("FREQ=MONTHLY;COUNT=8")])

    assert [len(index.list_year(year)) for year in (2026, 2027, 2028, 2029)] == [0, 1, 1, 0]
    assert index.years == [2027, 2028]


def test_it_stands_among_others_by_the_occurrence_of_the_month() -> None:
    programme = make_programme(
        [
            make_message("b", dates={"certainty": "exact", "start": "2027-08-06", "end": "2027-08-06"}),
            make_message("c", dates={"certainty": "exact", "start": "2027-08-08", "end": "2027-08-08"}),
        ]
    )
    index = MonthIndex([EVENINGS, *programme])

    assert [each.id for each in index.get_year(2027)[Month(2027, 8)]] == ["b", "a", "c"]
    assert [each.id for each in place_events(index.events, "2027-08-01", "2027-08-31")] == ["b", "a", "c"]


def test_what_began_before_the_days_is_still_running() -> None:
    event = make_repeating("FREQ=WEEKLY;COUNT=9", "2027-07-03", "2027-07-04")

    period = build_period(place_events([event], "2027-07-11", "2027-07-13"), "2027-07-11")

    assert [(each.first_day, each.last_day) for each in period.running] == [("2027-07-10", "2027-07-11")]


@pytest.mark.parametrize("rrule", ["FREQ=SECONDLY;COUNT=2", "FREQ=WEEKLY", "x", "FREQ=DAILY;COUNT=999999999"])
def test_a_message_whose_rule_cannot_be_read_is_refused_like_one_without_a_day(rrule: str) -> None:
    with pytest.raises(ValueError, match="rrule"):
        make_repeating(rrule)
