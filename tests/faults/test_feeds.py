"""The quick readers of the fault matrix read what our formats write."""

from __future__ import annotations

import pytest

from faults.feeds import parse_feed
from faults.history import EventText, ShownEvent, parse_title, write_title

ICS = (
    "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:id-1@kalendarium.example\r\nSEQUENCE:3\r\nSTATUS:CANCELLED\r\n"
    "SUMMARY;LANGUAGE=pl:ODWOŁANE: Próba F\r\n 0-1v2\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
).encode()
RSS = (
    "<rss><channel><title>Program</title><item><title>ODWOŁANE: Próba F0-1v2</title>"
    '<guid isPermaLink="false">tag:kalendarium.example,2026:event:id-1:pl</guid></item></channel></rss>'
).encode()
JSON = (
    '{"items": [{"title": "ODWOŁANE: Próba F0-1v2", '
    '"_event": {"uid": "id-1@kalendarium.example", "revision": 3, "status": "cancelled"}}]}'
).encode()
CALLED_OFF = "ODWOŁANE: Próba F0-1v2"


@pytest.mark.parametrize(
    ("extension", "body", "shown"),
    [
        ("ics", ICS, ShownEvent(CALLED_OFF, 3, cancelled=True)),
        ("json", JSON, ShownEvent(CALLED_OFF, 3, cancelled=True)),
        ("rss", RSS, ShownEvent(CALLED_OFF)),
    ],
)
def test_a_feed_is_read(extension: str, body: bytes, shown: ShownEvent) -> None:
    assert parse_feed(extension, body) == {"id-1": [shown]}


def test_a_notice_about_an_event_is_not_the_event_again() -> None:
    item = RSS[RSS.index(b"<item>") : RSS.index(b"</channel>")]
    notice = item.replace(b":pl</guid>", b":pl#rev3</guid>")
    told = JSON.replace(b'{"items": [', b'{"items": [{"id": "x#rev3", "title": "x", "_notice": {}}, ')

    assert parse_feed("rss", RSS.replace(item, notice + item)) == parse_feed("rss", RSS)
    assert parse_feed("json", told) == parse_feed("json", JSON)


def test_an_event_that_stands_twice_is_read_twice() -> None:
    item = RSS[RSS.index(b"<item>") : RSS.index(b"</channel>")]

    assert [len(shown) for shown in parse_feed("rss", RSS.replace(item, item + item)).values()] == [2]


def test_a_title_of_ours_is_known_again_behind_a_word() -> None:
    content = EventText("F3-17", 2)

    assert parse_title(f"ODWOŁANE: {write_title(content)}") == content
    assert parse_title("Żagle") is None
