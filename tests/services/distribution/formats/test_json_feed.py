"""Rendering of JSON Feed 1.1."""

from __future__ import annotations

import json
from typing import Any

import pytest

from shared.messages import EventPublished, Notice
from tests.services.distribution.builders import make_evenings, make_message, make_timed
from tests.services.distribution.rendering import render


def feed(*messages: EventPublished, language: str = "pl") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(render(messages, "json", language))
    return found


def test_the_feed_names_itself() -> None:
    found = feed(language="de")

    assert found == {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Veranstaltungsprogramm – Westpommern",
        "description": found["description"],
        "home_page_url": "https://kalendarium.example.org/de/",
        "feed_url": "https://kalendarium.example.org/feeds/programme.json?lang=de",
        "language": "de",
        "authors": [
            {"name": "Regionale Tourismusorganisation Westpommern", "url": "https://kalendarium.example.org"},
        ],
        "items": [],
    }


def test_an_item_carries_the_event() -> None:
    message = make_message("a", 3, tickets={"free": True}, website="https://example.org", accessibility=["lift"])

    item = feed(message)["items"][0]

    assert {name: item[name] for name in item if name not in {"content_text", "_event"}} == {
        "id": "a@kalendarium.zrot.pl:pl",
        "url": "https://kalendarium.example.org/pl/events/a",
        "external_url": "https://example.org",
        "title": "Żagle",
        "summary": "Wielkie żaglowce.",
        "date_published": "2026-11-01T10:00:00.123Z",
        "date_modified": "2026-11-02T10:03:00.456Z",
        "language": "pl",
        "authors": [{"name": "LOT Szczecin"}],
        "tags": ["Wydarzenia morskie i żeglarskie"],
    }
    assert item["_event"] == {
        "about": "https://kalendarium.example.org/pl/subscribe#event",
        "uid": "a@kalendarium.zrot.pl",
        "revision": 3,
        "status": "confirmed",
        "certainty": "exact",
        "all_day": True,
        "start": "2027-08-14",
        "end": "2027-08-16",
        "previous": None,
        "time_zone": "Europe/Warsaw",
        "title": "Żagle",
        "description": None,
        "texts": {"title": "pl", "summary": "pl"},
        "category": "maritime",
        "also": [],
        "venue": {
            "name": "Wały Chrobrego",
            "town": "Szczecin",
            "county": "3262",
            "geo": {"lat": 53.43, "lon": 14.565},
        },
        "tickets": {"free": True, "price": None, "url": None},
        "accessibility": ["lift"],
        "organiser": {"slug": "lot-szczecin", "name": "LOT Szczecin"},
    }


def test_hours_are_rfc_3339_and_an_unknown_end_is_null() -> None:
    found = feed(make_timed("a", "2027-12-14T18:00", "2027-12-14T18:00"))["items"][0]["_event"]

    assert (found["all_day"], found["start"], found["end"]) == (False, "2027-12-14T18:00:00+01:00", None)


def test_a_moved_event_has_both_dates() -> None:
    previous = {"certainty": "exact", "start": "2027-08-07", "end": "2027-08-09"}

    item = feed(make_message(previous_dates=previous))["items"][1]

    assert item["_event"]["previous"] == {"all_day": True, "start": "2027-08-07", "end": "2027-08-09"}
    assert item["title"] == "Przeniesione: Żagle"


def test_a_stand_in_text_says_its_language() -> None:
    item = feed(make_message(title={"pl": "Regaty"}, summary={"pl": "Opis"}), language="de")["items"][0]

    assert item["language"] == "pl"
    assert item["_event"]["texts"] == {"title": "pl", "summary": "pl"}
    assert "Titel und Beschreibung nur auf Polnisch verfügbar." in item["content_text"]


def test_an_item_made_of_our_own_words_is_in_their_language() -> None:
    item = feed(make_message(title={"pl": "Regaty"}, summary={}), language="de")["items"][0]

    assert (item["language"], item["_event"]["texts"]) == ("de", {"title": "pl"})


OLD = {"certainty": "exact", "start": "2027-08-07", "end": "2027-08-09"}
CANCELLED = Notice("cancelled", 3, "2026-11-20T08:00:00.500Z")


def test_a_cancellation_is_an_item_of_its_own_next_to_the_events() -> None:
    notice, event = feed(make_message("a", 4, status="cancelled", notice=CANCELLED))["items"]

    assert (event["id"], event["_event"]["status"]) == ("a@kalendarium.zrot.pl:pl", "cancelled")
    assert notice == {
        "id": "a@kalendarium.zrot.pl:pl#rev3",
        "url": "https://kalendarium.example.org/pl/events/a",
        "title": "Odwołane: Żagle",
        "content_text": "Wydarzenie odwołane.\n14–16 sierpnia 2027\nWały Chrobrego, Szczecin\n\n"
        "Więcej: https://kalendarium.example.org/pl/events/a",
        "date_published": "2026-11-20T08:00:00.500Z",
        "language": "pl",
        "authors": [{"name": "LOT Szczecin"}],
        "tags": ["Wydarzenia morskie i żeglarskie"],
        "_notice": {
            "about": "https://kalendarium.example.org/pl/subscribe#event",
            "uid": "a@kalendarium.zrot.pl",
            "kind": "cancelled",
            "revision": 3,
        },
    }


@pytest.mark.parametrize(
    ("fields", "title", "first"),
    [
        ({"status": "cancelled"}, "Abgesagt: Segeltage", "Die Veranstaltung ist abgesagt."),
        ({"previous_dates": OLD}, "Verlegt: Segeltage", "Neuer Termin; bisher: 7.–9. August 2027."),
        (
            {"status": "cancelled", "previous_dates": OLD},
            "Abgesagt: Segeltage",
            "Neuer Termin; bisher: 7.–9. August 2027.",
        ),
        (
            {"notice": Notice("reinstated", 2, "2026-11-20T08:00:00Z")},
            "Findet statt: Segeltage",
            "Die Veranstaltung findet wie früher angekündigt statt.",
        ),
    ],
)
def test_a_notice_says_what_has_become_of_an_event(fields: dict[str, Any], title: str, first: str) -> None:
    notice = next(item for item in feed(make_message(**fields), language="de")["items"] if "_notice" in item)

    assert (notice["title"], notice["content_text"].split("\n")[0]) == (title, first)


def test_a_later_edit_makes_no_other_notice() -> None:
    known = feed(make_message("a", 3, status="cancelled", notice=CANCELLED))
    edited = feed(make_message("a", 9, status="cancelled", notice=CANCELLED, summary={"pl": "Inny opis."}))

    assert {item["id"] for item in edited["items"]} == {item["id"] for item in known["items"]}


def test_a_message_of_an_earlier_release_is_news_of_its_own_revision() -> None:
    items = feed(make_message("a", 5, status="cancelled"))["items"]

    assert [item["id"] for item in items] == ["a@kalendarium.zrot.pl:pl#rev5", "a@kalendarium.zrot.pl:pl"]


@pytest.mark.parametrize("at", ["", "yesterday", "2026-11-20T08:00:00", "9999-99-99T00:00:00Z"])
def test_a_notice_of_no_moment_is_none_and_takes_nothing_with_it(at: str) -> None:
    message = make_message("a", status="cancelled", notice=Notice("cancelled", 1, at))

    assert [item["id"] for item in feed(message, make_message("b"))["items"]] == [
        "a@kalendarium.zrot.pl:pl",
        "b@kalendarium.zrot.pl:pl",
    ]


def test_an_event_that_repeats_has_all_its_occurrences() -> None:
    item = feed(make_evenings(), language="de")["items"][0]

    assert (item["_event"]["start"], item["_event"]["end"]) == (
        "2027-10-16T18:00:00+02:00",
        "2027-10-16T20:00:00+02:00",
    )
    assert item["_event"]["occurrences"] == [
        {
            "all_day": False,
            "start": "2027-10-16T18:00:00+02:00",
            "end": "2027-10-16T20:00:00+02:00",
            "status": "planned",
        },
        {
            "all_day": False,
            "start": "2027-10-23T18:00:00+02:00",
            "end": "2027-10-23T20:00:00+02:00",
            "status": "cancelled",
            "note": "Sturm.",
        },
        {
            "all_day": False,
            "start": "2027-10-31T17:00:00+01:00",
            "end": "2027-10-31T19:00:00+01:00",
            "status": "moved",
            "planned": "2027-10-30T18:00",
        },
        {
            "all_day": False,
            "start": "2027-11-06T18:00:00+01:00",
            "end": "2027-11-06T20:00:00+01:00",
            "status": "planned",
        },
    ]


def test_the_text_of_an_event_that_repeats_lists_its_days_and_exceptions() -> None:
    lines = feed(make_evenings(), language="en")["items"][0]["content_text"].split("\n")

    assert lines[:4] == [
        "every Saturday, 16 October – 6 November 2027, 18:00–20:00",
        "Dates: 16, 31 October, 6 November 2027",
        "Cancelled: Saturday 23 October 2027 (Wichura.)",
        "Moved: Saturday 30 October 2027 → Sunday 31 October 2027, 17:00–19:00",
    ]
