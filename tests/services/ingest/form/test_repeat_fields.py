"""Repeats as somebody types them: what the form makes of them, and how it shows them again."""

from __future__ import annotations

import time
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.ingest.form.date_fields import find_errors
from services.ingest.form.errors import place_errors
from services.ingest.form.mapping import parse_form, write_form
from services.ingest.form.repeat_view import build_dates, build_repeats
from services.ingest.submission.content import SubmittedEvent, read_event
from services.ingest.submission.field_errors import ValidationFailed
from tests.services.ingest.builders import KNOWN, kept_event

WARSAW = ZoneInfo("Europe/Warsaw")
SITE = ("pl", "en", "de")
MARKET = {
    "certainty": "exact",
    "start_date": "5.6.2027",
    "start_time": "9:00",
    "end_time": "14:00",
    "repeats": "weekly",
    "repeats.until": "28.8.2027",
}


def fill(**typed: Any) -> dict[str, list[str]]:  # noqa: ANN401 - one value or several
    plain = {name: values for name, values in write_form(kept_event()).items() if not name.startswith(("start", "end"))}
    return plain | {name: value if isinstance(value, list) else [value] for name, value in (MARKET | typed).items()}


def read(fields: dict[str, list[str]], before: SubmittedEvent | None = None) -> SubmittedEvent:
    return read_event(parse_form(fields, before), KNOWN)


def read_repeats(**typed: Any) -> dict[str, Any]:  # noqa: ANN401 - as above
    recurrence: dict[str, Any] = parse_form(fill(**typed))["dates"]["recurrence"]
    read(fill(**typed))
    return recurrence


def list_wrong(**typed: Any) -> list[tuple[str, str]]:  # noqa: ANN401 - as above
    fields = fill(**typed)
    try:
        read(fields)
        errors = place_errors((), fields)
    except ValidationFailed as refused:
        errors = place_errors(refused.errors, fields)
    return [(error.field, error.code) for error in errors]


@pytest.mark.parametrize(
    ("typed", "rrule"),
    [
        ({}, "FREQ=WEEKLY;UNTIL=20270828T090000"),
        ({"repeats.days": ["SU", "SA"]}, "FREQ=WEEKLY;UNTIL=20270828T090000;BYDAY=SA,SU"),
        ({"repeats": "fortnightly"}, "FREQ=WEEKLY;INTERVAL=2;UNTIL=20270828T090000"),
        ({"repeats": "daily", "repeats.until": "", "repeats.count": "10"}, "FREQ=DAILY;COUNT=10"),
        ({"repeats": "monthly_weekday", "start_date": "12.6.2027"}, "FREQ=MONTHLY;UNTIL=20270828T090000;BYDAY=2SA"),
        ({"repeats": "monthly_last", "start_date": "26.6.2027"}, "FREQ=MONTHLY;UNTIL=20270828T090000;BYDAY=-1SA"),
        ({"repeats": "monthly_date"}, "FREQ=MONTHLY;UNTIL=20270828T090000"),
        ({"start_time": "", "end_time": ""}, "FREQ=WEEKLY;UNTIL=20270828"),
    ],
)
def test_an_answer_is_a_rule_that_the_form_shows_again(typed: dict[str, Any], rrule: str) -> None:
    fields = fill(**typed)

    event = read(fields)

    assert parse_form(fields)["dates"]["recurrence"]["rrule"] == rrule
    shown = write_form(event)
    assert shown["repeats"] == fields["repeats"]
    assert read(shown, event).dates == event.dates


def test_a_fifth_weekday_of_a_month_is_its_last() -> None:
    assert read_repeats(repeats="monthly_weekday", start_date="29.5.2027")["rrule"].endswith("BYDAY=-1SA")


def test_dates_of_ones_choice_are_typed_freely_with_or_without_the_first() -> None:
    dates = read_repeats(repeats="dates", **{"repeats.further": "5.6.2027, 14 i 21 sierpnia 2027\n1-2.9.2027"})

    assert dates == {
        "rdates": ["2027-08-14T09:00", "2027-08-21T09:00", "2027-09-01T09:00", "2027-09-02T09:00"],
    }


def test_single_dates_are_left_out_called_off_and_moved() -> None:
    changes = {
        "repeats.2027-06-12.what": "left_out",
        "repeats.2027-06-19.what": "cancelled",
        "repeats.2027-06-19.note.pl": "Upał.",
        "repeats.2027-06-26.what": "moved",
        "repeats.2027-06-26.date": "27.6.2027",
        "repeats.2027-07-03.what": "moved",
        "repeats.2027-07-03.start": "20:00",
        "repeats.2027-07-03.end": "1:00",
        "repeats.2027-07-10.what": "",
    }

    assert read_repeats(**changes) == {
        "rrule": "FREQ=WEEKLY;UNTIL=20270828T090000",
        "exdates": ["2027-06-12T09:00"],
        "exceptions": [
            {"date": "2027-06-19T09:00", "status": "cancelled", "note": {"pl": "Upał."}},
            {"date": "2027-06-26T09:00", "status": "moved", "start": "2027-06-27T09:00", "end": "2027-06-27T14:00"},
            {"date": "2027-07-03T09:00", "status": "moved", "start": "2027-07-03T20:00", "end": "2027-07-04T01:00"},
        ],
    }


def test_changes_of_single_dates_follow_the_hour_of_the_event() -> None:
    changes = {"repeats.2027-06-19.what": "cancelled", "start_time": "10:30"}

    assert read_repeats(**changes)["exceptions"] == [{"date": "2027-06-19T10:30", "status": "cancelled"}]


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"repeats.until": ""}, ("repeats.until", "no_end")),
        ({"repeats.count": "10"}, ("repeats.count", "two_ends")),
        ({"repeats.until": "", "repeats.count": "dziesięć"}, ("repeats.count", "not_a_number")),
        ({"repeats.until": "28.8"}, ("repeats.until", "no_year")),
        ({"repeats.until": "4.6.2027"}, ("repeats.until", "ends_early")),
        ({"repeats.until": "28.8.2031"}, ("repeats.until", "too_far")),
        ({"repeats": "daily", "repeats.until": "", "repeats.count": "401"}, ("repeats.count", "too_many")),
        ({"repeats": "daily", "repeats.until": "28.8.2028"}, ("repeats.until", "too_many")),
        ({"repeats.days": ["MO"]}, ("repeats.days", "not_first")),
        ({"repeats": "hourly"}, ("repeats", "unknown_value")),
        ({"repeats": "dates"}, ("repeats.further", "no_dates")),
        ({"repeats": "dates", "repeats.further": "5.6.2027"}, ("repeats.further", "no_dates")),
        ({"repeats.further": "jutro"}, ("repeats.further", "not_a_day")),
        ({"repeats.further": "1.1.2027"}, ("repeats.further", "before_start")),
        ({"repeats.2027-06-13.what": "cancelled"}, ("repeats.2027-06-13.what", "no_occurrence")),
        ({"repeats.2027-06-13.what": "left_out"}, ("repeats.2027-06-13.what", "no_occurrence")),
        ({"repeats.2027-06-05.what": "left_out"}, ("repeats.2027-06-05.what", "first_left_out")),
        ({"repeats.2027-06-12.what": "burnt"}, ("repeats.2027-06-12.what", "unknown_value")),
        ({"repeats.2027-06-12.what": "moved"}, ("repeats.2027-06-12.date", "no_move")),
        (
            {"repeats.2027-06-12.what": "moved", "repeats.2027-06-12.date": "13.6"},
            ("repeats.2027-06-12.date", "no_year"),
        ),
        (
            {"repeats.2027-06-12.what": "moved", "repeats.2027-06-12.date": "13.6.2037"},
            ("repeats.2027-06-12.date", "too_far"),
        ),
        (
            {"start_time": "", "end_time": "", "repeats.2027-06-12.what": "moved", "repeats.2027-06-12.end": "9:00"},
            ("repeats.2027-06-12.end", "no_hours"),
        ),
        (
            {"repeats.2027-06-12.what": "cancelled", "repeats.2027-06-12.note.pl": "x" * 500},
            ("repeats.2027-06-12.note.pl", "too_long"),
        ),
        ({"start_date": "7.3.2027", "start_time": "2:30", "end_time": "4:00"}, ("repeats", "clock_change")),
        ({"certainty": "month", "month": "2027-07"}, ("repeats", "span_repeats")),
    ],
)
def test_what_is_wrong_is_said_where_it_is_typed(typed: dict[str, Any], wrong: tuple[str, str]) -> None:
    assert list_wrong(**typed) == [wrong]


def test_a_change_of_a_date_that_is_gone_stays_and_says_so() -> None:
    fields = fill(**{"repeats.2027-06-13.what": "cancelled", "repeats.2027-06-13.note.pl": "Upał."})

    view = build_repeats(fields, "en", WARSAW, languages=SITE)

    [change] = view.changes
    assert (change.heading, change.is_orphan, change.answers[0]) == (
        "Sunday 13 June 2027",
        True,
        ("", "Remove this change"),
    )
    assert view.listed.problem.startswith("The event does not repeat on this day.")
    assert len(view.listed.dates) == 13


def test_the_dates_are_listed_with_what_is_changed() -> None:
    changes = {
        "repeats.2027-06-12.what": "left_out",
        "repeats.2027-06-19.what": "cancelled",
        "repeats.2027-06-26.what": "moved",
        "repeats.2027-06-26.date": "27.6.2027",
    }

    listed = build_dates(fill(**changes), "en", WARSAW)

    assert listed.words == "Every Saturday, 5 June – 28 August 2027, 09:00–14:00: 12 dates"
    assert (listed.problem, listed.more) == ("", [])
    assert [(each.day, each.said) for each in listed.dates[:4]] == [
        ("2027-06-05", ""),
        ("2027-06-12", "left out"),
        ("2027-06-19", "cancelled"),
        ("2027-06-26", "moved to Sunday 27 June 2027, 09:00–14:00"),
    ]


def test_many_dates_are_folded() -> None:
    listed = build_dates(fill(repeats="daily", **{"repeats.until": "", "repeats.count": "400"}), "en", WARSAW)

    assert (len(listed.dates), len(listed.more), listed.more_words) == (20, 380, "380 further dates")


def test_nothing_is_missed_while_the_first_day_is_not_typed_yet() -> None:
    assert build_dates(fill(start_date=""), "en", WARSAW).problem == ""
    assert build_dates(fill(**{"repeats.until": ""}), "en", WARSAW).problem.startswith("Say until which day")
    assert build_dates(fill(repeats="once"), "en", WARSAW).words == ""


def test_one_date_is_opened_to_be_changed_unless_it_is_none() -> None:
    opened, other = (
        build_repeats(fill(), "en", WARSAW, languages=SITE, opened=day).changes for day in ("2027-06-05", "2027-06-06")
    )

    assert ([each.day for each in opened], other) == (["2027-06-05"], [])
    assert "left_out" not in dict(opened[0].answers)


def test_hundreds_of_changes_cost_little_and_are_refused() -> None:
    first = date(2027, 6, 5)
    days = [first + timedelta(days=number) for number in range(1, 5_001)]
    fields = fill(repeats="daily") | {f"repeats.{day}.what": ["cancelled"] for day in days}
    began = time.monotonic()

    with pytest.raises(ValidationFailed) as refused:
        read(fields)
    build_repeats(fields, "pl", WARSAW, languages=SITE)

    assert [error.field for error in place_errors(refused.value.errors, fields)] == ["repeats"]
    assert time.monotonic() - began < 10


WORDS = st.sampled_from(
    ("", "5.6.2027", "12.6.2027", "jutro", "10", "0", "99999", "9:00", "24:00", "31.12.2099")
) | st.text(max_size=6)


@settings(max_examples=150, deadline=None)
@given(
    typed=st.dictionaries(
        st.sampled_from(
            (
                "start_date",
                "start_time",
                "end_date",
                "end_time",
                "repeats.until",
                "repeats.count",
                "repeats.further",
                "repeats.days",
                "repeats.2027-06-12.what",
                "repeats.2027-06-12.date",
                "repeats.2027-06-12.start",
                "repeats.2027-02-30.what",
            )
        ),
        WORDS,
    ),
    kind=st.sampled_from(("daily", "weekly", "monthly_weekday", "monthly_last", "dates", "kept", "x")),
    what=st.sampled_from(("", "left_out", "cancelled", "moved", "x")),
)
def test_whatever_is_typed_is_taken_or_refused_and_can_be_shown(typed: dict[str, str], kind: str, what: str) -> None:
    fields = fill(repeats=kind, **({"repeats.2027-06-12.what": what, "repeats.2027-02-30.what": what} | typed))

    wrong = list_wrong(**{name: values for name, values in fields.items() if name.startswith(("start", "end", "rep"))})
    view = build_repeats(fields, "pl", WARSAW, languages=SITE)

    assert all(name in fields or not name.startswith("repeats.2") for name, _code in wrong if not name.endswith("date"))
    assert view.kind == (kind if kind != "x" else "once")
    assert wrong or not find_errors(fields)
