"""Which years the public list names, and which of them it shows."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.distribution.programme.months import (
    FIRST_YEAR,
    LAST_YEAR,
    LONGEST_LISTED,
    MAX_YEAR_LINKS,
    MonthIndex,
    lasts_over_a_year,
    list_filled,
    select_years,
)
from tests.services.distribution.builders import make_message, make_programme

TODAY = date(2027, 6, 1)
DAYS = st.dates(date(1990, 1, 1), date(2140, 12, 31))
SPANS = st.tuples(DAYS, st.one_of(st.integers(0, 400), st.integers(0, 40_000)))


def make_index(*spans: tuple[str, str]) -> MonthIndex:
    messages = [
        make_message(f"e{number}", dates={"certainty": "exact", "start": start, "end": end})
        for number, (start, end) in enumerate(spans)
    ]
    return MonthIndex(make_programme(messages))


def write_span(start: date, days: int) -> tuple[str, str]:
    return start.isoformat(), (start + timedelta(days=days)).isoformat()


PERMANENT = ("2020-05-01", "2099-12-31")


def test_a_permanent_exhibition_lists_its_first_and_last_year_only() -> None:
    index = make_index(PERMANENT, ("2027-08-14", "2027-08-16"))

    assert index.years == [2020, 2027, 2099]
    assert index.year_counts[2027] == 2
    assert len(index.list_year(2050)) == 1


def test_an_event_of_five_years_lists_each() -> None:
    assert make_index(("2026-11-01", "2030-02-01")).years == [2026, 2027, 2028, 2029, 2030]


def test_what_lasts_over_a_year_decides_only_where_nothing_else_is_to_come() -> None:
    assert make_index(PERMANENT, ("2029-08-14", "2029-08-16")).choose_year(TODAY) == 2029
    assert make_index(PERMANENT, ("2026-08-14", "2026-08-16")).choose_year(TODAY) == 2027
    assert make_index(("2028-01-01", "2031-01-01")).choose_year(TODAY) == 2028
    assert make_index(("2020-01-01", "2022-01-01"), ("2019-08-14", "2019-08-14")).choose_year(TODAY) == 2020


def test_a_year_ends_on_the_day_before_the_same_day() -> None:
    events = make_index(("2027-08-14", "2028-08-13"), ("2027-08-14", "2028-08-14"), ("2028-02-29", "2029-02-28")).events

    assert [lasts_over_a_year(each) for each in events] == [False, True, False]


@given(st.lists(SPANS, max_size=6), DAYS)
def test_listed_years_are_few_hold_events_and_no_short_one_is_lost(spans: list[tuple[date, int]], today: date) -> None:
    index = make_index(*(write_span(*each) for each in spans))

    years = index.years
    assert len(years) <= LONGEST_LISTED * len(spans)
    assert [year for year in years if not index.list_year(year) or not list_filled(index.get_year(year))] == []
    assert all(index.year_counts[year] == len(index.list_year(year)) for year in years)
    short = [each for each in index.events if int(each.last_day[:4]) - int(each.first_day[:4]) < LONGEST_LISTED]
    touched = {year for each in short for year in range(int(each.first_day[:4]), int(each.last_day[:4]) + 1)}
    assert {year for year in touched if FIRST_YEAR <= year <= LAST_YEAR} <= set(years)
    coming = [each for each in index.events if each.last_day >= today.isoformat() and not lasts_over_a_year(each)]
    if coming:
        assert index.choose_year(today) == max(today.year, min(int(each.first_day[:4]) for each in coming))


@given(st.sets(st.integers(FIRST_YEAR, LAST_YEAR)), st.integers(FIRST_YEAR, LAST_YEAR))
def test_at_most_ten_years_are_linked_side_by_side_around_the_shown_one(known: set[int], shown: int) -> None:
    years = sorted(known)

    found = list(select_years(years, shown))

    assert len(found) == min(len(years), MAX_YEAR_LINKS)
    assert found == [year for year in years if found and found[0] <= year <= found[-1]]
    assert shown not in known or shown in found
    nearer = [year for year in years if year not in found and abs(year - shown) < MAX_YEAR_LINKS // 2]
    assert nearer == []
