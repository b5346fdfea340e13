"""News as readers have them: sound by the rules, and a cancellation or a move is shown as new."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import feedparser
import pytest

from services.distribution.programme.selection import Selection
from shared.messages import EventPublished, Notice
from tests.feeds.news_rules import faults_of_json, faults_of_rss
from tests.feeds.readers import by_allenporter, by_icalendar, by_vobject, calcurse, ical_js, newsboat
from tests.services.distribution.builders import make_message, make_timed
from tests.services.distribution.rendering import render

OLD = {"certainty": "exact", "start": "2027-08-07", "end": "2027-08-09"}
NEW = {"certainty": "exact", "start": "2027-08-21", "end": "2027-08-23"}
CANCELLED = Notice("cancelled", 2, "2026-11-20T08:00:00Z")
MOVED = Notice("moved", 2, "2026-11-20T09:00:00Z")
KINDS = (
    make_message("plain"),
    make_message("facts", licence="CC-BY-SA-4.0", audience=["seniors"], tickets={"availability": "sold_out"}),
    make_message("bare", summary={}, venue={"town": "Szczecin", "county": "3262"}),
    make_message("cancelled", 3, status="cancelled", notice=CANCELLED),
    make_message("moved", 3, previous_dates=OLD, notice=MOVED),
    make_message("reinstated", 5, notice=Notice("reinstated", 5, "2026-11-21T08:00:00Z")),
    make_timed("timed", "2027-08-14T18:00", "2027-08-14T20:00"),
    make_message("season", dates={"certainty": "season", "start": "2027-06-01", "end": "2027-08-31"}),
    make_message(
        "hard",
        title={"pl": "<b>&amp; ]]> R&D"},
        summary={"pl": "a & b\n<script>x</script> \u2028\x07"},
        website="https://żagle.example/?a=1&b=ż",
        tickets={"free": False, "price": {"pl": "10 < 20 zł"}, "url": "https://example.org/100%"},
    ),
)


@pytest.mark.parametrize("language", ["pl", "de", "uk", "ja"])
@pytest.mark.parametrize("messages", [KINDS, ()], ids=["every kind", "empty"])
def test_news_keep_the_rules(messages: tuple[EventPublished, ...], language: str) -> None:
    assert faults_of_rss(render(messages, "rss", language)) == []
    assert faults_of_json(render(messages, "json", language)) == []


def test_a_full_page_keeps_the_rules() -> None:
    messages = [make_message(f"e{number}") for number in range(205)]

    assert faults_of_rss(render(messages, "rss")) == []
    page = render(messages, "json")
    assert ("next_url" in json.loads(page), faults_of_json(page)) == (True, [])


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (b"</ttl>", b".5</ttl>"),
        (b"<language>pl", b"<language>polish"),
        (b'rel="self"', b'rel="next"'),
        (b"Mon, 02 Nov 2026", b"Tue, 02 Nov 2026"),
        (b"02 Nov 2026", b"2 Nov 26"),
        (b'isPermaLink="false"', b""),
        (b":event:plain:", b":event:bare:"),
        (b">tag:", b">"),
        (b"<link>https://kalendarium.example.org/pl/events/plain", b"<link>/pl/events/plain"),
        (b"<category>", b"<kategoria>x</kategoria><category>"),
        (b"<ev:startdate>2027-08-14<", b"<ev:startdate>14.08.2027<"),
        (b"53.43 14.565", b"53.43,14.565"),
        (b"<dc:creator>LOT", b"<author>LOT</author><dc:creator>LOT"),
        (b"<p>", b"<p onclick='x'><script>x</script>"),
        (b'<a href="https://', b'<a href="//'),
        (b"R&#x26;D", b"R&amp;D"),
        (b"<title>Program", b"<title> </title><title>Program"),
        (b"</channel>", b""),
    ],
)
def test_the_judge_of_rss_finds_what_is_wrong(right: bytes, wrong: bytes) -> None:
    feed = render(KINDS, "rss")
    assert right in feed

    assert faults_of_rss(feed.replace(right, wrong, 1)) != []


def edited(change: Callable[[dict[str, Any]], object]) -> bytes:
    feed = json.loads(render(KINDS, "json"))
    change(feed)
    return json.dumps(feed).encode()


@pytest.mark.parametrize(
    "change",
    [
        lambda feed: feed.update(version="https://jsonfeed.org/version/1"),
        lambda feed: feed.update(next_url=feed["feed_url"]),
        lambda feed: feed.update(author={"name": "LOT"}),
        lambda feed: feed["items"][0].pop("id"),
        lambda feed: feed["items"][0].update(id=7),
        lambda feed: feed["items"][0].update(id=feed["items"][1]["id"]),
        lambda feed: feed["items"][0].pop("content_text"),
        lambda feed: feed["items"][0].update(date_published="2026-11-02"),
        lambda feed: feed["items"][0].update(date_published="2026-13-02T10:00:00Z"),
        lambda feed: feed["items"][0].update(url="/pl/events/a"),
        lambda feed: feed["items"][0].update(_event={}),
        lambda feed: feed["items"].append({}),
    ],
)
def test_the_judge_of_json_feeds_finds_what_is_wrong(change: Callable[[dict[str, Any]], object]) -> None:
    assert faults_of_json(edited(change)) != []


YESTERDAY = (make_message("a"), make_message("b", dates=OLD), make_message("c"))
TODAY = (
    make_message("a", 2, status="cancelled", notice=CANCELLED),
    make_message("b", 2, dates=NEW, previous_dates=OLD, notice=MOVED),
    make_message("c", 2, summary={"pl": "Poprawiony przecinek."}),
)
LATER = (
    make_message("a", 3, status="cancelled", notice=CANCELLED, summary={"pl": "Poprawiony przecinek."}),
    make_message("b", 3, dates=OLD, notice=Notice("reinstated", 3, "2026-11-21T09:00:00Z")),
    make_message("c", 3, summary={"pl": "I jeszcze jeden."}),
)
NEWS = (["Żagle"] * 3, ["Odwołane: Żagle", "Przeniesione: Żagle"], ["Odbędzie się: Żagle"])
"""What somebody who looks at all three moments is shown as new."""


def test_newsboat_shows_a_cancellation_and_a_move_as_new_and_no_correction(tmp_path: Path) -> None:
    shown = [newsboat(tmp_path, render(moment, "rss")) for moment in (YESTERDAY, TODAY, LATER)]

    assert tuple(shown) == NEWS


def test_newsboat_shows_what_moved_out_of_the_days_that_its_user_follows(tmp_path: Path) -> None:
    days = Selection(counties=("3262",), categories=("maritime",), first="2027-08-01", last="2027-08-10")
    before, after = (render([moment[1]], "rss", selection=days) for moment in (YESTERDAY, TODAY))

    assert [newsboat(tmp_path, feed) for feed in (before, after, after)] == [["Żagle"], ["Przeniesione: Żagle"], []]


@pytest.mark.parametrize("extension", ["rss", "json"])
def test_a_reader_who_goes_by_ids_is_shown_the_same(extension: str) -> None:
    known: set[str] = set()
    shown = []
    for moment in (YESTERDAY, TODAY, LATER):
        feed = render(moment, extension)
        entries = feedparser.parse(feed).entries if extension == "rss" else json.loads(feed)["items"]
        shown.append(sorted(str(entry["title"]) for entry in entries if entry["id"] not in known))
        known |= {entry["id"] for entry in entries}

    assert tuple(shown) == NEWS


@pytest.mark.parametrize("moment", [TODAY, LATER])
def test_calendars_have_each_event_once_whatever_is_news_of_it(
    tmp_path: Path, moment: tuple[EventPublished, ...]
) -> None:
    feed = render(moment)

    assert [len(read(feed)) for read in (by_icalendar, by_allenporter, by_vobject)] == [3] * 3
    assert len(ical_js(tmp_path, feed)) == len(calcurse(tmp_path, feed)) == 3
