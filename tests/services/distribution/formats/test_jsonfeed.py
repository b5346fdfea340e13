"""The rules of JSON Feed 1.1: standards.md section 2.3."""

from __future__ import annotations

import json
from typing import Any

from shared.messages import EventPublished
from tests.services.distribution.builders import make_message, make_timed
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

    item = feed(make_message(previous_dates=previous))["items"][0]

    assert item["_event"]["previous"] == {"all_day": True, "start": "2027-08-07", "end": "2027-08-09"}
    assert item["title"] == "Przeniesione: Żagle"


def test_a_stand_in_text_says_its_language() -> None:
    item = feed(make_message(title={"pl": "Regaty"}, summary={"pl": "Opis"}), language="de")["items"][0]

    assert item["language"] == "pl"
    assert item["_event"]["texts"] == {"title": "pl", "summary": "pl"}
    assert "Titel und Beschreibung nur auf Polnisch verfügbar." in item["content_text"]
