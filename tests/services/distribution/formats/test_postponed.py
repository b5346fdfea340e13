"""A postponed event in every format: its date does not hold, and no other is known."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from services.distribution.formats.json_ld import render_json_ld
from services.distribution.presentation.localized_event import LocalizedEvent, localize
from services.distribution.rows import build_tags
from shared.i18n.languages import LANGUAGES
from shared.messages import EventPublished, Postponement
from tests.services.distribution.builders import make_message, make_site
from tests.services.distribution.rendering import render

POSTPONED = Postponement(3, "2027-06-01T10:00:00.000Z")


def make_postponed(**fields: Any) -> EventPublished:  # noqa: ANN401 - any field
    return make_message("a", 4, **({"postponed": POSTPONED} | fields))


def show(language: str = "pl", **fields: Any) -> LocalizedEvent:  # noqa: ANN401 - any field
    return localize(make_postponed(**fields), language, make_site())


def test_calendars_show_nothing_on_its_date_and_say_why() -> None:
    feed = render([make_postponed()]).decode().replace("\r\n ", "")

    assert "STATUS:CANCELLED" in feed
    assert "DTSTART;VALUE=DATE:20270814" in feed
    assert "SUMMARY;LANGUAGE=pl:Przełożone: Żagle" in feed
    assert "Wydarzenie jest przełożone\\, a nowy termin nie jest jeszcze znany." in feed


def test_json_has_the_word_and_news_of_its_own() -> None:
    items = {item["id"]: item for item in json.loads(render([make_postponed()], "json"))["items"]}
    [own, notice] = sorted(items.values(), key=lambda item: "_notice" in item)

    assert own["_event"]["status"] == "postponed"
    assert (notice["_notice"]["kind"], notice["_notice"]["revision"]) == ("postponed", 3)
    assert (own["title"], notice["title"]) == ("Przełożone: Żagle", "Przełożone: Żagle")


def test_rss_and_search_engines_say_it_too() -> None:
    found = json.loads(render_json_ld(show()))

    assert "Przełożone: Żagle" in render([make_postponed()], "rss").decode()
    assert (found["eventStatus"], found["startDate"]) == ("https://schema.org/EventPostponed", "2027-08-14")


def test_lists_strike_its_date_and_say_nothing_of_tickets() -> None:
    event = show(tickets={"availability": "sold_out"})

    assert [tag.kind for tag in build_tags(event)] == ["postponed"]
    assert event.availability_text == ""


def test_what_is_cancelled_is_not_postponed() -> None:
    assert show(status="cancelled").status == "cancelled"


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_every_language_has_words_for_it(language: str) -> None:
    [line] = show(language).status_lines

    assert "2027" in line


def test_an_earlier_release_passes_over_it() -> None:
    class Earlier(msgspec.Struct):
        status: str
        notice: dict[str, Any] | None = None

    read = msgspec.json.decode(msgspec.json.encode(make_postponed()), type=Earlier)

    assert (read.status, read.notice) == ("confirmed", None)
