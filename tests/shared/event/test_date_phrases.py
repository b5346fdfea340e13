"""Dates in words and as a block, in every language we know."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.event.date_phrases import (
    Stamp,
    format_certainty,
    format_date_pieces,
    format_dates,
    format_dates_in_full,
    format_exceptions,
    format_local_time,
    format_occurrence_days,
    make_stamp,
)
from shared.event.model import Certainty, Dates, parse_part
from shared.i18n.languages import LANGUAGES, UnknownLanguage

SINGLE = Dates("exact", "2027-08-14", "2027-08-14")
RANGE = Dates("exact", "2027-08-14", "2027-08-16")
ACROSS_MONTHS = Dates("exact", "2027-07-31", "2027-08-02")
ACROSS_YEARS = Dates("exact", "2027-12-31", "2028-01-02")
EVENING = Dates("exact", "2027-08-14T18:00", "2027-08-14T20:00")
OPEN_END = Dates("exact", "2027-08-14T18:00", "2027-08-14T18:00")
NIGHT = Dates("exact", "2027-08-14T18:00", "2027-08-15T02:00")
MIDNIGHT = Dates("exact", "2027-08-14T18:00", "2027-08-15T00:00")
LATE_MIDNIGHT = Dates("exact", "2027-08-14T18:00", "2027-08-16T00:00")
WHOLE_DAY = Dates("exact", "2027-08-14T00:00", "2027-08-15T00:00")
OPEN_HOUR = Dates("exact", "2027-08-14T18:00", "2027-08-16")
FROM_MIDNIGHT = Dates("exact", "2027-08-14T00:00", "2027-08-14T00:00")
SECOND = Dates("exact", "2027-10-31T02:30", "2027-10-31T04:00", start_fold=1)
FIRST_OPEN = Dates("exact", "2027-10-31T02:30", "2027-10-31T02:30", start_fold=0, end_fold=0)
BOTH = Dates("exact", "2027-10-31T02:30", "2027-10-31T02:30", start_fold=0, end_fold=1)
OVER_NIGHT = Dates("exact", "2027-10-30T20:00", "2027-10-31T02:30", end_fold=1)
MONTH = Dates("month", "2027-08-01", "2027-08-31")
SEPTEMBER = Dates("month", "2027-09-01", "2027-09-30")
SEASON = Dates("season", "2027-06-01", "2027-08-31")
WINTER = Dates("season", "2027-12-01", "2028-02-29")


@pytest.mark.parametrize(
    ("dates", "language", "said"),
    [
        (SINGLE, "pl", "sobota 14 sierpnia 2027"),
        (SINGLE, "en", "Saturday 14 August 2027"),
        (SINGLE, "de", "Samstag, 14. August 2027"),
        (SINGLE, "cs", "sobota 14. srpna 2027"),
        (SINGLE, "uk", "субота, 14 серпня 2027"),
        (SINGLE, "fr", "samedi 14 août 2027"),
        (SINGLE, "ja", "2027年8月14日土曜日"),
        (RANGE, "pl", "14–16 sierpnia 2027"),
        (RANGE, "en", "14–16 August 2027"),
        (RANGE, "de", "14.–16. August 2027"),
        (RANGE, "cs", "14.–16. srpna 2027"),
        (RANGE, "uk", "14–16 серпня 2027"),
        (RANGE, "es", "14–16 de agosto de 2027"),
        (ACROSS_MONTHS, "pl", "31 lipca – 2 sierpnia 2027"),
        (ACROSS_MONTHS, "de", "31. Juli – 2. August 2027"),
        (ACROSS_YEARS, "pl", "31 grudnia 2027 – 2 stycznia 2028"),
        (ACROSS_YEARS, "en", "31 December 2027 – 2 January 2028"),
        (EVENING, "pl", "sobota 14 sierpnia 2027, 18:00–20:00"),
        (EVENING, "en", "Saturday 14 August 2027, 18:00–20:00"),
        (OPEN_END, "pl", "sobota 14 sierpnia 2027, 18:00"),
        (NIGHT, "pl", "sobota 14 sierpnia 2027, 18:00 – niedziela 15 sierpnia 2027, 02:00"),
        (MIDNIGHT, "pl", "sobota 14 sierpnia 2027, 18:00–24:00"),
        (MIDNIGHT, "de", "Samstag, 14. August 2027, 18:00–24:00"),
        (LATE_MIDNIGHT, "en", "Saturday 14 August 2027, 18:00 – Sunday 15 August 2027, 24:00"),
        (OPEN_HOUR, "pl", "sobota 14 sierpnia 2027, 18:00 – poniedziałek 16 sierpnia 2027"),
        (OPEN_HOUR, "de", "Samstag, 14. August 2027, 18:00 – Montag, 16. August 2027"),
        (OPEN_HOUR, "ja", "2027年8月14日土曜日, 18:00 – 2027年8月16日月曜日"),
        (WHOLE_DAY, "en", "Saturday 14 August 2027, 00:00–24:00"),
        (FROM_MIDNIGHT, "en", "Saturday 14 August 2027, 00:00"),
        (SECOND, "pl", "niedziela 31 października 2027, 02:30 (czas zimowy)–04:00"),
        (FIRST_OPEN, "de", "Sonntag, 31. Oktober 2027, 02:30 (Sommerzeit)"),
        (BOTH, "en", "Sunday 31 October 2027, 02:30 (summer time)–02:30 (winter time)"),
        (OVER_NIGHT, "pl", "sobota 30 października 2027, 20:00 – niedziela 31 października 2027, 02:30 (czas zimowy)"),
        (MONTH, "pl", "w sierpniu 2027, dzień do potwierdzenia"),
        (SEPTEMBER, "pl", "we wrześniu 2027, dzień do potwierdzenia"),
        (MONTH, "en", "in August 2027, day to be confirmed"),
        (MONTH, "de", "im August 2027, Tag noch offen"),
        (MONTH, "cs", "v srpnu 2027, den bude upřesněn"),
        (MONTH, "uk", "у серпні 2027, день уточнюється"),
        (MONTH, "sv", "augusti 2027, dag ej fastställd"),
        (SEASON, "pl", "od czerwca do sierpnia 2027, termin do potwierdzenia"),
        (SEASON, "de", "von Juni bis August 2027, Termin noch offen"),
        (SEASON, "cs", "od června do srpna 2027, termín bude upřesněn"),
        (SEASON, "uk", "від червня до серпня 2027, дати уточнюються"),
        (SEASON, "nl", "juni–augustus 2027, datum nog te bevestigen"),
        (WINTER, "pl", "od grudnia 2027 do lutego 2028, termin do potwierdzenia"),
    ],
)
def test_a_date_is_said_as_people_say_it(dates: Dates, language: str, said: str) -> None:
    assert format_dates(dates, language) == said


@pytest.mark.parametrize(
    ("dates", "language", "said"),
    [
        (RANGE, "pl", "sobota 14 – poniedziałek 16 sierpnia 2027"),
        (RANGE, "en", "Saturday 14 – Monday 16 August 2027"),
        (RANGE, "de", "Samstag, 14. – Montag, 16. August 2027"),
        (ACROSS_MONTHS, "pl", "sobota 31 lipca – poniedziałek 2 sierpnia 2027"),
        (ACROSS_YEARS, "pl", "piątek 31 grudnia 2027 – niedziela 2 stycznia 2028"),
        (RANGE, "fr", "samedi 14 août 2027 – lundi 16 août 2027"),
        (SINGLE, "pl", "sobota 14 sierpnia 2027"),
        (MONTH, "pl", "w sierpniu 2027, dzień do potwierdzenia"),
    ],
)
def test_the_long_phrase_names_both_days_of_the_week(dates: Dates, language: str, said: str) -> None:
    assert format_dates_in_full(dates, language) == said


def test_a_range_in_pieces_gives_each_day_to_machines() -> None:
    assert format_date_pieces(RANGE, "pl") == [("14", "2027-08-14"), ("–", ""), ("16 sierpnia 2027", "2027-08-16")]


def test_hours_in_pieces_give_each_hour_to_machines() -> None:
    assert format_date_pieces(EVENING, "pl") == [
        ("sobota 14 sierpnia 2027, 18:00", "2027-08-14T18:00"),
        ("–", ""),
        ("20:00", "2027-08-14T20:00"),
    ]


def test_a_provisional_date_is_said_like_a_sure_one_and_marked_apart() -> None:
    provisional = Dates("provisional", "2027-08-14", "2027-08-16")

    assert format_dates(provisional, "pl") == "14–16 sierpnia 2027"
    assert format_certainty("provisional", "pl") == "termin wstępny"
    assert format_certainty("exact", "pl") == ""


@pytest.mark.parametrize(
    ("dates", "language", "block"),
    [
        (SINGLE, "pl", Stamp("exact", "sob", "14", "sie", "")),
        (RANGE, "pl", Stamp("exact", "sob–pn", "14–16", "sie", "")),
        (RANGE, "de", Stamp("exact", "Sa–Mo", "14.–16.", "Aug", "")),
        (RANGE, "uk", Stamp("exact", "сб–пн", "14–16", "серп", "")),
        (ACROSS_MONTHS, "pl", Stamp("exact", "sob–pn", "31", "lip", "2 sie")),
        (ACROSS_YEARS, "pl", Stamp("exact", "pt–ndz", "31", "gru", "2 sty")),
        (MONTH, "pl", Stamp("month", "", "", "sie", "")),
        (SEASON, "pl", Stamp("season", "", "", "cze – sie", "")),
        (EVENING, "en", Stamp("exact", "Sat", "14", "Aug", "")),
    ],
)
def test_a_stamp_shows_the_date_as_a_block(dates: Dates, language: str, block: Stamp) -> None:
    assert make_stamp(dates, language, "confirmed") == block


def test_a_large_stamp_has_the_names_in_full() -> None:
    assert make_stamp(SINGLE, "pl", "confirmed", large=True) == Stamp("exact", "sobota", "14", "sierpnia", "")


def test_a_cancelled_event_has_a_cancelled_stamp() -> None:
    assert make_stamp(RANGE, "pl", "cancelled").state == "cancelled"


def test_an_instant_is_said_in_the_time_of_the_region() -> None:
    assert format_local_time("2026-11-21T14:05:09.120Z", "pl", ZoneInfo("Europe/Warsaw")) == "21 listopada 2026, 15:05"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_we_know_says_what_is_not_sure(language: str) -> None:
    assert format_certainty("exact", language) == ""
    assert len({format_certainty(each, language) for each in ("provisional", "month", "season")} - {""}) == 3


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(UnknownLanguage):
        format_dates(RANGE, "xx")


days = st.dates(date(2020, 1, 1), date(2060, 12, 31))
languages = st.sampled_from(list(LANGUAGES))
certainties = st.sampled_from(["exact", "provisional", "month", "season"])


@given(
    first=days,
    length=st.integers(0, 400),
    hour=st.sampled_from(["", "T10:30"]),
    certainty=certainties,
    language=languages,
)
def test_any_date_can_be_said_in_any_language(
    first: date, length: int, hour: str, certainty: Certainty, language: str
) -> None:
    last = first + timedelta(length)
    dates = Dates(certainty, f"{first.isoformat()}{hour}", f"{last.isoformat()}{hour}")

    said = format_dates(dates, language)

    assert "".join(text for text, _ in format_date_pieces(dates, language)) == said
    assert str(last.year) in said
    assert "{" not in said + format_dates_in_full(dates, language)
    assert make_stamp(dates, language, "confirmed").month


@given(days, st.integers(1, 400), languages)
def test_two_ranges_with_different_days_are_said_differently(first: date, length: int, language: str) -> None:
    shorter = Dates("exact", first.isoformat(), (first + timedelta(length)).isoformat())
    longer = Dates("exact", first.isoformat(), (first + timedelta(length + 1)).isoformat())

    assert format_dates(shorter, language) != format_dates(longer, language)


@pytest.mark.parametrize(
    ("dates", "day", "until"),
    [
        (MIDNIGHT, "14", ""),
        (LATE_MIDNIGHT, "14–15", ""),
        (Dates("exact", "2027-07-31T18:00", "2027-08-01T00:00"), "31", ""),
    ],
)
def test_an_end_at_midnight_draws_no_second_day(dates: Dates, day: str, until: str) -> None:
    drawn = make_stamp(dates, "pl", "confirmed")

    assert (drawn.day, drawn.until) == (day, until)


def make_repeats(rrule: str, start: str = "2027-07-03T18:00", end: str = "2027-07-03T20:00", **fields: object) -> Dates:
    recurrence = {"rrule": rrule, **fields}
    return parse_part({"certainty": "exact", "start": start, "end": end, "recurrence": recurrence}, Dates)


EVENINGS = make_repeats(
    "FREQ=WEEKLY;COUNT=9",
    exceptions=[
        {"date": "2027-08-07T18:00", "status": "cancelled", "note": {"pl": "upał"}},
        {"date": "2027-08-14T18:00", "status": "moved", "start": "2027-08-15T17:00", "end": "2027-08-15T19:00"},
    ],
)


@pytest.mark.parametrize(
    ("dates", "language", "said"),
    [
        (EVENINGS, "en", "every Saturday, 3 July – 28 August 2027, 18:00–20:00"),
        (make_repeats("FREQ=DAILY;COUNT=3"), "en", "every day, 3–5 July 2027, 18:00–20:00"),
        (
            make_repeats("FREQ=DAILY;BYDAY=SA,SU;COUNT=4"),
            "en",
            "every Saturday and every Sunday, 3–11 July 2027, 18:00–20:00",
        ),
        (
            make_repeats("FREQ=WEEKLY;BYDAY=WE,TH,FR,SA,SU;COUNT=9"),
            "en",
            "every week: Wednesday–Sunday, 3–15 July 2027, 18:00–20:00",
        ),
        (
            make_repeats("FREQ=WEEKLY;INTERVAL=2;COUNT=2"),
            "en",
            "every second week: Saturday, 3–17 July 2027, 18:00–20:00",
        ),
        (make_repeats("FREQ=MONTHLY;COUNT=2"), "en", "every month, 3 July – 3 August 2027, 18:00–20:00"),
        (make_repeats("FREQ=MONTHLY;BYMONTHDAY=3;COUNT=2"), "en", "every month, 3 July – 3 August 2027, 18:00–20:00"),
        (
            make_repeats("FREQ=MONTHLY;BYDAY=1SA;COUNT=2"),
            "en",
            "every month: Saturday, 3 July – 7 August 2027, 18:00–20:00",
        ),
        (
            make_repeats("FREQ=MONTHLY;BYDAY=1SA,3SA;COUNT=2"),
            "en",
            "on several dates, 3–17 July 2027, 18:00–20:00",
        ),
        (make_repeats("FREQ=WEEKLY;INTERVAL=3;COUNT=2"), "en", "on several dates, 3–24 July 2027, 18:00–20:00"),
        (
            make_repeats("FREQ=WEEKLY;COUNT=2", "2027-07-03T22:00", "2027-07-04T02:00"),
            "en",
            "every Saturday, 3–11 July 2027, 22:00–02:00",
        ),
        (
            make_repeats("FREQ=WEEKLY;COUNT=2", "2027-07-03", "2027-07-03"),
            "en",
            "every Saturday, 3–10 July 2027",
        ),
    ],
)
def test_repeats_are_said_by_their_rule_span_and_hours(dates: Dates, language: str, said: str) -> None:
    assert format_dates(dates, language) == said
    assert format_dates_in_full(dates, language) == said


def test_exceptions_are_said_with_their_notes() -> None:
    assert format_exceptions(EVENINGS, "en") == [
        "Cancelled: Saturday 7 August 2027 (upał)",
        "Moved: Saturday 14 August 2027 → Sunday 15 August 2027, 17:00–19:00",
    ]


def test_what_is_left_out_is_said_before_the_exceptions() -> None:
    off = [{"date": "2027-07-10T18:00", "status": "cancelled"}]
    dates = make_repeats("FREQ=WEEKLY;COUNT=5", exdates=["2027-07-24T18:00", "2027-07-17T18:00"], exceptions=off)

    assert format_exceptions(dates, "pl") == [
        "Nie odbywa się: 17, 24 lipca 2027",
        "Odwołane: sobota 10 lipca 2027",
    ]


def test_the_days_of_repeats_are_listed_without_what_they_share() -> None:
    assert format_occurrence_days(EVENINGS, "en") == "3, 10, 17, 24, 31 July, 15, 21, 28 August 2027"
    assert format_occurrence_days(make_repeats("FREQ=WEEKLY;COUNT=2"), "ja") == "2027年7月3日, 2027年7月10日"


OTHER_HOURS = parse_part(
    {
        "certainty": "exact",
        "start": "2027-07-03T18:00",
        "end": "2027-07-03T20:00",
        "recurrence": {
            "rdates": ["2027-07-04T11:00", "2027-07-04T18:00"],
            "exceptions": [{"date": "2027-07-04T11:00", "status": "cancelled"}],
        },
    },
    Dates,
)


@pytest.mark.parametrize(
    ("dates", "whole", "each"),
    [
        (
            OTHER_HOURS,
            "on several dates, 3–4 July 2027",
            "Saturday 3 July 2027, 18:00–20:00; Sunday 4 July 2027, 18:00–20:00",
        ),
        (
            make_repeats("FREQ=WEEKLY;COUNT=2", "2027-07-02T18:00", "2027-07-04T16:00"),
            "every Friday, 2–11 July 2027, 18:00",
            (
                "Friday 2 July 2027, 18:00 – Sunday 4 July 2027, 16:00; "
                "Friday 9 July 2027, 18:00 – Sunday 11 July 2027, 16:00"
            ),
        ),
        (
            make_repeats("FREQ=WEEKLY;COUNT=2", "2027-07-03", "2027-07-04"),
            "every Saturday, 3–11 July 2027",
            "3–4 July 2027; 10–11 July 2027",
        ),
    ],
    ids=["other hours", "several nights", "several days"],
)
def test_occurrences_that_a_rule_and_hours_do_not_say_are_said_each(dates: Dates, whole: str, each: str) -> None:
    assert (format_dates(dates, "en"), format_occurrence_days(dates, "en")) == (whole, each)


def test_an_exception_names_its_hour_where_the_day_does_not_say_which_occurrence_it_is() -> None:
    assert format_exceptions(OTHER_HOURS, "en") == ["Cancelled: Sunday 4 July 2027, 11:00"]


@given(
    hours=st.lists(st.sampled_from(["09:00", "11:00", "18:00"]), min_size=2, max_size=4),
    other=st.sampled_from(["09:00", "11:00", "18:00"]),
)
def test_another_hour_of_an_occurrence_is_another_phrase(hours: list[str], other: str) -> None:
    def say(last: str) -> list[str]:
        starts = [f"2027-07-{day:02}T{hour}" for day, hour in enumerate([*hours, last], 3)]
        written = {"certainty": "exact", "start": starts[0], "end": starts[0], "recurrence": {"rdates": starts[1:]}}
        dates = parse_part(written, Dates)
        return [format_dates(dates, "en"), format_occurrence_days(dates, "en")]

    assert (say(hours[0]) == say(other)) == (hours[0] == other)


def test_every_language_of_a_note_is_said_to_those_who_decide() -> None:
    exceptions = [{"date": "2027-07-10T18:00", "status": "cancelled", "note": {"pl": "Upał.", "de": "Spam"}}]
    dates = make_repeats("FREQ=WEEKLY;COUNT=4", exceptions=exceptions)

    assert format_exceptions(dates, "pl") == ["Odwołane: sobota 10 lipca 2027 (Upał.)"]
    assert format_exceptions(dates, "pl", every_note=True) == ["Odwołane: sobota 10 lipca 2027 (Upał.; de: Spam)"]
    assert format_exceptions(dates, "en", every_note=True) == ["Cancelled: Saturday 10 July 2027 (pl: Upał.; de: Spam)"]


def test_a_long_list_of_days_ends_with_a_mark() -> None:
    said = format_occurrence_days(make_repeats("FREQ=DAILY;COUNT=61"), "en")

    assert said.endswith("31 August 2027, …")


def test_the_block_of_repeats_shows_their_span_and_the_one_day_of_the_week() -> None:
    assert make_stamp(EVENINGS, "en", "confirmed").weekday == "Sat–Sat"
    whole = make_repeats("FREQ=WEEKLY;COUNT=9")
    assert make_stamp(whole, "en", "confirmed") == Stamp("exact", "Sat", "3", "Jul", "28 Aug")


@pytest.mark.parametrize("language", LANGUAGES)
def test_repeats_can_be_said_in_every_language(language: str) -> None:
    assert "2027" in format_dates(EVENINGS, language)
    assert len(format_exceptions(EVENINGS, language)) == 2
