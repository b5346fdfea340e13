"""What the organiser reported and nobody has checked, in every feed, page and answer."""

from __future__ import annotations

import json
from typing import Any

import icalendar
import msgspec
import pytest
from lxml import etree

from services.distribution.api.events import serialize_event
from services.distribution.pages.event_view import build_event_page
from services.distribution.presentation.localized_event import LocalizedEvent, localize
from services.distribution.rows import build_row
from shared.i18n.languages import LANGUAGES
from shared.messages import EventPublished
from shared.web.pages.parts import Tag
from tests.services.distribution.builders import make_message, make_site
from tests.services.distribution.rendering import render

SAID = "Vom Veranstalter gemeldet, noch nicht geprüft: Termin, Ort."


def make(*facts: str, **fields: Any) -> EventPublished:  # noqa: ANN401 - any field
    return make_message("a", reported=list(facts), **fields)


def localized(message: EventPublished) -> LocalizedEvent:
    return localize(message, "de", make_site())


def test_feeds_say_that_it_is_not_checked_and_what() -> None:
    calendar, news, data = (render([make("dates", "venue")], extension, "de") for extension in ("ics", "rss", "json"))

    assert SAID in str(icalendar.Calendar.from_ical(calendar).events[0]["DESCRIPTION"]).splitlines()
    assert SAID in etree.fromstring(news).findtext("channel/item/description")
    assert json.loads(data)["items"][0]["_event"]["reported"] == ["dates", "venue"]
    assert SAID in json.loads(data)["items"][0]["content_text"]


def test_the_page_the_list_and_the_api_say_so() -> None:
    event = localized(make("dates", "venue"))

    assert build_event_page(event, today="2027-08-01").reported == SAID
    assert build_event_page(event, today="2028-01-01").reported == ""
    assert Tag("reported") in build_row(event).tags
    assert serialize_event(event)["reported"] == ["dates", "venue"]


def test_an_occurrence_that_was_called_off_at_once_says_so() -> None:
    dates = {
        "certainty": "exact",
        "start": "2027-08-14T18:00",
        "end": "2027-08-14T20:00",
        "recurrence": {
            "rrule": "FREQ=WEEKLY;COUNT=3",
            "exceptions": [{"date": "2027-08-21T18:00", "status": "cancelled"}],
        },
    }
    calendar = render([make("status", dates=dates)], "ics", "pl")

    found = [str(each["DESCRIPTION"]) for each in icalendar.Calendar.from_ical(calendar).events]
    assert ["odwołane lub przeniesione terminy" in each for each in found] == [True, True]


@pytest.mark.parametrize("extension", ["ics", "rss", "json"])
def test_what_is_checked_has_the_bytes_that_it_had(extension: str) -> None:
    checked = make_message("a")

    assert render([make()], extension) == render([checked], extension)
    assert "reported" not in serialize_event(localized(checked))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_words(language: str) -> None:
    event = localize(make("dates", "status", "availability", "venue"), language, make_site())
    english = localize(make("dates", "status", "availability", "venue"), "en", make_site())

    assert event.reported_text
    assert (event.reported_text == english.reported_text) == (language == "en")


def test_a_fact_of_a_later_release_is_named_by_its_code() -> None:
    assert localized(make("start_place")).reported_text == "Vom Veranstalter gemeldet, noch nicht geprüft: start_place."


class OlderMessage(msgspec.Struct, frozen=True, kw_only=True):
    """The message as the release before reads it."""

    event_id: str
    revision: int
    event: dict[str, Any]


def test_an_older_release_reads_the_message_and_ignores_the_mark() -> None:
    message = make("dates")

    read = msgspec.json.decode(msgspec.json.encode(message), type=OlderMessage)

    assert (read.event_id, read.event) == (message.event_id, message.event)


def test_a_message_of_the_release_before_reads_as_checked() -> None:
    written = msgspec.to_builtins(make_message("a"))
    del written["reported"]

    assert msgspec.convert(written, EventPublished).reported == []
