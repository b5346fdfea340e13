"""The quick readers of the fault matrix read what our formats write."""

from __future__ import annotations

import pytest

from faults.feeds import read_feed
from faults.history import Content, Shown, content_of, title_of

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
        ("ics", ICS, Shown(CALLED_OFF, 3, cancelled=True)),
        ("json", JSON, Shown(CALLED_OFF, 3, cancelled=True)),
        ("rss", RSS, Shown(CALLED_OFF)),
    ],
)
def test_a_feed_is_read(extension: str, body: bytes, shown: Shown) -> None:
    assert read_feed(extension, body) == {"id-1": [shown]}


def test_an_event_that_stands_twice_is_read_twice() -> None:
    item = RSS[RSS.index(b"<item>") : RSS.index(b"</channel>")]

    assert [len(shown) for shown in read_feed("rss", RSS.replace(item, item + item)).values()] == [2]


def test_a_title_of_ours_is_known_again_behind_a_word() -> None:
    content = Content("F3-17", 2)

    assert content_of(f"ODWOŁANE: {title_of(content)}") == content
    assert content_of("Żagle") is None
