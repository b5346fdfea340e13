"""A feed with pictures in other people's programs."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import feedparser

from tests.feeds.readers import by_allenporter, by_icalendar, by_vobject, calcurse, ical_js, newsboat
from tests.services.distribution.builders import ADDRESS, make_evenings, make_message
from tests.services.distribution.rendering import render

MEDIA = "ab" * 32
IMAGES = [{"media": MEDIA, "alt": {"pl": "Żaglowce"}, "credit": "Anna Nowak", "licence": "CC-BY-4.0"}]
PICTURED = [make_message("a", images=IMAGES), make_message("b"), make_evenings("c", images=IMAGES)]
PLAIN = [make_message("a"), make_message("b"), make_evenings("c")]
NOTE = re.compile(r">[0-9a-f]{40}")
"""By which calcurse names the description, in which pictured events name whose the picture is."""
LARGE = f"{ADDRESS}/media/{MEDIA}-1600.jpg"


def test_calendars_take_the_same_events_with_pictures_as_without(tmp_path: Path) -> None:
    with_pictures, without = render(PICTURED), render(PLAIN)
    folders = [tmp_path / name for name in ("with", "without")]
    for each in folders:
        each.mkdir()

    assert b"IMAGE" in with_pictures
    for read in (by_icalendar, by_allenporter, by_vobject):
        assert read(with_pictures) == read(without)
    pictured, plain = (ical_js(folder, feed) for folder, feed in zip(folders, (with_pictures, without), strict=True))
    assert [each["uid"] for each in pictured] == [each["uid"] for each in plain]
    taken = [calcurse(folder, feed) for folder, feed in zip(folders, (with_pictures, without), strict=True)]
    assert len(taken[0]) == len(taken[1])
    assert [NOTE.sub("", each) for each in taken[0]] == [NOTE.sub("", each) for each in taken[1]]


def test_newsboat_shows_the_event_once_and_its_picture_in_the_text(tmp_path: Path) -> None:
    assert len(newsboat(tmp_path, render(PICTURED, "rss"))) == 3

    with closing(sqlite3.connect(tmp_path / "cache.db")) as read:
        texts = [str(text) for (text,) in read.execute("SELECT content FROM rss_item")]
    assert sum(LARGE in text for text in texts) == 2
    assert newsboat(tmp_path, render(PICTURED, "rss")) == []


def test_feedparser_finds_whose_picture_it_is() -> None:
    [entry] = feedparser.parse(render(PICTURED[:1], "rss")).entries

    assert entry.enclosures[0]["href"] == entry.media_content[0]["url"] == LARGE
    assert entry.media_credit[0]["content"] == "Anna Nowak"
