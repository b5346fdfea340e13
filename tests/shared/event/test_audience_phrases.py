"""For whom an event is, in words of a feed's language."""

from __future__ import annotations

from typing import Any

import pytest

from shared.event import vocabulary
from shared.event.audience_phrases import AUDIENCE, SETTING, format_ages, list_audience, list_settings
from shared.event.model import Ages, Event, parse_event


def make(**fields: Any) -> Event:  # noqa: ANN401 - any field
    return parse_event(
        {
            "title": {"pl": "Żagle"},
            "category": "maritime",
            "dates": {"certainty": "exact", "start": "2027-08-14", "end": "2027-08-14"},
            "venue": {"town": "Szczecin", "county": "3262"},
            **fields,
        }
    )


def test_every_code_has_a_phrase() -> None:
    assert (set(AUDIENCE), set(SETTING)) == (set(vocabulary.AUDIENCE), set(vocabulary.SETTING))


@pytest.mark.parametrize(
    ("ages", "words"),
    [
        (Ages(), ""),
        (Ages(min=3, max=12), "3–12"),
        (Ages(min=6), "6+"),
        (Ages(max=12), "0–12"),
        (Ages(min=0, max=0), "0"),
        (Ages(min=7, max=7), "7"),
    ],
)
def test_ages_are_a_span_an_age_or_open_above(ages: Ages, words: str) -> None:
    assert format_ages(ages) == words


def test_children_have_their_ages_and_a_code_of_a_later_release_is_left_out() -> None:
    event = make(audience=["seniors", "children", "dogs"], ages={"min": 3, "max": 12}, setting=["outdoors", "space"])

    assert list_audience(event, "de") == ["Seniorinnen und Senioren", "Kinder (Alter: 3–12)"]
    assert list_settings(event, "en") == ["outdoors"]


def test_ages_without_children_are_not_told() -> None:
    assert list_audience(make(audience=["families"], ages={"min": 3}), "en") == ["families"]
