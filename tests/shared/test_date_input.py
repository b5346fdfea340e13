"""Days and hours as people type them: read without guessing, and asked about where they are half typed."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, time, timedelta

import pytest
from babel.dates import format_date
from hypothesis import given
from hypothesis import strategies as st

from shared.date_input import UnreadableInput, read_day, read_day_list, read_days, read_hour, write_day
from shared.i18n.languages import get_locale
from shared.i18n.text import Text

DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))
HOURS = st.times().map(lambda moment: time(moment.hour, moment.minute))
PATTERNS = ("d.M.yyyy", "dd.MM.yyyy", "dd/MM/yyyy", "d-M-yyyy", "d M yyyy", "d, M, yyyy", "ddMMyyyy", "yyyy-MM-dd")
IN_WORDS = ("d MMMM yyyy", "d. MMMM yyyy", "d MMM yyyy", "d LLLL yyyy", "MMMM d, yyyy", "dMMMMyyyy", "d MMMM yyyy 'r.'")


def told(typed: str, *, hour: bool = False) -> str:
    with pytest.raises(UnreadableInput) as caught:
        (read_hour if hour else read_day)(typed)
    return Text(caught.value.text, dict(caught.value.values))


@given(day=DAYS, pattern=st.sampled_from(PATTERNS))
def test_a_day_in_figures_is_read(day: date, pattern: str) -> None:
    assert read_day(format_date(day, pattern, locale="en")) == f"{day}"


@given(day=DAYS, pattern=st.sampled_from(IN_WORDS), language=st.sampled_from(("pl", "en", "de")))
def test_a_day_in_words_is_read(day: date, pattern: str, language: str) -> None:
    assert read_day(format_date(day, pattern, locale=get_locale(language))) == f"{day}"


@pytest.mark.parametrize("typed", ["1stycznia2000", "1 stycznia 2000", "1st January 2000", "1st stycznia 2000"])
def test_a_month_that_begins_as_an_ordinal_ends_is_read(typed: str) -> None:
    assert read_day(typed) == "2000-01-01"


@given(day=DAYS)
def test_a_day_that_is_written_into_its_field_is_read_back(day: date) -> None:
    assert read_day(write_day(f"{day}")) == f"{day}"


@pytest.mark.parametrize(
    ("typed", "days"),
    [
        ("14-16.08.2027", ("2027-08-14", "2027-08-16")),
        ("14.–16.8.2027", ("2027-08-14", "2027-08-16")),
        ("30.7 - 2.8.2027 r.", ("2027-07-30", "2027-08-02")),
        ("30.07.-02.08.2027", ("2027-07-30", "2027-08-02")),
        ("31.12.2027–1.1.2028", ("2027-12-31", "2028-01-01")),
        ("2027-08-14 - 2027-08-16", ("2027-08-14", "2027-08-16")),
        ("14-16 sierpnia 2027", ("2027-08-14", "2027-08-16")),
        ("30 lipca - 2 sierpnia 2027", ("2027-07-30", "2027-08-02")),
        ("14 — 16 VIII 2027", ("2027-08-14", "2027-08-16")),
        ("14-16-08-2027", ("2027-08-14", "2027-08-16")),
        ("16-14.08.2027", None),
        ("14-08-2027", None),
        ("2027-08-14", None),
        ("14-16", None),
        ("14-16.08", None),
        ("", None),
        ("-" * 5_000, None),
    ],
)
def test_a_span_is_read_as_its_ends(typed: str, days: tuple[str, str] | None) -> None:
    assert read_days(typed) == days


@given(day=DAYS, days=st.integers(1, 400), pattern=st.sampled_from(PATTERNS), dash=st.sampled_from(("-", " - ", "–")))
def test_a_span_of_two_whole_days_is_read(day: date, days: int, pattern: str, dash: str) -> None:
    last = day + timedelta(days=days)
    typed = dash.join(format_date(each, pattern, locale="en") for each in (day, last))

    assert read_days(typed) == (f"{day}", f"{last}")


@given(hour=HOURS, pattern=st.sampled_from(("%H:%M", "%H.%M", "%H,%M", "%H%M", "%H %M", "%H:%M:00")))
def test_an_hour_is_read(hour: time, pattern: str) -> None:
    assert read_hour(hour.strftime(pattern)) == f"{hour:%H:%M}"


@given(typed=st.text(min_size=1, max_size=60))
def test_whatever_is_typed_is_a_day_or_is_told_what_to_type(typed: str) -> None:
    found = said = ""
    for read, parse in ((read_day, date.fromisoformat), (read_hour, time.fromisoformat)):
        try:
            found = read(typed)
        except UnreadableInput as wrong:
            said = wrong.text % wrong.values
        assert parse(found) if found else said


def test_nothing_typed_is_nothing() -> None:
    assert (read_day(""), read_hour("")) == ("", "")


@pytest.mark.parametrize("typed", ["14.8", "14.8.", "14/08", "14 8", "14 sierpnia", "14.8.27", "14.8.202", "14.8.0000"])
def test_a_day_without_its_whole_year_is_asked_for_it(typed: str) -> None:
    assert told(typed) == "Dopisz rok z czterech cyfr, na przykład 14.8.2027."


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("31.6.2027", "Nie ma takiego dnia: miesiąc 06.2027 ma 30 dni."),
        ("29 lutego 2027", "Nie ma takiego dnia: miesiąc 02.2027 ma 28 dni."),
        ("8/14/2027", "Nie ma miesiąca 14. Podaj najpierw dzień, potem miesiąc, na przykład 14.8.2027."),
        ("14-16.08.2027", "Podaj tylko jeden dzień, na przykład 14.8.2027."),
        ("30-32.08.2027", "Nie ma takiego dnia: miesiąc 08.2027 ma 31 dni."),
        ("sobota", "Nie rozumiemy tej daty. Podaj dzień, miesiąc i rok, na przykład 14.8.2027."),
        ("14 sierpniowego 2027", "Nie rozumiemy tej daty. Podaj dzień, miesiąc i rok, na przykład 14.8.2027."),
        ("٤.٨.٢٠٢٧", "Nie rozumiemy tej daty. Podaj dzień, miesiąc i rok, na przykład 14.8.2027."),
        ("1" * 5_000, "Nie rozumiemy tej daty. Podaj dzień, miesiąc i rok, na przykład 14.8.2027."),
    ],
)
def test_what_is_no_day_is_told_why(typed: str, words: str) -> None:
    assert told(typed) == words


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("18", "Dopisz minuty, na przykład 18:00."),
        ("18:", "Dopisz minuty, na przykład 18:00."),
        ("9:3", "Dopisz minuty, na przykład 09:00."),
        ("24:00", "Nie ma godziny 24:00. Północ na koniec dnia to godzina 00:00 następnego dnia."),
        ("24", "Nie ma godziny 24:00. Północ na koniec dnia to godzina 00:00 następnego dnia."),
        ("25:10", "Nie ma godziny 25:10. Podaj godzinę od 00:00 do 23:59."),
        ("6 pm", "Podaj godzinę w zapisie od 00:00 do 23:59: 18:00."),
        ("12:30 A.M.", "Podaj godzinę w zapisie od 00:00 do 23:59: 00:30."),
        ("wieczorem", "Nie rozumiemy tej godziny. Podaj ją z minutami, na przykład 18:00."),
        ("1" * 5_000, "Nie rozumiemy tej godziny. Podaj ją z minutami, na przykład 18:00."),
    ],
)
def test_what_is_no_hour_is_told_why(typed: str, words: str) -> None:
    assert told(typed, hour=True) == words


@pytest.mark.parametrize(
    ("typed", "days"),
    [
        ("", []),
        ("21.8.2027, 14.8.2027", ["2027-08-14", "2027-08-21"]),
        ("14, 21 i 28 sierpnia 2027", ["2027-08-14", "2027-08-21", "2027-08-28"]),
        ("14.08.2027 r.\r\n21 sierpnia 2027;\n", ["2027-08-14", "2027-08-21"]),
        ("August 14, 2027", ["2027-08-14"]),
        ("30.8, 4.9.2027", ["2027-08-30", "2027-09-04"]),
        ("14-16.08.2027, 15.8.2027", ["2027-08-14", "2027-08-15", "2027-08-16"]),
    ],
)
def test_a_list_of_days_is_read_as_people_write_it(typed: str, days: list[str]) -> None:
    assert read_day_list(typed, most=10) == days


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("14.8.2027, jutro", "not_a_day"),
        ("14.8.2027, 31.9.2027", "no_such_day"),
        ("14.8", "no_year"),
        ("1-20.8.2027", "too_many"),
        ("1.1.2000 - 31.12.2099", "too_many"),
        ("1.8.2027," * 100, "too_many"),
    ],
)
def test_a_list_that_is_no_list_of_days_is_told_why(typed: str, code: str) -> None:
    with pytest.raises(UnreadableInput) as refused:
        read_day_list(typed, most=10)

    assert refused.value.code == code


@given(
    typed=st.text(max_size=60) | st.lists(st.sampled_from(("14", "8.2027", "1-3.8.2027", ",", " i ", "x"))).map("".join)
)
def test_whatever_is_typed_is_a_list_of_days_or_is_told_why(typed: str) -> None:
    with suppress(UnreadableInput):
        for day in read_day_list(typed, most=400):
            date.fromisoformat(day)
