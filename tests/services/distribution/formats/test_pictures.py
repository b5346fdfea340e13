"""An event's picture, in the field that each format and page has for it."""

from __future__ import annotations

import json
import re
from typing import Any

import icalendar
import pytest
from lxml import etree

from services.distribution.api.events import serialize_event
from services.distribution.formats.json_ld import render_json_ld
from services.distribution.formats.rss import MEDIA
from services.distribution.pages.event_view import build_event_page
from services.distribution.presentation.localized_event import LocalizedEvent, localize
from services.distribution.rows import build_row
from shared.event.vocabulary import PERMISSION
from shared.i18n.languages import LANGUAGES
from tests.feeds.news_rules import faults_of_json, faults_of_rss
from tests.services.distribution.builders import ADDRESS, make_evenings, make_message, make_site
from tests.services.distribution.rendering import render
from tests.services.distribution.serving import serve

A, B = "ab" * 32, "cd" * 32
BY = "https://creativecommons.org/licenses/by/4.0/"
SHIPS = {
    "media": A,
    "alt": {"pl": "Żaglowce <przy> nabrzeżu", "de": "Segelschiffe am Kai"},
    "credit": "Anna Nowak & Syn",
    "licence": "CC-BY-4.0",
}
CROWD = {"media": B, "alt": {"pl": "Tłum przed sceną"}, "credit": "UM Szczecin", "licence": PERMISSION}
LARGE = f"{ADDRESS}/media/{A}-1600.jpg"


def localized(*images: Any, language: str = "de") -> LocalizedEvent:  # noqa: ANN401 - any picture
    return localize(make_message("a", images=list(images)), language, make_site())


def test_each_feed_has_the_picture_in_its_own_field_and_names_whose_it_is() -> None:
    messages = [make_message("a", images=[SHIPS, CROWD])]

    calendar, news, data = (render(messages, extension, "de") for extension in ("ics", "rss", "json"))

    [vevent] = icalendar.Calendar.from_ical(calendar).events
    image = vevent["IMAGE"]
    assert str(image) == f"{ADDRESS}/media/{A}-800.jpg"
    assert dict(image.params) == {"VALUE": "URI", "DISPLAY": "BADGE", "FMTTYPE": "image/jpeg"}
    assert "Foto: Anna Nowak & Syn, CC BY 4.0" in str(vevent["DESCRIPTION"])
    item = etree.fromstring(news).find("channel/item")
    assert dict(item.find("enclosure").attrib) == {"url": LARGE, "length": "0", "type": "image/jpeg"}
    media = item.find(f"{{{MEDIA}}}content")
    assert dict(media.attrib) == {"url": LARGE, "medium": "image", "type": "image/jpeg"}
    assert [(each.tag.partition("}")[2], each.text) for each in media] == [
        ("description", "Segelschiffe am Kai"),
        ("credit", "Anna Nowak & Syn"),
        ("copyright", "CC BY 4.0"),
    ]
    assert media[-1].get("url") == BY
    html = item.findtext("{http://purl.org/rss/1.0/modules/content/}encoded")
    assert f'<p><img src="{LARGE}" alt="Segelschiffe am Kai"/></p>' in html
    assert "Foto: Anna Nowak &amp; Syn, CC BY 4.0" in html
    [story] = json.loads(data)["items"]
    assert story["image"] == LARGE
    assert "Foto: Anna Nowak & Syn, CC BY 4.0" in story["content_text"]
    assert [each["url"] for each in story["_event"]["images"]] == [LARGE, f"{ADDRESS}/media/{B}-1600.jpg"]
    assert story["_event"]["images"][1] == {
        "url": f"{ADDRESS}/media/{B}-1600.jpg",
        "alt": "Tłum przed sceną",
        "language": "pl",
        "credit": "UM Szczecin",
        "licence": {"name": "Alle Rechte vorbehalten, mit Erlaubnis verwendet", "url": None},
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_feeds_with_pictures_keep_the_rules_in_every_language(language: str) -> None:
    messages = [make_message("a", images=[SHIPS, CROWD]), make_message("b", images=[CROWD]), make_message("c")]

    assert faults_of_rss(render(messages, "rss", language)) == []
    assert faults_of_json(render(messages, "json", language)) == []
    for line in render(messages, "ics", language).split(b"\r\n"):
        assert len(line) <= 75


@pytest.mark.parametrize("extension", ["ics", "rss", "json"])
@pytest.mark.parametrize(
    "images", [[], [{"url": "https://example.org/a.jpg"}], [{"media": "a.jpg", "alt": {"pl": "x"}}]]
)
def test_an_event_without_pictures_of_ours_is_written_as_before(extension: str, images: list[Any]) -> None:
    assert render([make_message("a", images=images)], extension) == render([make_message("a")], extension)


def test_every_evening_that_stands_apart_has_the_picture_too() -> None:
    found = icalendar.Calendar.from_ical(render([make_evenings(images=[SHIPS])])).events

    assert len(found) > 1
    assert {str(each["IMAGE"]) for each in found} == {f"{ADDRESS}/media/{A}-800.jpg"}


def test_search_engines_get_the_rights_of_each_picture() -> None:
    images = json.loads(render_json_ld(localized(SHIPS, CROWD)))["image"]

    assert images[0] == {
        "@type": "ImageObject",
        "contentUrl": LARGE,
        "url": LARGE,
        "encodingFormat": "image/jpeg",
        "caption": "Segelschiffe am Kai",
        "creditText": "Anna Nowak & Syn",
        "copyrightNotice": "Anna Nowak & Syn, CC BY 4.0",
        "license": BY,
    }
    assert "license" not in images[1]
    assert images[1]["copyrightNotice"].startswith("UM Szczecin, Alle Rechte")
    assert "image" not in json.loads(render_json_ld(localized()))


def test_the_api_lists_the_pictures_of_an_event_that_has_some() -> None:
    answer = serialize_event(localized(SHIPS, CROWD))

    assert [each["credit"] for each in answer["pictures"]] == ["Anna Nowak & Syn", "UM Szczecin"]
    assert "pictures" not in serialize_event(localized())


def test_a_row_has_the_first_picture_in_its_smallest_size() -> None:
    assert build_row(localized(SHIPS, CROWD)).picture == f"/media/{A}-400.webp"
    assert build_row(localized()).picture == ""


def test_the_page_says_in_which_language_a_picture_is_described() -> None:
    ships, crowd = build_event_page(localized(SHIPS, CROWD), today="2027-01-01").pictures

    assert (ships.alt, ships.alt_lang) == ("Segelschiffe am Kai", "")
    assert (crowd.alt, crowd.alt_lang) == ("Tłum przed sceną", "pl")
    assert ships.srcset == ", ".join(f"/media/{A}-{width}.webp {width}w" for width in (400, 800, 1600))


async def test_pages_show_pictures_with_credit_and_keep_their_place() -> None:
    async with serve(make_message("a", images=[SHIPS, CROWD]), make_message("b")) as served:
        page = (await served.client.get("/pl/events/a")).text
        listed = (await served.client.get("/pl/2027/08")).text
        plain = (await served.client.get("/pl/events/b")).text

    shown = re.findall(r"<img [^>]*>", page)
    assert len(shown) == 2
    assert 'fetchpriority="high"' in shown[0]
    assert 'loading="lazy"' in shown[1]
    assert all('width="1600" height="1067"' in each for each in shown)
    assert 'alt="Żaglowce &lt;przy&gt; nabrzeżu"' in shown[0]
    assert f'Zdjęcie: Anna Nowak &amp; Syn · <a href="{BY}" rel="license">CC BY 4.0</a>' in page
    assert f'<meta property="og:image" content="{LARGE}">' in page
    rows = re.findall(r"<img [^>]*>", listed)
    assert rows == [f'<img src="/media/{A}-400.webp" alt="" width="600" height="400" loading="lazy" decoding="async">']
    assert "<img" not in plain
    assert f'<meta property="og:image" content="{ADDRESS}/pl/events/b/card.png?v=1">' in plain
    assert "pictured" in listed
