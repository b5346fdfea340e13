"""Whether there are tickets, and how to register, in each format."""

from __future__ import annotations

import json
from typing import Any

import icalendar
from lxml import etree

from services.distribution.formats.json_ld import render_json_ld
from services.distribution.pages.event_view import build_event_page
from services.distribution.presentation.localized_event import LocalizedEvent, localize
from services.distribution.rows import build_row
from shared.messages import EventPublished
from shared.web.pages.parts import Tag
from tests.services.distribution.builders import make_message, make_site
from tests.services.distribution.rendering import render

URL = "https://zapisy.example.pl"


def make(availability: str, **fields: Any) -> EventPublished:  # noqa: ANN401 - any field
    tickets = {
        "availability": availability,
        "registration_url": URL,
        "registration_until": "2027-08-10T18:00",
    }
    return make_message("a", tickets=tickets, **fields)


def localized(message: EventPublished) -> LocalizedEvent:
    return localize(message, "de", make_site())


def test_feeds_say_first_that_it_is_sold_out_and_how_to_register() -> None:
    calendar, news, data = (render([make("sold_out")], extension, "de") for extension in ("ics", "rss", "json"))

    text = str(icalendar.Calendar.from_ical(calendar).events[0]["DESCRIPTION"])
    assert text.splitlines()[1] == "Ausverkauft."
    assert "Anmeldung: bis 10. August 2027, 18:00" in text
    assert f"Anmeldung: {URL.rstrip('/')}" in text
    item = etree.fromstring(news).find("channel/item")
    assert "<br/>Ausverkauft.<br/>" in item.findtext("description")
    assert json.loads(data)["items"][0]["_event"]["tickets"] == {
        "free": None,
        "price": None,
        "url": None,
        "availability": "sold_out",
        "registration_url": URL,
        "registration_until": "2027-08-10T18:00:00+02:00",
    }


def test_structured_data_offer_the_registration() -> None:
    offer = json.loads(render_json_ld(localized(make("few_left"))))["offers"]

    assert offer == {
        "@type": "Offer",
        "url": URL,
        "validThrough": "2027-08-10T18:00:00+02:00",
        "availability": "https://schema.org/LimitedAvailability",
    }


def test_row_and_page_say_it_until_it_is_over() -> None:
    event = localized(make("registration_required"))

    page, over = (build_event_page(event, today=day) for day in ("2027-01-01", "2028-01-01"))

    assert build_row(event).tags == page.tags == [Tag("registration_required")]
    facts = {str(fact.label): fact for fact in page.facts}
    assert facts["Bilety"].lines == ["Anmeldung erforderlich."]
    assert (facts["Zapisy"].lines, facts["Zapisy"].links[0].url) == (["bis 10. August 2027, 18:00"], URL)
    assert over.tags == [Tag("over")]
    assert {"Bilety", "Zapisy"} & {str(fact.label) for fact in over.facts} == set()


def test_of_a_cancelled_event_nothing_is_on_sale() -> None:
    event = localized(make("few_left", status="cancelled"))

    assert [each.kind for each in build_row(event).tags] == ["cancelled"]
    assert "Karten" not in event.build_text()
