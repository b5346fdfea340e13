"""How a past edition moves into another year, and what is submitted of it."""

import json
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.demo.editions import build_submission, get_demo_year, is_repeating, roll
from services.demo.programme import Edition, EditionTickets, EditionVenue, ProgrammeEvent, load_programme
from shared.event.model import parse_event
from shared.event.recurrence import WEEKDAYS, list_occurrences
from shared.event.recurrence_checks import check_recurrence
from shared.region import load_region

PACK = Path(__file__).parents[3] / "deploy" / "region"
WARSAW = ZoneInfo("Europe/Warsaw")
YEARS = range(2025, 2046)
Precision = Literal["day", "month", "season"]
LIMITS = {"title": 120, "summary": 500, "description": 5000}


@pytest.fixture(scope="module", name="programme")
def programme_fixture() -> tuple[ProgrammeEvent, ...]:
    return load_programme(PACK, load_region(PACK))


def edition(start: str, end: str, *, precision: Precision = "day", opens_at: str | None = None) -> Edition:
    """An edition between two days."""
    first = date.fromisoformat(start)
    return Edition(first.year, first, date.fromisoformat(end), precision, opens_at)


def event(past: Edition) -> ProgrammeEvent:
    """An event like any other, with this edition."""
    return ProgrammeEvent(
        slug="zagle",
        title={"pl": "Żagle", "en": "Sails", "de": "Segeltage"},
        title_ours=("en", "de"),
        summary={"pl": "Święto żaglowców.", "en": "Ships.", "de": "Schiffe."},
        category="maritime",
        organisation="um-szczecin",
        venue=EditionVenue("Wały Chrobrego", "Szczecin", "3262", 53.4302, 14.565, "venue"),
        edition=past,
        website="http://www.zagle.szczecin.eu",
        confidence="high",
        source="https://example.org/zagle",
    )


def rolled(start: str, end: str, year: int, precision: Precision = "day") -> tuple[str, str]:
    """Where an edition comes to lie in ``year``."""
    first, last = roll(edition(start, end, precision=precision), year)
    return first.isoformat(), last.isoformat()


def dates(start: str, opens_at: str, year: int) -> dict[str, Any]:
    """The dates that are submitted for an edition of one day with an hour."""
    found: dict[str, Any] = build_submission(event(edition(start, start, opens_at=opens_at)), year, zone=WARSAW)[
        "dates"
    ]
    return found


def editions(longest: int = 300) -> st.SearchStrategy[Edition]:
    """Dated editions of 1990 to 2045, up to ``longest`` days after their first."""
    first = st.dates(date(1990, 1, 1), date(2045, 12, 31))
    days = st.integers(0, longest).map(timedelta)
    return st.tuples(first, days).map(lambda each: Edition(each[0].year, each[0], each[0] + each[1], "day", None))


# The year of a demonstration


def test_demo_year_is_the_next_calendar_year() -> None:
    assert get_demo_year(date(2026, 12, 31)) == 2027
    assert get_demo_year(date(2027, 1, 1)) == 2028


# Dated editions


def test_dated_edition_moves_to_the_same_weekday_of_the_same_iso_week() -> None:
    assert rolled("2025-08-15", "2025-08-17", 2027) == ("2027-08-20", "2027-08-22")


def test_dated_edition_of_the_same_year_stays_where_it_is() -> None:
    assert rolled("2026-02-25", "2026-03-01", 2026) == ("2026-02-25", "2026-03-01")


def test_week_53_becomes_week_52() -> None:
    assert rolled("2020-12-29", "2020-12-30", 2027) == ("2027-12-28", "2027-12-29")


def test_week_53_becomes_week_52_also_where_there_is_a_week_53() -> None:
    assert rolled("2020-12-29", "2020-12-30", 2026) == ("2026-12-22", "2026-12-23")


def test_monday_of_week_1_that_lies_in_the_year_before_moves_on_by_a_week() -> None:
    assert rolled("2024-01-01", "2024-01-01", 2026) == ("2026-01-05", "2026-01-05")  # 2026-W01-1 is 29 December 2025


def test_sunday_of_week_52_that_lies_in_the_year_after_moves_back_by_a_week() -> None:
    assert rolled("2023-12-31", "2023-12-31", 2022) == ("2022-12-25", "2022-12-25")  # 2022-W52-7 is 1 January 2023


def test_edition_of_early_january_does_not_move_to_december() -> None:
    assert rolled("2021-01-02", "2021-01-02", 2027) == ("2027-01-09", "2027-01-09")  # 2021-01-02 is in 2020-W53


def test_edition_of_late_december_does_not_move_to_january() -> None:
    assert rolled("2024-12-30", "2024-12-30", 2027) == ("2027-12-27", "2027-12-27")  # 2024-12-30 is in 2025-W01


def test_several_days_at_the_end_of_the_year_stay_inside_it_together() -> None:
    assert rolled("2025-12-26", "2025-12-31", 2027) == ("2027-12-24", "2027-12-29")
    assert rolled("2023-12-28", "2023-12-31", 2026) == ("2026-12-24", "2026-12-27")


def test_several_days_across_the_new_year_begin_in_the_year() -> None:
    assert rolled("2023-12-29", "2024-01-01", 2027) == ("2027-12-31", "2028-01-03")


@given(editions(), st.sampled_from(YEARS))
def test_dated_edition_starts_in_the_year_on_its_weekday_and_keeps_its_length(past: Edition, year: int) -> None:
    first, last = roll(past, year)
    assert (first.year, first.weekday(), last - first) == (year, past.start.weekday(), past.end - past.start)


@given(editions(), st.sampled_from(YEARS))
def test_dated_edition_inside_one_year_stays_inside_one(past: Edition, year: int) -> None:
    _, last = roll(past, year)
    assert last.year - year <= past.end.year - past.start.year


@given(editions(longest=0), st.sampled_from(YEARS))
def test_dated_edition_stays_within_two_weeks_of_its_season(past: Edition, year: int) -> None:
    first, _ = roll(past, year)
    then, now = (day.timetuple().tm_yday for day in (past.start, first))
    assert abs(then - now) <= 14


@given(editions(longest=0), st.sampled_from(YEARS))
def test_dated_edition_away_from_the_turn_of_the_year_keeps_its_iso_week(past: Edition, year: int) -> None:
    week = past.start.isocalendar().week
    if 2 <= week <= 51:
        assert roll(past, year)[0].isocalendar() == (year, week, past.start.isoweekday())


# Months and seasons


def test_month_moves_to_the_year() -> None:
    assert rolled("2014-07-01", "2014-07-31", 2027, "month") == ("2027-07-01", "2027-07-31")


def test_season_moves_to_the_year() -> None:
    assert rolled("2022-06-24", "2022-08-31", 2027, "season") == ("2027-06-24", "2027-08-31")


def test_february_ends_with_its_last_day_in_every_year() -> None:
    assert rolled("2023-02-01", "2023-02-28", 2028, "month") == ("2028-02-01", "2028-02-29")
    assert rolled("2024-02-01", "2024-02-29", 2027, "month") == ("2027-02-01", "2027-02-28")


def test_season_that_starts_on_a_leap_day_starts_a_day_earlier() -> None:
    assert rolled("2024-02-29", "2024-03-20", 2027, "season") == ("2027-02-28", "2027-03-20")


def test_winter_ends_in_the_year_after() -> None:
    assert rolled("2023-12-01", "2024-02-29", 2027, "season") == ("2027-12-01", "2028-02-29")


# What is submitted


def test_submission_has_the_fields_that_the_pack_knows() -> None:
    assert build_submission(event(edition("2025-08-15", "2025-08-17")), 2027, zone=WARSAW) == {
        "external_id": "zagle-2027",
        "title": {"pl": "Żagle", "en": "Sails", "de": "Segeltage"},
        "summary": {"pl": "Święto żaglowców.", "en": "Ships.", "de": "Schiffe."},
        "category": "maritime",
        "dates": {"certainty": "provisional", "start": "2027-08-20", "end": "2027-08-22"},
        "venue": {"name": "Wały Chrobrego", "town": "Szczecin", "county": "3262", "lat": 53.4302, "lon": 14.565},
        "website": "http://www.zagle.szczecin.eu",
        "provenance": {"confidence": "high", "edition": 2025, "source": "https://example.org/zagle"},
    }


def test_submission_leaves_the_middle_of_a_town_out() -> None:
    place = EditionVenue(None, "Police", "3211", 53.55, 14.57, "town")
    known = msgspec.structs.replace(event(edition("2025-08-15", "2025-08-17")), venue=place)
    assert build_submission(known, 2027, zone=WARSAW)["venue"] == {"town": "Police", "county": "3211"}


def test_submission_says_when_only_the_season_is_known() -> None:
    known = event(edition("2022-06-24", "2022-08-31", precision="season"))
    assert build_submission(known, 2027, zone=WARSAW)["dates"] == {
        "certainty": "season",
        "start": "2027-06-24",
        "end": "2027-08-31",
    }


def test_one_day_with_an_hour_starts_then_and_its_end_is_not_known() -> None:
    assert dates("2024-09-01", "09:00", 2027) == {
        "certainty": "provisional",
        "start": "2027-09-05T09:00",
        "end": "2027-09-05T09:00",
    }


def test_several_days_with_an_hour_begin_then_and_end_on_a_day() -> None:
    proposed = build_submission(event(edition("2024-05-11", "2024-05-12", opens_at="11:00")), 2027, zone=WARSAW)
    assert proposed["dates"] == {"certainty": "provisional", "start": "2027-05-15T11:00", "end": "2027-05-16"}
    assert "description" not in proposed


def test_days_with_opening_hours_are_sent_with_those_of_each_day_of_the_week(
    programme: tuple[ProgrammeEvent, ...],
) -> None:
    open_days = {each.slug: build_submission(each, 2027, zone=WARSAW)["dates"] for each in programme}
    open_days = {slug: dates for slug, dates in open_days.items() if "opening_hours" in dates}

    assert len(open_days) == 3
    assert open_days["jarmark-baltycki"] == {
        "certainty": "provisional",
        "start": "2027-08-19",
        "end": "2027-08-22",
        "opening_hours": [
            {"days": ["thu", "fri", "sat"], "opens": "10:00", "closes": "22:00"},
            {"days": ["sun"], "opens": "10:00", "closes": "17:00"},
        ],
    }
    for dates in open_days.values():
        first, last = date.fromisoformat(dates["start"]), date.fromisoformat(dates["end"])
        days = {WEEKDAYS[(first + timedelta(days=each)).weekday()] for each in range((last - first).days + 1)}
        assert {day[:2].upper() for row in dates["opening_hours"] for day in row["days"]} == days


def test_part_names_its_umbrella_by_the_reference_of_the_same_year() -> None:
    known = msgspec.structs.replace(event(edition("2025-08-15", "2025-08-15")), part_of="dni-morza")
    assert build_submission(known, 2027, zone=WARSAW)["part_of"] == "dni-morza-2027"


def test_weekly_edition_is_sent_as_a_rule_with_the_hours_of_each_time() -> None:
    past = msgspec.structs.replace(
        edition("2021-07-04", "2021-08-29", opens_at="15:00"), repeats="weekly", closes_at="17:30"
    )
    proposed = build_submission(event(past), 2027, zone=WARSAW)
    assert proposed["dates"] == {
        "certainty": "provisional",
        "start": "2027-07-04T15:00",
        "end": "2027-07-04T17:30",
        "recurrence": {"rrule": "FREQ=WEEKLY;UNTIL=20270829T150000;BYDAY=SU"},
    }
    assert "description" not in proposed


def test_series_on_some_days_is_sent_with_each_of_them_in_its_week() -> None:
    days = tuple(map(date.fromisoformat, ("2021-06-08", "2021-07-27", "2021-09-04")))
    past = msgspec.structs.replace(edition("2021-06-08", "2021-09-04"), days=days)
    assert build_submission(event(past), 2027, zone=WARSAW)["dates"] == {
        "certainty": "provisional",
        "start": "2027-06-08",
        "end": "2027-06-08",
        "recurrence": {"rdates": ["2027-07-27", "2027-09-04"]},
    }


def test_tickets_are_sent_as_far_as_they_are_known() -> None:
    known = msgspec.structs.replace(event(edition("2025-08-15", "2025-08-17")), tickets=EditionTickets(free=True))
    assert build_submission(known, 2027, zone=WARSAW)["tickets"] == {"free": True}


def test_hour_that_is_skipped_in_spring_is_as_late_as_the_clocks_have_moved() -> None:
    assert dates("2021-03-28", "02:30", 2027)["start"] == "2027-03-28T03:30"


def test_hour_that_comes_twice_in_autumn_is_the_first() -> None:
    assert dates("2026-10-25", "02:30", 2027) == {
        "certainty": "provisional",
        "start": "2027-10-31T02:30",
        "end": "2027-10-31T02:30",
        "start_fold": 0,
        "end_fold": 0,
    }


@given(st.sampled_from(YEARS), st.integers(0, 6), st.times())
def test_no_local_time_comes_out_that_does_not_exist(year: int, days_before_april: int, hour: time) -> None:
    in_that_week = date(year, 3, 31) - timedelta(days=days_before_april)
    written = dates(in_that_week.isoformat(), f"{hour:%H:%M}", year)["start"]
    local = datetime.fromisoformat(written).replace(tzinfo=WARSAW)
    assert local.astimezone(UTC).astimezone(WARSAW).isoformat() == local.isoformat()


@pytest.mark.parametrize("year", YEARS)
def test_every_minute_of_the_skipped_hour_comes_out_an_hour_later(year: int) -> None:
    night = max(day for day in (date(year, 3, each) for each in range(25, 32)) if day.isoweekday() == 7)
    starts = [dates(night.isoformat(), f"02:{minute:02}", year)["start"] for minute in range(60)]
    assert starts == [f"{night}T03:{minute:02}" for minute in range(60)]


# The programme of West Pomerania


@pytest.mark.parametrize("year", YEARS)
def test_programme_comes_to_lie_inside_every_year(programme: tuple[ProgrammeEvent, ...], year: int) -> None:
    spans = [roll(each.edition, year) for each in programme]
    assert [(first.year, last.year) for first, last in spans] == [(year, year)] * 173


@pytest.mark.parametrize("year", YEARS)
def test_programme_keeps_weekday_and_week_in_every_year(programme: tuple[ProgrammeEvent, ...], year: int) -> None:
    dated = [each.edition for each in programme if each.edition.precision == "day"]
    assert [roll(each, year)[0].isocalendar()[1:] for each in dated] == [each.start.isocalendar()[1:] for each in dated]


@pytest.mark.parametrize("year", YEARS)
def test_what_repeats_takes_place_in_every_year_as_often_as_in_its_edition(
    programme: tuple[ProgrammeEvent, ...], year: int
) -> None:
    for each in programme:
        past = each.edition
        if is_repeating(past):
            found = parse_event(build_submission(each, year, zone=WARSAW)).dates
            check_recurrence(found)
            days = [date.fromisoformat(occurrence.start[:10]) for occurrence in list_occurrences(found)]
            planned = past.days or [past.start + timedelta(weeks=number) for number in range(len(days))]
            assert (planned[-1], {day.year for day in days}) == (past.end, {year})
            assert [day.weekday() for day in days] == [day.weekday() for day in planned]


def test_programme_is_submitted_under_173_references(programme: tuple[ProgrammeEvent, ...]) -> None:
    assert len({build_submission(each, 2027, zone=WARSAW)["external_id"] for each in programme}) == 173


def test_programme_is_submitted_in_the_shape_that_travels(programme: tuple[ProgrammeEvent, ...]) -> None:
    for each in programme:
        proposed = json.loads(json.dumps(build_submission(each, 2027, zone=WARSAW)))
        del proposed["external_id"]
        assert msgspec.to_builtins(parse_event(proposed)) == proposed


def test_programme_keeps_to_the_limits_of_a_submission(programme: tuple[ProgrammeEvent, ...]) -> None:
    proposals = [build_submission(each, 2027, zone=WARSAW) for each in programme]
    for field, limit in LIMITS.items():
        assert max(len(text) for each in proposals for text in each.get(field, {"pl": ""}).values()) <= limit
    assert max(len(each["venue"].get("name", "")) for each in proposals) <= 200
    assert max(len(each.get("website", "")) for each in proposals) <= 500
    assert max(len(each["provenance"]["source"]) for each in proposals) <= 500
