"""What an event proposes for another year."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec.structs import replace

from services.ingest.rollover.feasts import find_named
from services.ingest.rollover.model import Renewal, propose, renew
from services.ingest.rollover.shift import get_days, move_days, shift_by_week
from services.ingest.submission.content import parse_event, read_event, write_event
from services.ingest.submission.dates import resolve_instant
from shared.event.model import SPANS, Dates, serialize_part
from tests.services.ingest.builders import KNOWN, kept_event
from tests.services.ingest.strategies import events

ZONE = KNOWN.zone
YEARS = st.integers(2001, 2098)


def proposed(title: str, start: str, end: str = "", *, year: int = 2027, certainty: str = "exact") -> Renewal:
    dates = {"certainty": certainty, "start": start, "end": end or start}
    return propose(kept_event(title={"pl": title}, dates=dates), year, ZONE)


def days(proposal: Renewal) -> tuple[str, str]:
    return proposal.dates.start, proposal.dates.end


@pytest.mark.parametrize(
    ("start", "end", "year", "first", "last"),
    [
        ("2027-08-14", "2027-08-16", 2028, "2028-08-12", "2028-08-14"),
        ("2026-07-04", "2026-07-05", 2027, "2027-07-10", "2027-07-11"),
        ("2027-01-02", "2027-01-02", 2028, "2028-01-01", "2028-01-01"),
        ("2026-12-28", "2026-12-30", 2027, "2027-12-27", "2027-12-29"),
        ("2025-12-29", "2025-12-30", 2026, "2026-12-28", "2026-12-29"),
        ("2027-12-18", "2028-01-09", 2028, "2028-12-16", "2029-01-07"),
        ("2028-02-29", "2028-02-29", 2029, "2029-02-27", "2029-02-27"),
    ],
)
def test_days_keep_their_weekday_and_week(start: str, end: str, year: int, first: str, last: str) -> None:
    found = proposed("Żagle", start, end, year=year)

    assert days(found) == (first, last)
    assert (found.rule, found.doubtful, found.dates.certainty) == ("weekday", False, "provisional")


@pytest.mark.parametrize(
    ("certainty", "start", "end", "year", "first", "last"),
    [
        ("month", "2027-08-01", "2027-08-31", 2028, "2028-08-01", "2028-08-31"),
        ("month", "2027-02-01", "2027-02-28", 2028, "2028-02-01", "2028-02-29"),
        ("month", "2028-02-01", "2028-02-29", 2029, "2029-02-01", "2029-02-28"),
        ("season", "2027-12-01", "2028-02-29", 2028, "2028-12-01", "2029-02-28"),
        ("season", "2027-06-24", "2027-08-31", 2028, "2028-06-24", "2028-08-31"),
    ],
)
def test_months_and_seasons_move_whole(  # noqa: PLR0917 - a row of the table
    certainty: str, start: str, end: str, year: int, first: str, last: str
) -> None:
    found = proposed("Wielkanoc latem", start, end, year=year, certainty=certainty)

    assert (*days(found), found.dates.certainty) == (first, last, certainty)
    assert (found.rule, found.doubtful) == ("span", False)


@pytest.mark.parametrize(
    ("title", "start", "end", "first", "last", "feast", "feast_day"),
    [
        ("Jarmark Wielkanocny", "2026-03-28", "2026-03-29", "2027-03-20", "2027-03-21", "Easter", "2027-03-28"),
        ("Niedziela Palmowa", "2026-03-29", "2026-03-29", "2027-03-21", "2027-03-21", "Palm Sunday", "2027-03-21"),
        ("Boże Ciało w Ińsku", "2026-06-04", "2026-06-07", "2027-05-27", "2027-05-30", "Corpus Christi", "2027-05-27"),
        ("Zielone Świątki", "2026-05-23", "2026-05-25", "2027-05-15", "2027-05-17", "Pentecost", "2027-05-16"),
        ("Ostatki w Darłowie", "2026-02-17", "2026-02-17", "2027-02-09", "2027-02-09", "Shrove Tuesday", "2027-02-09"),
        (
            "Jarmark adwentowy",
            "2026-11-28",
            "2026-12-06",
            "2027-11-27",
            "2027-12-05",
            "First Sunday of Advent",
            "2027-11-28",
        ),
    ],
)
def test_a_movable_feast_takes_its_event_along_and_is_doubtful(  # noqa: PLR0917 - a row of the table
    title: str, start: str, end: str, first: str, last: str, feast: str, feast_day: str
) -> None:
    found = proposed(title, start, end)

    assert days(found) == (first, last)
    assert (found.rule, found.doubtful) == ("movable", True)
    assert found.feast
    assert (found.feast.name, str(found.feast_day)) == (feast, feast_day)


@pytest.mark.parametrize(
    ("title", "start", "end"),
    [
        ("Gęsina na św. Marcina", "11-11", "11-11"),
        ("Koncert", "08-15", "08-15"),
        ("Piknik", "05-01", "05-03"),
        ("Koncert na Dzień Matki", "05-26", "05-26"),
        ("Noc Kupały", "06-23", "06-24"),
        ("Majówka na zamku", "04-30", "05-03"),
    ],
)
def test_an_event_on_a_fixed_day_keeps_its_date_and_is_doubtful(title: str, start: str, end: str) -> None:
    found = proposed(title, f"2026-{start}", f"2026-{end}")

    assert days(found) == (f"2027-{start}", f"2027-{end}")
    assert (found.rule, found.doubtful) == ("fixed", True)


def test_new_years_eve_stays_where_it_is() -> None:
    assert days(proposed("Sylwester na plaży", "2026-12-31T20:00", "2027-01-01T03:00")) == (
        "2027-12-31T20:00",
        "2028-01-01T03:00",
    )


@pytest.mark.parametrize(
    ("title", "start", "end", "feast"),
    [
        ("Dni Miasta", "2026-06-04", "2026-06-07", "Corpus Christi"),
        ("Gęsina na św. Marcina", "2026-11-07", "2026-11-08", "St Martin’s Day"),
        ("Kiermasz wielkanocny", "2026-03-01", "2026-03-01", "Easter"),
        ("Piknik rodzinny", "2026-08-15", "2026-08-16", None),
    ],
)
def test_what_only_may_depend_on_a_feast_moves_by_week_and_is_doubtful(
    title: str, start: str, end: str, feast: str | None
) -> None:
    found = proposed(title, start, end)

    assert (found.rule, found.doubtful) == ("weekday", True)
    assert (found.feast.name if found.feast else None) == feast
    assert found.feast_day


@pytest.mark.parametrize(
    ("title", "start", "end"),
    [("Letni karnawał", "2026-07-04", "2026-07-05"), ("Wystawa", "2026-05-01", "2026-06-30")],
)
def test_what_does_not_depend_on_a_feast_is_not_doubtful(title: str, start: str, end: str) -> None:
    assert proposed(title, start, end).doubtful is False


def test_a_week_earlier_is_named_where_it_is_nearer() -> None:
    nearer, near = proposed("Żagle", "2026-08-15", "2026-08-17"), proposed("Żagle", "2027-08-14", year=2028)

    assert nearer.earlier == Dates(certainty="provisional", start="2027-08-14", end="2027-08-16")
    assert near.earlier is None


@pytest.mark.parametrize(
    ("start", "end", "year", "moved"),
    [
        # The last Sunday of March 2027 skips 02:00 to 03:00.
        ("2028-03-26T02:30", "2028-03-26T02:30", 2027, ("2027-03-28T03:30", "2027-03-28T03:30")),
    ],
)
def test_a_time_that_the_clocks_skip_moves_on(start: str, end: str, year: int, moved: tuple[str, str]) -> None:
    before = Dates(certainty="exact", start="2026-03-22T02:30", end="2026-03-22T02:30")

    found = move_days(before, date(2027, 3, 28), ZONE)

    assert (found.start, found.end) == moved, (start, end, year)


def test_an_end_before_the_moved_start_is_not_known() -> None:
    before = Dates(certainty="exact", start="2026-03-22T02:30", end="2026-03-22T03:00")

    found = move_days(before, date(2027, 3, 28), ZONE)

    assert (found.start, found.end) == ("2027-03-28T03:30", "2027-03-28T03:30")


def test_of_a_doubled_hour_the_first_is_taken() -> None:
    before = Dates(certainty="exact", start="2026-10-24T02:30", end="2026-10-24T04:00")

    found = move_days(before, date(2027, 10, 31), ZONE)

    assert (found.start_fold, found.end_fold) == (0, None)


def test_texts_that_name_the_old_year_are_noticed() -> None:
    old = kept_event(summary={"pl": "Żagle w 2027 roku"})

    assert propose(old, 2028, ZONE).names_old_year is True
    assert propose(kept_event(), 2028, ZONE).names_old_year is False


@pytest.mark.parametrize(
    ("before", "after"), [("zagle-2027", "zagle-2028"), ("zagle", None), ("2027-2027", None), (None, None)]
)
def test_an_identifier_goes_along_if_it_names_the_year(before: str | None, after: str | None) -> None:
    event = kept_event(external_id=before)

    assert renew(event, propose(event, 2028, ZONE)).external_id == after


def test_next_years_event_is_not_sold_out_and_has_no_deadline_yet() -> None:
    tickets = {"url": "https://bilety.example.pl", "availability": "sold_out", "registration_until": "2027-08-10"}
    event = kept_event(tickets=tickets)

    assert write_event(renew(event, propose(event, 2028, ZONE)))["tickets"] == {"url": "https://bilety.example.pl"}


@given(st.dates(date(2001, 1, 1), date(2098, 12, 31)), st.integers(0, 400), YEARS)
def test_moved_days_have_the_weekday_and_begin_in_the_year(first: date, length: int, year: int) -> None:
    found = shift_by_week(first, first + timedelta(days=length), year)

    assert (found.isoweekday(), found.year) == (first.isoweekday(), year)


@given(st.dates(date(2001, 1, 1), date(2098, 12, 31)), YEARS)
def test_moved_days_have_the_iso_week_of_the_year(first: date, year: int) -> None:
    assume(first.isocalendar().year == first.year and first.isocalendar().week < 52)

    found = shift_by_week(first, first, year)

    assume(date.fromisocalendar(year, first.isocalendar().week, first.isoweekday()).year == year)
    assert found.isocalendar()[:2] == (year, first.isocalendar().week)


@given(st.dates(date(2001, 1, 1), date(2098, 12, 31)), st.integers(0, 300), YEARS)
def test_what_ended_within_the_year_ends_within_the_other(first: date, length: int, year: int) -> None:
    last = first + timedelta(days=length)
    assume(last.year == first.year)
    assume(length < 350)

    found = shift_by_week(first, last, year)

    assert (found + timedelta(days=length)).year == year


@given(events(), st.integers(2028, 2097))
def test_a_proposal_can_be_sent_and_is_of_its_year(event: dict[str, Any], year: int) -> None:
    before = parse_event(event)

    after = renew(before, propose(before, year, ZONE))

    assert after.dates.start.startswith(str(year))
    assert read_event(write_event(after), KNOWN) == after


@given(events(), st.integers(2028, 2097))
def test_a_proposal_has_the_length_and_the_certainty(event: dict[str, Any], year: int) -> None:
    before = parse_event(event)
    assume("T" not in before.dates.start)

    found = propose(before, year, ZONE).dates

    (first, last), (begins, ends) = get_days(before.dates), get_days(found)
    if before.dates.certainty in SPANS:
        assert found.certainty == before.dates.certainty
        assert abs((ends - begins) - (last - first)) <= timedelta(days=1)  # 29 February
    elif first.year != year:
        assert (found.certainty, ends - begins) == ("provisional", last - first)


@given(events(), st.integers(2028, 2097))
def test_weekdays_stay_unless_the_date_is_fixed(event: dict[str, Any], year: int) -> None:
    before = parse_event(event)
    assume(before.dates.certainty not in SPANS)

    found = propose(before, year, ZONE)

    assume(found.rule != "fixed")
    assert get_days(found.dates)[0].isoweekday() == get_days(before.dates)[0].isoweekday()


@given(events(), st.integers(2028, 2097))
def test_a_proposal_proposes_itself_for_its_own_year(event: dict[str, Any], year: int) -> None:
    before = parse_event(event)

    once = renew(before, propose(before, year, ZONE))

    assert renew(once, propose(once, year, ZONE)) == once


@given(events(), st.integers(2028, 2097))
def test_hours_stay_unless_the_clocks_skip_them(event: dict[str, Any], year: int) -> None:
    before = parse_event(event)
    assume("T" in before.dates.start)

    found = propose(before, year, ZONE).dates

    begins, ends = datetime.fromisoformat(found.start), datetime.fromisoformat(found.end)
    assert begins.time() in {_time(before.dates.start), _an_hour_later(before.dates.start)}
    assert resolve_instant(begins, found.start_fold, ZONE) <= resolve_instant(ends, found.end_fold, ZONE)


def test_every_feast_that_a_title_names_is_looked_at() -> None:
    titles = ["Karnawał i Wielkanoc"]

    assert [each.name for each in find_named(titles)] == ["Easter", "Shrove Tuesday"]
    assert propose(replace(kept_event(), title={"pl": titles[0]}), 2028, ZONE).doubtful is False  # in August


def _time(written: str) -> Any:  # noqa: ANN401 - a time of day
    return datetime.fromisoformat(written).time()


def _an_hour_later(written: str) -> Any:  # noqa: ANN401 - a time of day
    return (datetime.fromisoformat(written) + timedelta(hours=1)).time()


@pytest.mark.parametrize(
    ("start", "recurrence", "moved"),
    [
        ("2026-07-04", {"rrule": "FREQ=WEEKLY;COUNT=5"}, {"rrule": "FREQ=WEEKLY;COUNT=5"}),
        (
            "2026-07-04",
            {
                "rrule": "FREQ=WEEKLY;BYDAY=SA;UNTIL=20260801",
                "rdates": ["2026-07-08"],
                "exceptions": [{"date": "2026-07-11", "status": "cancelled"}],
            },
            {"rrule": "FREQ=WEEKLY;BYDAY=SA;UNTIL=20270807", "rdates": ["2027-07-14"]},
        ),
        ("2026-07-04", {"rrule": "FREQ=MONTHLY;BYMONTHDAY=4;COUNT=5"}, None),
    ],
)
def test_repeats_move_with_the_first_day_or_are_left_out(
    start: str, recurrence: dict[str, Any], moved: dict[str, Any] | None
) -> None:
    event = kept_event(dates={"certainty": "exact", "start": start, "end": start, "recurrence": recurrence})

    found = propose(event, 2027, ZONE).dates

    assert found.start == "2027-07-10"
    assert (serialize_part(found.recurrence) if found.recurrence else None) == moved
