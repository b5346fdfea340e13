"""An event that repeats stands where it takes place: in the days, months and years of its occurrences."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.distribution.programme.indexed_event import IndexedEvent
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


DAY = date(2027, 1, 1)


@st.composite
def draw_repeats(draw: st.DrawFn, name: str) -> dict[str, Any]:
    """Dates that repeat in any distance, however long each lasts; some occurrences move, some are cancelled."""
    length, distances = draw(st.integers(0, 100)), st.integers(0, 731)
    starts = sorted(draw(st.sets(distances, min_size=1, max_size=4)))

    def on(day: int) -> str:
        return (DAY + timedelta(days=day)).isoformat()

    exceptions: list[dict[str, str]] = []
    for start in draw(st.sets(st.sampled_from(starts), max_size=len(starts) - 1)):
        first = draw(st.none() | distances)
        moved = {"start": on(first), "end": on(first + draw(st.integers(0, 100)))} if first is not None else {}
        exceptions.append({"date": on(start), "status": "moved" if moved else "cancelled", **moved})
    recurrence = {"rdates": [on(each) for each in starts[1:]], "exceptions": exceptions}
    dates = {"certainty": "exact", "start": on(starts[0]), "end": on(starts[0] + length), "recurrence": recurrence}
    return {"event_id": name, "dates": dates}


@settings(max_examples=50)
@given(repeats=st.tuples(draw_repeats("a"), draw_repeats("b")), today=st.dates(DAY, date(2031, 1, 1)))
def test_months_and_years_hold_exactly_what_takes_place_in_them(
    repeats: tuple[dict[str, Any], ...], today: date
) -> None:
    index = MonthIndex(make_programme([make_message(**each) for each in repeats]))
    touched: dict[Month, set[str]] = {}
    for event in index.events:
        for first, last, *_times in event.occurrences:
            for number in range((date.fromisoformat(last) - date.fromisoformat(first)).days + 1):
                day = date.fromisoformat(first) + timedelta(days=number)
                touched.setdefault(Month(day.year, day.month), set()).add(event.id)

    shown = {month: period for year in range(2026, 2033) for month, period in index.get_year(year).items()}
    assert {month: {each.id for each in period} for month, period in shown.items() if len(period)} == touched
    assert all(len(period) == len({each.id for each in period}) for period in shown.values())
    assert index.years == sorted({month.year for month in touched})
    for year in range(2026, 2033):
        ids = {name for month, names in touched.items() if month.year == year for name in names}
        assert sorted(each.id for each in index.list_year(year)) == sorted(ids)
        assert index.year_counts[year] == len(ids)
    for month in shown:
        neighbours = [each for each in touched if each < month], [each for each in touched if each > month]
        assert index.find_neighbours([month]) == (max(neighbours[0], default=None), min(neighbours[1], default=None))
    if any(each.last_day >= today.isoformat() for event in index.events for each in event.occurrences):
        assert index.choose_year(today) in index.years


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
