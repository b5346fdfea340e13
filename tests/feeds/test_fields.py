"""Round trip: every text goes through every format and comes back unchanged."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import feedparser
import icalendar
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from lxml import etree

from services.distribution.presentation.clean import clean, clean_line
from shared.messages import EventPublished, Organiser
from tests.feeds.markup import as_shown
from tests.feeds.readers import by_allenporter, by_vobject, calcurse, ical_js
from tests.services.distribution.builders import make_message
from tests.services.distribution.rendering import render

HARD = (
    "a, b; c\\ d: \"e\" 'f'",
    "raz\ndwa\r\ntrzy\rcztery",
    "NUL\x00 BEL\x07 DEL\x7f VT\x0b NEL\x85 LS\u2028 PS\u2029 BOM\ufeff",
    "🎆⛵ zażółć gęślą jaźń ẞ ґ",
    "ł" * 400,
    "]]> <script>alert(1)</script> &amp; <![CDATA[",
    "=cmd|' /C calc'!A0",
    "BEGIN:VEVENT\nEND:VCALENDAR\nSUMMARY:x",
    "\\n \\, \\; \\\\ %0A ^n ^'",
    "e\u0301 = é",
)
TEXTS = st.one_of(st.sampled_from(HARD), st.text(st.characters(exclude_categories=["Cs"]), max_size=300))
FEW = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


def said(text: str) -> str:
    """What must not be empty gets a word, so that no stand-in language is looked for."""
    return text if clean(text) else f"słowo {text}"


def place(town: str) -> dict[str, str]:
    return {"town": town, "county": "3262"}


def make(title: str, text: str, place: str) -> EventPublished:
    return make_message(
        "e1",
        title={"pl": said(title)},
        summary={"pl": said(text)},
        description={"pl": said(text)},
        venue={"town": said(place), "county": "3262", "name": place, "street": place},
        tickets={"price": {"pl": text}, "availability": "few_left"},
        licence="CC-BY-4.0",
        organiser=Organiser("lot", said(place)),
    )


@FEW
@given(title=TEXTS, text=TEXTS, place=TEXTS)
def test_a_calendar_gives_every_text_back(title: str, text: str, place: str) -> None:
    feed = render([make(title, text, place)])

    event = icalendar.Calendar.from_ical(feed).events[0]
    assert str(event["SUMMARY"]) == clean_line(said(title))
    assert clean(said(text)) in str(event["DESCRIPTION"])
    assert str(event["CONTACT"]) == clean_line(said(place))
    assert str(event["LOCATION"]).endswith(clean_line(said(place)))


@FEW
@given(title=TEXTS, text=TEXTS, place=TEXTS)
def test_strict_parsers_take_a_calendar_with_any_text(title: str, text: str, place: str) -> None:
    feed = render([make(title, text, place)])

    assert by_allenporter(feed) == by_vobject(feed)
    assert len(by_allenporter(feed)) == 1


@FEW
@given(title=TEXTS, text=TEXTS, place=TEXTS)
def test_a_calendar_with_any_text_keeps_the_rules_of_bytes(title: str, text: str, place: str) -> None:
    """RFC 5545, section 3.1: CRLF, at most 75 octets a line, UTF-8 in each line, no control characters, no BOM."""
    feed = render([make(title, text, place)])

    lines = feed.split(b"\r\n")
    assert lines[-1] == b""
    assert [line for line in lines if len(line) > 75] == []
    assert [line for line in lines if re.search(rb"[\x00-\x08\x0a-\x1f\x7f]", line)] == []
    assert [line.decode() for line in lines]
    assert not feed.startswith(b"\xef\xbb\xbf")


@FEW
@given(title=TEXTS, text=TEXTS, place=TEXTS)
def test_news_give_every_text_back(title: str, text: str, place: str) -> None:
    feed = render([make(title, text, place)], "rss")

    item = etree.fromstring(feed).find("channel/item")
    assert item.findtext("title") == clean_line(said(title))
    description = as_shown(item.findtext("description"))
    assert clean(said(text)) in description.text
    assert description.tags == {"br"}
    assert item.findtext("{http://purl.org/rss/1.0/modules/event/}organizer") == clean_line(said(place))
    parsed = feedparser.parse(feed)
    assert (parsed.bozo, len(parsed.entries)) == (False, 1)
    assert "<script" not in parsed.entries[0].content[0].value


@FEW
@given(title=TEXTS, text=TEXTS, place=TEXTS)
@example(title="a", text="b", place="c")
def test_data_give_every_text_back(title: str, text: str, place: str) -> None:
    feed: dict[str, Any] = json.loads(render([make(title, text, place)], "json"))

    item = feed["items"][0]
    assert item["title"] == clean_line(said(title))
    assert item["summary"] == clean(said(text))
    assert item["_event"]["description"] == clean(said(text))
    assert item["_event"]["venue"]["town"] == clean(said(place))


def test_thunderbirds_parser_and_calcurse_take_the_hard_texts(tmp_path: Path) -> None:
    messages = [
        make_message(
            f"hard-{number}", title={"pl": text}, description={"pl": text}, venue={"town": text, "county": "3262"}
        )
        for number, text in enumerate(HARD)
    ]
    feed = render(messages)

    events = {event["uid"].partition("@")[0]: event for event in ical_js(tmp_path, feed)}

    assert {uid: event["summary"] for uid, event in events.items()} == {
        f"hard-{number}": clean_line(text) for number, text in enumerate(HARD)
    }
    assert all(clean(text) in events[f"hard-{number}"]["description"] for number, text in enumerate(HARD))
    assert len(calcurse(tmp_path, feed)) == len(HARD)
