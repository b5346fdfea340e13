"""Doors, meeting points and starting points, in every format and on the event's page."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest

from services.distribution.formats.json_ld import render_json_ld
from services.distribution.presentation.localized_event import localize
from tests.services.distribution.builders import make_message, make_site
from tests.services.distribution.rendering import render

START: Final[dict[str, Any]] = {"name": "Jasne Błonia", "town": "Szczecin", "lat": 53.44, "lon": 14.54}
RUN: Final = make_message("a", arrival={"pl": "Biuro zawodów od 8:00", "de": "Startbüro ab 8 Uhr"}, start_place=START)
PLAIN: Final = make_message("a")


def test_calendars_read_where_to_be_and_keep_the_venue_as_their_place() -> None:
    feed = render([RUN]).decode().replace("\r\n ", "")

    assert "LOCATION:Wały Chrobrego\\, Szczecin" in feed
    assert "GEO:53.43;14.565" in feed
    assert r"Wejście i zbiórka: Biuro zawodów od 8:00\n" in feed
    assert r"Miejsce startu: Jasne Błonia\, Szczecin\n" in feed


def test_programs_have_both_in_fields_of_their_own() -> None:
    [item] = json.loads(render([RUN], "json"))["items"]

    assert item["_event"]["arrival"] == "Biuro zawodów od 8:00"
    assert item["_event"]["start_place"] == {
        "name": "Jasne Błonia",
        "town": "Szczecin",
        "geo": {"lat": 53.44, "lon": 14.54},
    }
    assert item["_event"]["texts"]["arrival"] == "pl"
    assert item["_event"]["venue"]["name"] == "Wały Chrobrego"


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("pl", ["Wejście i zbiórka: Biuro zawodów od 8:00", "Miejsce startu: Jasne Błonia, Szczecin"]),
        ("de", ["Einlass und Treffpunkt: Startbüro ab 8 Uhr", "Startort: Jasne Błonia, Szczecin"]),
    ],
)
def test_search_engines_have_one_place_and_read_the_rest(language: str, expected: list[str]) -> None:
    found = json.loads(render_json_ld(localize(RUN, language, make_site())))

    assert found["location"]["name"] == "Wały Chrobrego"
    assert [line for line in expected if line not in found["description"].split("\n")] == []


def test_readers_of_news_are_told_where_it_starts() -> None:
    assert "Miejsce startu: Jasne Błonia, Szczecin" in render([RUN], "rss").decode()


@pytest.mark.parametrize("kind", ["ics", "json", "rss"])
def test_an_event_without_them_says_nothing_of_them(kind: str) -> None:
    feed = render([PLAIN], kind).decode()

    assert [word for word in ("arrival", "start_place", "Wejście", "Miejsce startu") if word in feed] == []


def test_a_town_alone_is_a_starting_point() -> None:
    feed = render([make_message("a", start_place={"town": "Trzebież", "later": "field"})]).decode()

    assert r"Miejsce startu: Trzebież\n" in feed.replace("\r\n ", "")
