"""Edition numbers in titles: raised only where the number can mean nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.event.edition_numbers import find_edition, raise_titles


@pytest.mark.parametrize(
    ("title", "raised"),
    [
        ("XXVII Festiwal Słowian i Wikingów", "XXVIII Festiwal Słowian i Wikingów"),
        ("XXXIX Międzynarodowy Festiwal Organowy", "XL Międzynarodowy Festiwal Organowy"),
        ("27. Międzynarodowy Festiwal Filmowy", "28. Międzynarodowy Festiwal Filmowy"),
        ("I Bieg Latarnika", "II Bieg Latarnika"),
        ("V Międzynarodowy Konkurs Chórów", "VI Międzynarodowy Konkurs Chórów"),
        ("9. Dni Ińska", "10. Dni Ińska"),
        ("Żagle 2027", "Żagle 2028"),
        ("XLIX Dni Morza 2027", "L Dni Morza 2028"),
    ],
)
def test_a_number_of_an_edition_is_raised(title: str, raised: str) -> None:
    assert raise_titles({"pl": title}, since=2027, year=2028) == {"pl": raised}


@pytest.mark.parametrize(
    "title",
    [
        "Festiwal Bogusława X",
        "Jan Paweł II – koncert",
        "XVII wiek – wystawa",
        "XX w. w fotografii – wystawa",
        "II wojna światowa – wystawa",
        "4. Pułk Piechoty – piknik",
        "11. listopada – bieg",
        "3. Maja – koncert",
        "IIII Festiwal",
        "IC Festiwal",
        "007. Festiwal szpiegów",
        "20 lat Festiwalu",
        "100 lat kina",
        "XXL Moda",
        "I Ty możesz śpiewać",
        "I Sea You Festiwal",
        "X Muza – koncert",
        "Sezon 2026/2027",
        "2026 i 2027 na zdjęciach",
        "Mecz 2027 na 2027",
        "Żagle 2026",
    ],
)
def test_what_may_be_something_else_stays(title: str) -> None:
    assert raise_titles({"pl": title}, since=2027, year=2028) == {"pl": title}


def test_translations_follow_the_polish_title() -> None:
    titles = {"pl": "XXII Festiwal Wikingów", "en": "22nd Viking Festival", "de": "22. Wikingerfestival"}
    others = {"pl": "Festiwal Wikingów", "en": "22nd Viking Festival"}

    assert raise_titles(titles, since=2027, year=2028) == {
        "pl": "XXIII Festiwal Wikingów",
        "en": "23rd Viking Festival",
        "de": "23. Wikingerfestival",
    }
    assert raise_titles(others, since=2027, year=2028) == others


def test_a_number_is_not_raised_over_several_years() -> None:
    assert raise_titles({"pl": "XXVII Festiwal"}, since=2025, year=2028) == {"pl": "XXVII Festiwal"}


@given(st.integers(1, 299), st.sampled_from(("{}. Festiwal", "{}. Bieg Gryfa")))
def test_the_next_edition_is_one_higher(edition: int, title: str) -> None:
    raised = raise_titles({"pl": title.format(edition)}, since=2027, year=2028)

    assert find_edition(raised["pl"]) == edition + 1


@given(st.text(max_size=120))
def test_no_title_is_too_strange(title: str) -> None:
    assert list(raise_titles({"pl": title}, since=2027, year=2028)) == ["pl"]
