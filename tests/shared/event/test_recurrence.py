"""Repeats: what a rule comes to, and what is refused before anything is expanded."""

from __future__ import annotations

import time
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from shared.event.days import breaks_announcement, get_span
from shared.event.model import Dates, parse_part, serialize_part
from shared.event.recurrence import (
    MAX_OCCURRENCES,
    MAX_SPAN,
    InvalidRecurrence,
    list_occurrences,
    list_planned,
    shift_recurrence,
    write_rule,
)
from shared.event.recurrence_checks import check_recurrence
from tests.support.repeats import RULES

WARSAW = ZoneInfo("Europe/Warsaw")
ZONES = st.sampled_from([WARSAW, ZoneInfo("Pacific/Kiritimati"), ZoneInfo("Pacific/Honolulu")])
SATURDAYS = {"rrule": "FREQ=WEEKLY;COUNT=9"}
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def repeat(recurrence: dict[str, Any], start: str = "2027-07-03", end: str | None = None, **fields: Any) -> Dates:  # noqa: ANN401 - any field
    certainty = fields.get("certainty", "exact")
    document = {"certainty": certainty, "start": start, "end": end or start, "recurrence": recurrence}
    return parse_part(document, Dates)


def find_error(dates: Dates) -> tuple[str, str]:
    with pytest.raises(InvalidRecurrence) as refused:
        check_recurrence(dates)
    return refused.value.path, refused.value.code


@pytest.mark.parametrize(("start", "end", "rule", "count", "last"), RULES, ids=str)
def test_a_rule_comes_to_its_occurrences(start: str, end: str, rule: str, count: int, last: str) -> None:
    dates = repeat({"rrule": rule}, start, end)

    check_recurrence(dates)
    found = list_occurrences(dates)

    assert (len(found), found[0].start, found[0].end, found[-1].start) == (count, start, end, last)
    assert {each.start[10:] for each in found} == {start[10:]}
    assert {each.end[10:] for each in found} == {end[10:]}


def lists(values: st.SearchStrategy[Any]) -> st.SearchStrategy[str]:
    return st.lists(values, min_size=1, max_size=4, unique=True).map(lambda found: ",".join(map(str, found)))


RULE_TEXTS = st.builds(
    lambda freq, parts: ";".join([f"FREQ={freq}", *(f"{name}={value}" for name, value in parts.items())]),
    st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]),
    st.fixed_dictionaries(
        {"COUNT": st.integers(1, 60)},
        optional={
            "INTERVAL": st.integers(1, 40),
            "BYMONTH": lists(st.integers(1, 12)),
            "BYMONTHDAY": lists(st.integers(1, 31) | st.integers(-31, -1)),
            "BYDAY": lists(st.sampled_from(WEEKDAYS) | st.sampled_from(["1SA", "-1SU", "5FR", "-5MO"])),
            "BYSETPOS": lists(st.integers(1, 31) | st.integers(-31, -1)),
            "WKST": st.sampled_from(["MO", "SU"]),
        },
    ),
)
STARTS = st.integers(0, 36_000).map(lambda days: datetime(2000, 1, 1, 18) + timedelta(days=days))  # noqa: DTZ001 - local


@settings(deadline=None, max_examples=60)
@given(rule=RULE_TEXTS, start=STARTS)
def test_a_rule_that_is_taken_means_what_dateutil_makes_of_it(rule: str, start: datetime) -> None:
    dates = repeat({"rrule": rule}, start.isoformat(timespec="minutes"))
    try:
        check_recurrence(dates)
    except InvalidRecurrence:
        assume(condition=False)

    expected = [each.isoformat(timespec="minutes") for each in rrulestr(rule, dtstart=start)]

    assert [each.start for each in list_occurrences(dates)] == expected


@settings(deadline=None, max_examples=60)
@given(rule=RULE_TEXTS | st.text(max_size=40), start=STARTS)
def test_whatever_the_rule_it_is_bounded_or_refused(rule: str, start: datetime) -> None:
    dates = repeat({"rrule": rule}, start.isoformat(timespec="minutes"))
    began = time.process_time()
    try:
        found = list_occurrences(dates)
    except InvalidRecurrence:
        found = []
    spent = time.process_time() - began

    assert len(found) <= MAX_OCCURRENCES
    assert all(datetime.fromisoformat(each.start) - start <= MAX_SPAN for each in found)
    assert spent < 0.25  # 50 ms are promised; a test's machine is busy, and dateutil alone would take seconds


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;COUNT=2",
        "FREQ=MONTHLY;INTERVAL=12;BYMONTH=1;COUNT=2",
        "FREQ=DAILY;INTERVAL=7;BYDAY=MO;COUNT=2",
        "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=31,30,29,28,27,26,25,24,23,22;COUNT=2",
        "FREQ=YEARLY;BYDAY=5MO;BYMONTHDAY=1;COUNT=2",
    ],
)
def test_a_rule_that_matches_no_day_costs_little_in_any_year(rule: str) -> None:
    sundays = (date.fromisocalendar(year, 26, 7) for year in range(2026, 2054))  # the calendar is the same after 28
    spent = []
    for day in sundays:
        began = time.process_time()
        assert find_error(repeat({"rrule": rule}, day.isoformat())) == ("rrule", "not_first")
        spent.append(time.process_time() - began)

    assert max(spent) < 0.1


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ("FREQ=SECONDLY;COUNT=2", "unknown_value"),
        ("FREQ=HOURLY;UNTIL=20270704", "unknown_value"),
        ("COUNT=3", "unknown_value"),
        (";", "not_a_rule"),
        ("FREQ=WEEKLY;" + "BYMONTH=1;" * 40, "not_a_rule"),
        ("every Saturday", "unknown_part"),
        ("FREQ=WEEKLY;COUNT=2;COUNT=3", "unknown_part"),
        ("FREQ=WEEKLY;COUNT=0", "unknown_part"),
        ("FREQ=WEEKLY;INTERVAL=0;COUNT=2", "unknown_part"),
        ("FREQ=DAILY;BYHOUR=1,2,3;COUNT=3", "unknown_part"),
        ("FREQ=YEARLY;BYEASTER=0;COUNT=2", "unknown_part"),
        ("FREQ=WEEKLY;BYMONTHDAY=3;COUNT=2", "senseless_part"),
        ("FREQ=WEEKLY;BYDAY=1SA;COUNT=2", "senseless_part"),
        ("FREQ=MONTHLY;BYSETPOS=1;COUNT=2", "senseless_part"),
        ("FREQ=WEEKLY", "no_end"),
        ("FREQ=WEEKLY;COUNT=3;UNTIL=20270801", "no_end"),
        ("FREQ=DAILY;COUNT=401", "too_many"),
        ("FREQ=DAILY;COUNT=1000000000", "too_many"),
        ("FREQ=DAILY;UNTIL=20290702", "too_many"),
        ("FREQ=WEEKLY;COUNT=106", "too_far"),
        ("FREQ=WEEKLY;UNTIL=20290801", "too_far"),
        ("FREQ=WEEKLY;UNTIL=20271301", "not_a_date"),
        ("FREQ=WEEKLY;UNTIL=20270828T180000", "other_form"),
        ("FREQ=WEEKLY;BYDAY=SU;COUNT=3", "not_first"),
        ("FREQ=WEEKLY;UNTIL=20270601", "not_first"),
    ],
)
def test_a_rule_that_is_not_taken_says_why(rule: str, code: str) -> None:
    assert find_error(repeat({"rrule": rule})) == ("rrule", code)


def test_a_single_occurrence_is_none_that_repeats() -> None:
    further = {"rdates": ["2027-07-05"]}
    assert find_error(repeat({"rrule": "FREQ=YEARLY;COUNT=1"} | further)) == ("rrule", "single")
    assert find_error(repeat({"rrule": "FREQ=WEEKLY;UNTIL=20270704"})) == ("", "single")
    assert find_error(repeat({})) == ("", "single")


def test_an_end_by_the_day_does_not_fit_an_event_with_hours() -> None:
    assert find_error(repeat({"rrule": "FREQ=WEEKLY;UNTIL=20270828"}, "2027-07-03T18:00")) == ("rrule", "other_form")


@pytest.mark.parametrize(
    ("recurrence", "path", "code"),
    [
        ({"rdates": ["2027-07-05T18:00"]}, "rdates.0", "other_form"),
        ({"rdates": ["2027-02-30"]}, "rdates.0", "not_a_date"),
        ({"rdates": ["2027-07-04", "2027-07-03"]}, "rdates.1", "repeated"),
        (SATURDAYS | {"rdates": ["2027-07-10"]}, "rdates.0", "repeated"),
        ({"rdates": ["2027-07-02"]}, "rdates.0", "before_start"),
        ({"rdates": ["2029-07-04"]}, "rdates.0", "too_far"),
        ({"exceptions": [{"date": "2027-07-04", "status": "cancelled"}]}, "exceptions.0.date", "no_occurrence"),
        ({"exceptions": [{"date": "2027-07-10", "status": "cancelled"}] * 2}, "exceptions.1.date", "repeated"),
        (
            {"exceptions": [{"date": "2027-07-10", "status": "cancelled", "start": "2027-07-11"}]},
            "exceptions.0.status",
            "has_times",
        ),
        ({"exceptions": [{"date": "2027-07-10", "status": "moved"}]}, "exceptions.0.start", "required"),
        ({"exdates": ["2027-07-11"]}, "exdates.0", "no_occurrence"),
        ({"exdates": ["2027-07-10", "2027-07-10"]}, "exdates.1", "repeated"),
        ({"exdates": ["2027-07-03"]}, "exdates.0", "first_left_out"),
        ({"exdates": ["2027-07-10T18:00"]}, "exdates.0", "other_form"),
        ({"rrule": "FREQ=WEEKLY;COUNT=2", "exdates": ["2027-07-10"]}, "exdates", "single"),
        (
            {"exdates": ["2027-07-10"], "exceptions": [{"date": "2027-07-10", "status": "cancelled"}]},
            "exceptions.0.date",
            "no_occurrence",
        ),
        (
            {"exceptions": [{"date": "2027-07-10", "status": "moved", "start": "2027-07-11"}]},
            "exceptions.0.end",
            "required",
        ),
        (
            {"exceptions": [{"date": "2027-07-10", "status": "moved", "start": "2027-07-11", "end": "2027-07-10"}]},
            "exceptions.0.end",
            "before_start",
        ),
        (
            {"exceptions": [{"date": "2027-07-10", "status": "moved", "start": "2037-07-11", "end": "2037-07-11"}]},
            "exceptions.0.start",
            "too_far",
        ),
    ],
)
def test_a_date_that_is_not_taken_is_named(recurrence: dict[str, Any], path: str, code: str) -> None:
    rule = {} if "rdates" in recurrence else SATURDAYS

    assert find_error(repeat(rule | recurrence)) == (path, code)


def test_more_occurrences_than_the_limit_are_refused_wherever_they_come_from() -> None:
    further = [
        f"2027-{month:02}-{day:02}T{hour:02}:00" for month in (8, 9) for day in range(1, 31) for hour in range(7)
    ]
    dates = repeat({"rrule": "FREQ=DAILY;COUNT=28", "rdates": further}, "2027-07-03T18:00")

    assert find_error(dates) == ("rdates", "too_many")


@pytest.mark.parametrize(
    "moment", ["9999-12-31", "0001-01-01", "2027-07-03T18:00Z", "2027-07-03T18:00+02:00", "2027-13"]
)
def test_what_is_no_local_time_of_an_event_is_never_expanded(moment: str) -> None:
    for dates in (repeat(SATURDAYS, moment), repeat({"rdates": [moment]}), repeat(SATURDAYS, end=moment)):
        with pytest.raises(InvalidRecurrence):
            list_occurrences(dates)


def test_a_series_of_which_nothing_is_left_is_cancelled_as_a_whole() -> None:
    off = [{"date": each, "status": "cancelled"} for each in ("2027-07-03", "2027-07-10")]

    assert find_error(repeat({"rrule": "FREQ=WEEKLY;COUNT=2", "exceptions": off})) == ("exceptions", "all_cancelled")


def test_a_month_has_no_repeats() -> None:
    assert find_error(repeat(SATURDAYS, "2027-07-01", "2027-07-31", certainty="month")) == ("", "span_repeats")


def test_exceptions_change_the_occurrence_that_they_name() -> None:
    dates = repeat(
        {
            "rrule": "FREQ=WEEKLY;COUNT=3",
            "rdates": ["2027-07-21T18:00"],
            "exceptions": [
                {"date": "2027-07-10T18:00", "status": "cancelled", "note": {"pl": "Upał."}},
                {
                    "date": "2027-07-03T18:00",
                    "status": "moved",
                    "start": "2027-07-18T17:00",
                    "end": "2027-07-18T19:00",
                },
            ],
        },
        "2027-07-03T18:00",
        "2027-07-03T20:00",
    )
    check_recurrence(dates)

    assert [(each.date, each.start, each.end, each.status, each.note) for each in list_occurrences(dates)] == [
        ("2027-07-10T18:00", "2027-07-10T18:00", "2027-07-10T20:00", "cancelled", {"pl": "Upał."}),
        ("2027-07-17T18:00", "2027-07-17T18:00", "2027-07-17T20:00", "planned", {}),
        ("2027-07-03T18:00", "2027-07-18T17:00", "2027-07-18T19:00", "moved", {}),
        ("2027-07-21T18:00", "2027-07-21T18:00", "2027-07-21T20:00", "planned", {}),
    ]
    assert get_span(dates) == ("2027-07-17", "2027-07-21")
    assert parse_part(serialize_part(dates), Dates) == dates


def test_what_is_left_out_is_no_occurrence_and_moves_with_the_start() -> None:
    dates = repeat({"rrule": "FREQ=WEEKLY;COUNT=4", "exdates": ["2027-07-10", "2027-07-24"]})
    check_recurrence(dates)
    assert dates.recurrence

    shifted = shift_recurrence(dates.recurrence, "2027-07-03", "2027-07-04")

    assert [start for start, _end in list_planned(dates)] == ["2027-07-03", "2027-07-17"]
    assert shifted.exdates == ["2027-07-11", "2027-07-25"]


def test_what_a_later_release_says_of_an_exception_is_handed_on() -> None:
    document = {
        "certainty": "exact",
        "start": "2027-07-03",
        "end": "2027-07-03",
        "recurrence": SATURDAYS
        | {"exceptions": [{"date": "2027-07-10", "status": "cancelled", "replaced_by": "x"}], "count": 9},
    }

    assert serialize_part(parse_part(document, Dates)) == document


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("rrule:count=9;freq=weekly", "FREQ=WEEKLY;COUNT=9"),
        ("FREQ=WEEKLY;UNTIL=20270828T160000Z", "FREQ=WEEKLY;UNTIL=20270828T180000"),
        ("FREQ=WEEKLY;UNTIL=20271128T170000Z", "FREQ=WEEKLY;UNTIL=20271128T180000"),
        ("FREQ=WEEKLY;UNTIL=20270828", "FREQ=WEEKLY;UNTIL=20270828"),
    ],
)
def test_a_rule_is_stored_in_one_order_and_in_local_time(sent: str, stored: str) -> None:
    assert write_rule(sent, WARSAW) == stored
    assert write_rule(stored, WARSAW) == stored


@given(until=st.datetimes(), form=st.sampled_from(["%m%d", "%m%dT%H%M%S", "%m%dT%H%M%SZ"]), zone=ZONES)
def test_whatever_the_end_of_a_rule_it_can_be_written(until: datetime, form: str, zone: ZoneInfo) -> None:
    rule = f"FREQ=WEEKLY;UNTIL={until.year:04}{until:{form}}"

    stored = write_rule(rule, zone)

    assert write_rule(stored, zone) == stored


@pytest.mark.parametrize("until", ["99991231T235959Z", "99991231T235959", "99991231"])
def test_a_rule_without_an_end_in_sight_is_too_long(until: str) -> None:
    start = "2027-07-03T18:00"[: 16 if "T" in until else 10]
    stored = write_rule(f"FREQ=WEEKLY;UNTIL={until}", WARSAW)

    assert find_error(repeat({"rrule": stored}, start)) == ("rrule", "too_far")


@given(days=st.sets(st.integers(1, 700), min_size=1, max_size=30))
def test_further_dates_are_occurrences_in_order(days: set[int]) -> None:
    first = datetime(2027, 7, 3)  # noqa: DTZ001 - local
    dates = repeat({"rdates": [(first + timedelta(days=each)).date().isoformat() for each in days]})
    check_recurrence(dates)

    assert [each.start for each in list_occurrences(dates)] == sorted(
        (first + timedelta(days=each)).date().isoformat() for each in {0, *days}
    )


HOURS = st.times().map(lambda hour: f"{hour:%H:%M}")


@given(days=st.dictionaries(st.integers(0, 30), HOURS, min_size=1), until=st.none() | HOURS, start=HOURS)
def test_what_loses_its_hours_keeps_its_days(days: dict[int, str], until: str | None, start: str) -> None:
    first = date(2027, 7, 3)
    further = [f"{first + timedelta(days=each)}T{hour}" for each, hour in days.items()]
    moved = [{"date": further[0], "status": "moved", "start": further[-1], "end": further[-1]}]
    rule = {"rrule": f"FREQ=DAILY;UNTIL=20270709T{until.replace(':', '')}00"} if until else {}
    dates = repeat(rule | {"rdates": further, "exceptions": moved}, f"{first}T{start}")
    assert dates.recurrence

    whole = shift_recurrence(dates.recurrence, dates.start, first.isoformat())

    by_days = parse_part({"certainty": "exact", "start": f"{first}", "end": f"{first}"}, Dates)
    assert {each[0] for each in list_planned(replace(by_days, recurrence=whole))} == {
        each[0][:10] for each in list_planned(dates)
    }
    assert whole.rdates == [each[:10] for each in further]
    [exception] = whole.exceptions
    assert (exception.date, exception.start, exception.end) == (further[0][:10], further[-1][:10], further[-1][:10])


def test_what_gets_an_hour_keeps_its_days() -> None:
    exception = {"date": "2027-07-10", "status": "moved", "start": "2027-07-11", "end": "2027-07-11"}
    dates = repeat({"rrule": "FREQ=WEEKLY;UNTIL=20270717", "rdates": ["2027-07-14"], "exceptions": [exception]})
    assert dates.recurrence

    timed = shift_recurrence(dates.recurrence, dates.start, "2027-07-04T18:00")

    assert serialize_part(timed) == {
        "rrule": "FREQ=WEEKLY;UNTIL=20270718T180000",
        "rdates": ["2027-07-15T18:00"],
        "exceptions": [
            {"date": "2027-07-11T18:00", "status": "moved", "start": "2027-07-12T18:00", "end": "2027-07-12T18:00"}
        ],
    }


EVENINGS = repeat({"rrule": "FREQ=WEEKLY;COUNT=3"}, "2027-07-03T18:00", "2027-07-03T20:00")
SINGLE = Dates("exact", "2027-07-03T18:00", "2027-07-03T20:00")
OFF = [{"date": "2027-07-10T18:00", "status": "cancelled"}]


@pytest.mark.parametrize(
    ("announced", "now", "breaks"),
    [
        (SINGLE, EVENINGS, False),
        (EVENINGS, SINGLE, True),
        (EVENINGS, EVENINGS, False),
        (EVENINGS, repeat({"rrule": "FREQ=WEEKLY;COUNT=4"}, "2027-07-03T18:00", "2027-07-03T20:00"), False),
        (EVENINGS, repeat({"rrule": "FREQ=WEEKLY;COUNT=2"}, "2027-07-03T18:00", "2027-07-03T20:00"), True),
        (EVENINGS, repeat({"rrule": "FREQ=WEEKLY;COUNT=3"}, "2027-07-03T19:00", "2027-07-03T20:00"), True),
        (EVENINGS, repeat({"rrule": "FREQ=WEEKLY;COUNT=3"}, "2027-07-04T18:00", "2027-07-04T20:00"), True),
        (EVENINGS, repeat({"rrule": "FREQ=WEEKLY;COUNT=3", "exceptions": OFF}, SINGLE.start, SINGLE.end), False),
        (Dates("month", "2027-07-01", "2027-07-31"), EVENINGS, False),
        (Dates("month", "2027-08-01", "2027-08-31"), EVENINGS, True),
        (EVENINGS, Dates("month", "2027-07-01", "2027-07-31"), True),
    ],
)
def test_repeats_move_when_a_planned_occurrence_no_longer_holds(announced: Dates, now: Dates, *, breaks: bool) -> None:
    assert breaks_announcement(announced, now) is breaks


def test_what_is_planned_does_not_know_exceptions() -> None:
    dates = repeat({"rrule": "FREQ=WEEKLY;COUNT=3", "exceptions": OFF}, SINGLE.start, SINGLE.end)

    assert list_planned(dates) == list_planned(EVENINGS)
