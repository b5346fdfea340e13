"""The licence of an event's texts and data, in the field that each format has for it."""

from __future__ import annotations

import json
from typing import Any

import icalendar
import pytest
from lxml import etree
from msgspec.structs import replace

from services.distribution.api.events import serialize_event
from services.distribution.formats.json_ld import render_json_ld
from services.distribution.pages.event_view import build_event_page
from services.distribution.presentation.localized_event import LocalizedEvent, localize
from shared.web.pages.layout import Link
from tests.services.distribution.builders import make_message, make_programme, make_region, make_site
from tests.services.distribution.rendering import render, render_programme

BY, ZERO = "https://creativecommons.org/licenses/by/4.0/", "https://creativecommons.org/publicdomain/zero/1.0/"
OF_REGION = make_site(replace(make_region(), licence="CC0-1.0"))


def localized(**fields: Any) -> LocalizedEvent:  # noqa: ANN401 - any field
    return localize(make_message("a", **fields), "de", make_site())


def test_each_feed_states_the_licence_in_its_own_field() -> None:
    messages = [make_message("a", licence="CC-BY-4.0")]

    calendar, news, data = (render(messages, extension, "de") for extension in ("ics", "rss", "json"))

    [vevent] = icalendar.Calendar.from_ical(calendar).events
    assert (vevent["LINK"], dict(vevent["LINK"].params)) == (BY, {"LINKREL": "license", "VALUE": "URI"})
    assert "Lizenz: CC BY 4.0" in str(vevent["DESCRIPTION"])
    assert etree.fromstring(news).findtext("channel/item/{http://purl.org/dc/elements/1.1/}rights") == BY
    assert json.loads(data)["items"][0]["_event"]["licence"] == {"id": "CC-BY-4.0", "url": BY}


def test_structured_data_the_api_and_the_page_state_the_licence() -> None:
    event = localized(licence="CC-BY-4.0")

    assert json.loads(render_json_ld(event))["subjectOf"] == {"@type": "WebPage", "url": event.url, "license": BY}
    assert serialize_event(event)["licence"] == {"id": "CC-BY-4.0", "url": BY}
    assert build_event_page(event, today="2027-01-01").facts[-1].links == [Link("CC BY 4.0", BY)]


def test_an_event_that_names_no_licence_has_that_of_the_region() -> None:
    programme = make_programme([make_message("a"), make_message("b", licence="CC-BY-4.0")])

    items = json.loads(render_programme(programme, "json", site=OF_REGION))["items"]

    assert {item["_event"]["uid"][0]: item["_event"]["licence"]["url"] for item in items} == {"a": ZERO, "b": BY}


@pytest.mark.parametrize("fields", [{}, {"licence": "CC-BY-9.0"}])
def test_without_a_licence_that_we_know_none_is_stated_anywhere(fields: dict[str, Any]) -> None:
    messages = [make_message("a", **fields)]

    feeds = b"".join(render(messages, extension) for extension in ("ics", "rss", "json"))

    assert b"icen" not in feeds
    assert b"rights" not in feeds
    assert "icense" not in render_json_ld(localized(**fields))
    assert serialize_event(localized(**fields))["licence"] is None
