"""The rules of news: standards.md section 2.1."""

from __future__ import annotations

from typing import Any

import feedparser
from lxml import etree

from tests.services.distribution.builders import make_message, make_timed
from tests.services.distribution.rendering import render

EV = "{http://purl.org/rss/1.0/modules/event/}"
DC = "{http://purl.org/dc/elements/1.1/}"


def item(**fields: Any) -> Any:  # noqa: ANN401 - any field, and lxml has no types
    return etree.fromstring(render([make_message("0198a", **fields)], "rss")).find("channel/item")


def test_the_channel_names_itself_and_where_it_is() -> None:
    channel = etree.fromstring(render([make_message("a")], "rss", "de")).find("channel")

    assert channel.findtext("title") == "Veranstaltungsprogramm – Westpommern"
    assert channel.findtext("link") == "https://kalendarium.example.org/de/"
    assert channel.findtext("language") == "de"
    assert channel.findtext("ttl") == "60"
    assert channel.findtext("lastBuildDate") == "Mon, 02 Nov 2026 10:01:00 +0000"
    own = channel.find("{http://www.w3.org/2005/Atom}link")
    assert dict(own.attrib) == {
        "href": "https://kalendarium.example.org/feeds/programme.rss?lang=de",
        "rel": "self",
        "type": "application/rss+xml",
    }


def test_an_item_is_a_notice_about_an_event() -> None:
    found = item(revision=3)

    assert found.findtext("title") == "Żagle"
    assert found.findtext("link") == "https://kalendarium.example.org/pl/events/0198a"
    assert found.findtext("guid") == "tag:kalendarium.zrot.pl,2026:event:0198a:pl"
    assert found.find("guid").get("isPermaLink") == "false"
    assert found.findtext("pubDate") == "Mon, 02 Nov 2026 10:03:00 +0000"
    assert found.findtext("description") == "14–16 sierpnia 2027\nWały Chrobrego, Szczecin\nWielkie żaglowce."
    assert found.findtext(f"{EV}startdate") == "2027-08-14"
    assert found.findtext(f"{EV}enddate") == "2027-08-16"
    assert found.findtext(f"{EV}organizer") == "LOT Szczecin"
    assert found.findtext("{http://www.georss.org/georss}point") == "53.43 14.565"
    assert [element.tag for element in found][2:4] == [
        "description",
        "{http://purl.org/rss/1.0/modules/content/}encoded",
    ]


def test_a_day_in_words_is_inclusive() -> None:
    """Check 4 of standards.md section 6."""
    found = item(dates={"certainty": "exact", "start": "2027-06-27", "end": "2027-06-28"})

    assert found.findtext("description").startswith("27–28 czerwca 2027\n")


def test_hours_carry_their_offset() -> None:
    feed = etree.fromstring(render([make_timed("a", "2027-08-14T18:00", "2027-08-14T20:00")], "rss"))

    assert feed.findtext(f"channel/item/{EV}startdate") == "2027-08-14T18:00:00+02:00"


def test_a_translation_is_another_notice_and_says_what_is_not_translated() -> None:
    feed = etree.fromstring(render([make_message("a", title={"pl": "Regaty"}, summary={})], "rss", "de"))

    found = feed.find("channel/item")
    assert found.findtext("guid").endswith(":a:de")
    assert found.findtext(f"{DC}language") == "pl"
    assert "Titel nur auf Polnisch verfügbar." in found.findtext("description")


def test_namespaces_are_declared_once() -> None:
    feed = render([make_message(f"e{number}") for number in range(3)], "rss")

    assert feed.count(b"xmlns:") == 5


def test_a_reader_of_news_takes_the_feed() -> None:
    parsed = feedparser.parse(render([make_message("a", status="cancelled")], "rss"))

    assert (parsed.bozo, parsed.entries[0].title) == (False, "Odwołane: Żagle")
    assert parsed.entries[0].ev_startdate == "2027-08-14"
