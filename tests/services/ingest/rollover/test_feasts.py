"""The feasts on which events depend."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.rollover.feasts import FEASTS, find_advent, find_easter, find_free_movable, find_named

YEARS = st.integers(2000, 2099)


@pytest.mark.parametrize(
    "easter",
    [
        date(2000, 4, 23),
        date(2008, 3, 23),
        date(2011, 4, 24),
        date(2026, 4, 5),
        date(2027, 3, 28),
        date(2028, 4, 16),
        date(2038, 4, 25),
        date(2049, 4, 18),
        date(2076, 4, 19),
    ],
    ids=str,
)
def test_easter_is_on_the_day_of_the_church_calendar(easter: date) -> None:
    assert find_easter(easter.year) == easter


@given(YEARS)
def test_easter_is_a_sunday_between_22_march_and_25_april(year: int) -> None:
    easter = find_easter(year)

    assert easter.isoweekday() == 7
    assert date(year, 3, 22) <= easter <= date(year, 4, 25)


@given(YEARS)
def test_advent_begins_on_a_sunday_between_27_november_and_3_december(year: int) -> None:
    advent = find_advent(year)

    assert advent.isoweekday() == 7
    assert date(year, 11, 27) <= advent <= date(year, 12, 3)


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("Palm Sunday", date(2027, 3, 21)),
        ("Good Friday", date(2027, 3, 26)),
        ("Easter Monday", date(2027, 3, 29)),
        ("Pentecost", date(2027, 5, 16)),
        ("Corpus Christi", date(2027, 5, 27)),
        ("Fat Thursday", date(2027, 2, 4)),
        ("Shrove Tuesday", date(2027, 2, 9)),
        ("First Sunday of Advent", date(2027, 11, 28)),
    ],
)
def test_a_movable_feast_of_2027_is_on_its_day(name: str, day: date) -> None:
    assert next(each for each in FEASTS if each.name == name).find_day(2027) == day


@pytest.mark.parametrize(
    ("title", "names"),
    [
        ("Jarmark Wielkanocny", ["Easter"]),
        ("Niedziela Palmowa w Sławnie", ["Palm Sunday"]),
        ("Misterium Męki Pańskiej", ["Good Friday"]),
        ("Śmigus-dyngus na Zamku", ["Easter Monday"]),
        ("Zielone Świątki na Wolinie", ["Pentecost"]),
        ("Koncert w Boże Ciało", ["Corpus Christi"]),
        ("Tłusty czwartek", ["Fat Thursday"]),
        ("Bal karnawałowy", ["Shrove Tuesday"]),
        ("Jarmark adwentowy", ["First Sunday of Advent"]),
        ("Gęsina na św. Marcina", ["St Martin’s Day"]),
        ("Koncert na Dzień Matki", ["Mother’s Day"]),
        ("Noc Kupały", ["Midsummer Night"]),
        ("Ostermarkt am Schloss", ["Easter"]),
        ("Adventure Race", []),
        ("Żagle", []),
    ],
)
def test_a_title_names_a_feast(title: str, names: list[str]) -> None:
    assert [each.name for each in find_named([title])] == names


def test_days_touch_a_movable_day_off() -> None:
    touched = find_free_movable(date(2026, 6, 4), date(2026, 6, 7))

    assert touched is not None
    assert touched.name == "Corpus Christi"
    assert find_free_movable(date(2026, 6, 5), date(2026, 6, 7)) is None
