"""Rendering of RSS 2.0."""

from __future__ import annotations

from typing import Any

import feedparser
from lxml import etree

from shared.messages import Notice, Organiser
from tests.feeds.markup import as_shown
from tests.services.distribution.builders import make_evenings, make_message, make_timed
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


def test_an_item_is_about_an_event() -> None:
    found = item(revision=3)

    assert found.findtext("title") == "Żagle"
    assert found.findtext("link") == "https://kalendarium.example.org/pl/events/0198a"
    assert found.findtext("guid") == "tag:kalendarium.zrot.pl,2026:event:0198a:pl"
    assert found.find("guid").get("isPermaLink") == "false"
    assert found.findtext("pubDate") == "Mon, 02 Nov 2026 10:03:00 +0000"
    assert found.findtext("description") == "14–16 sierpnia 2027<br/>Wały Chrobrego, Szczecin<br/>Wielkie żaglowce."
    assert found.findtext(f"{EV}startdate") == "2027-08-14"
    assert found.findtext(f"{EV}enddate") == "2027-08-16"
    assert found.findtext(f"{EV}organizer") == "LOT Szczecin"
    assert found.findtext("{http://www.georss.org/georss}point") == "53.43 14.565"
    assert [element.tag for element in found][2:4] == [
        "description",
        "{http://purl.org/rss/1.0/modules/content/}encoded",
    ]


def test_a_day_in_words_is_inclusive() -> None:
    found = item(dates={"certainty": "exact", "start": "2027-06-27", "end": "2027-06-28"})

    assert found.findtext("description").startswith("27–28 czerwca 2027<br/>")


def test_hours_carry_their_offset() -> None:
    feed = etree.fromstring(render([make_timed("a", "2027-08-14T18:00", "2027-08-14T20:00")], "rss"))

    assert feed.findtext(f"channel/item/{EV}startdate") == "2027-08-14T18:00:00+02:00"


def test_a_translation_is_another_item_and_says_what_is_not_translated() -> None:
    message = make_message("a", title={"pl": "Regaty"}, summary={"pl": "Opis"})
    feed = etree.fromstring(render([message], "rss", "de"))

    found = feed.find("channel/item")
    assert found.findtext("guid").endswith(":a:de")
    assert found.findtext(f"{DC}language") == "pl"
    assert "Titel und Beschreibung nur auf Polnisch verfügbar." in found.findtext("description")


def test_an_item_made_of_our_own_words_is_in_their_language() -> None:
    feed = etree.fromstring(render([make_message("a", title={"pl": "Regaty"}, summary={})], "rss", "de"))

    assert feed.findtext(f"channel/item/{DC}language") == "de"
    assert "Titel nur auf Polnisch verfügbar." in feed.findtext("channel/item/description")


def test_namespaces_are_declared_once() -> None:
    feed = render([make_message(f"e{number}") for number in range(3)], "rss")

    assert feed.count(b"xmlns:") == 5


def test_a_reader_of_news_takes_the_feed() -> None:
    parsed = feedparser.parse(render([make_message("a", status="cancelled")], "rss"))

    assert (parsed.bozo, [entry.title for entry in parsed.entries]) == (False, ["Odwołane: Żagle"] * 2)
    assert parsed.entries[1].ev_startdate == "2027-08-14"


def test_a_place_near_the_equator_is_written_without_an_exponent() -> None:
    found = item(venue={"town": "Szczecin", "county": "3262", "lat": 1e-05, "lon": -2e-05})

    assert found.findtext("{http://www.georss.org/georss}point") == "0.00001 -0.00002"


def test_a_summary_is_shown_as_it_was_typed_and_runs_nothing() -> None:
    typed = "Gra <Open Air> od 18.\nR&D &copy; <b>X</b><img src=x onerror=alert(1)>"
    feed = render([make_message("0198a", title={"pl": typed}, summary={"pl": typed})], "rss")

    description = as_shown(etree.fromstring(feed).findtext("channel/item/description"))
    entry = feedparser.parse(feed).entries[0]

    assert description.text.endswith(typed)
    assert description.tags == {"br"}
    assert as_shown(entry.content[0].value).tags == {"p", "br"}
    assert entry.title == typed.replace("\n", " ")


def test_plain_text_is_written_in_the_form_that_most_readers_take_for_plain_text() -> None:
    """RSS Advisory Board, best practices profile: hexadecimal references."""
    organiser = Organiser("lot", "R&D <Szczecin>")
    feed = render([make_message("a", title={"pl": "A & B <C>"}, organiser=organiser)], "rss").decode()

    item = feed[feed.index("<item>") :]
    assert "<title>A &#x26; B &#x3C;C&#x3E;</title>" in item
    assert "<dc:creator>R&#x26;D &#x3C;Szczecin&#x3E;</dc:creator>" in item
    assert "R&amp;D &lt;Szczecin&gt;" in item[item.index("<![CDATA[") : item.index("]]>")]


def test_a_cancellation_is_an_item_of_its_own_next_to_the_events() -> None:
    notice = Notice("cancelled", 3, "2026-11-20T08:00:00.500Z")
    message = make_message("0198a", 7, status="cancelled", notice=notice)
    first, second = etree.fromstring(render([message], "rss")).findall("channel/item")

    assert second.findtext("guid") == "tag:kalendarium.zrot.pl,2026:event:0198a:pl"
    assert [(element.tag, element.text) for element in first] == [
        ("title", "Odwołane: Żagle"),
        ("link", "https://kalendarium.example.org/pl/events/0198a"),
        ("description", "Wydarzenie odwołane.<br/>14–16 sierpnia 2027<br/>Wały Chrobrego, Szczecin"),
        ("guid", "tag:kalendarium.zrot.pl,2026:event:0198a:pl#rev3"),
        ("category", "Wydarzenia morskie i żeglarskie"),
        ("pubDate", "Fri, 20 Nov 2026 08:00:00 +0000"),
        (f"{DC}creator", "LOT Szczecin"),
        (f"{DC}language", "pl"),
    ]
    assert first.find("guid").get("isPermaLink") == "false"


def test_an_event_that_repeats_ends_with_its_last_occurrence_and_lists_the_days() -> None:
    found = etree.fromstring(render([make_evenings()], "rss", "en")).find("channel/item")

    assert found.findtext(f"{EV}startdate") == "2027-10-16T18:00:00+02:00"
    assert found.findtext(f"{EV}enddate") == "2027-11-06T20:00:00+01:00"
    assert "<br/>Dates: 16, 31 October, 6 November 2027<br/>Cancelled: " in found.findtext("description")


def test_the_dates_of_repeats_are_not_those_of_cancelled_ones() -> None:
    off = [{"date": f"2027-{day}T18:00", "status": "cancelled"} for day in ("10-16", "11-06")]
    message = make_evenings()
    message.event["dates"]["recurrence"] |= {"exceptions": off}
    found = etree.fromstring(render([message], "rss")).find("channel/item")

    assert found.findtext(f"{EV}startdate") == "2027-10-23T18:00:00+02:00"
    assert found.findtext(f"{EV}enddate") == "2027-10-30T20:00:00+02:00"
