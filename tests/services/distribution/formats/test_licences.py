"""The licence of an event's texts and data, in the field that each format has for it."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import icalendar
import pytest
from lxml import etree
from msgspec.structs import replace

from services.distribution.api.events import serialize_event
from services.distribution.formats.json_ld import render_json_ld
from services.distribution.pages.event_view import build_event_page
from services.distribution.presentation.localized_event import LocalizedEvent, localize
from shared.web.pages.layout import Link
from tests.feeds.news_rules import faults_of_json, faults_of_rss
from tests.services.distribution.builders import PACK, make_message, make_programme, make_region, make_site
from tests.services.distribution.rendering import render, render_programme
from tests.services.distribution.serving import serve

BY, ZERO = "https://creativecommons.org/licenses/by/4.0/", "https://creativecommons.org/publicdomain/zero/1.0/"
OF_REGION = make_site(replace(make_region(), licence="CC0-1.0"))


def localized(**fields: Any) -> LocalizedEvent:  # noqa: ANN401 - any field
    return localize(make_message("a", **fields), "de", make_site())


def test_each_feed_states_the_licence_in_its_own_field() -> None:
    messages = [make_message("a", licence="CC-BY-4.0")]

    calendar, news, data = (render(messages, extension, "de") for extension in ("ics", "rss", "json"))

    [vevent] = icalendar.Calendar.from_ical(calendar).events
    assert (vevent["LINK"], dict(vevent["LINK"].params)) == (BY, {"LINKREL": "license", "VALUE": "URI"})
    assert "Lizenz: CC BY 4.0" in str(vevent["DESCRIPTION"])
    assert etree.fromstring(news).findtext("channel/item/{http://purl.org/dc/elements/1.1/}rights") == BY
    assert json.loads(data)["items"][0]["_event"]["licence"] == {"id": "CC-BY-4.0", "url": BY}


def test_structured_data_the_api_and_the_page_state_the_licence() -> None:
    event = localized(licence="CC-BY-4.0")

    assert json.loads(render_json_ld(event))["subjectOf"] == {"@type": "WebPage", "url": event.url, "license": BY}
    assert serialize_event(event)["licence"] == {"id": "CC-BY-4.0", "url": BY}
    assert build_event_page(event, today="2027-01-01").facts[-1].links == [Link("CC BY 4.0", BY)]


def test_an_event_that_names_no_licence_has_that_of_the_region() -> None:
    programme = make_programme([make_message("a"), make_message("b", licence="CC-BY-4.0")])

    items = json.loads(render_programme(programme, "json", site=OF_REGION))["items"]

    assert {item["_event"]["uid"][0]: item["_event"]["licence"]["url"] for item in items} == {"a": ZERO, "b": BY}


def test_the_head_of_each_feed_states_the_licence_of_the_region() -> None:
    calendar, news, data = (
        render_programme(make_programme([make_message("a", licence="CC-BY-4.0")]), extension, site=OF_REGION)
        for extension in ("ics", "rss", "json")
    )

    head = icalendar.Calendar.from_ical(calendar)
    assert (head["LINK"], dict(head["LINK"].params)) == (ZERO, {"LINKREL": "license", "VALUE": "URI"})
    channel = etree.fromstring(news).find("channel")
    assert channel.findtext("copyright") == f"CC0 1.0 ({ZERO})"
    assert channel.findtext("{http://purl.org/dc/elements/1.1/}rights") == ZERO
    assert json.loads(data)["_licence"] == {"id": "CC0-1.0", "url": ZERO}
    assert [faults_of_rss(news), faults_of_json(data)] == [[], []]


@pytest.mark.parametrize(
    ("extension", "statements"),
    [
        ("ics", [f'LINK;LINKREL="license";VALUE=URI:{ZERO}\r\n']),
        ("rss", [f"<copyright>CC0 1.0 ({ZERO})</copyright>", f"<dc:rights>{ZERO}</dc:rights>"]),
        ("json", [f',"_licence":{{"id":"CC0-1.0","url":"{ZERO}"}}']),
    ],
)
def test_the_licence_of_the_region_changes_nothing_else_in_a_feed(extension: str, statements: list[str]) -> None:
    programme = make_programme([make_message("a", licence="CC-BY-4.0")])

    plain, stated = (
        render_programme(programme, extension, site=site).decode().replace("\r\n ", "")
        for site in (make_site(), OF_REGION)
    )

    assert [stated.count(each) for each in statements] == [1] * len(statements)
    for each in statements:
        stated = stated.replace(each, "")
    assert stated == plain


async def test_pages_lists_and_the_description_of_the_api_state_the_licence_of_the_region(tmp_path: Path) -> None:
    pack = tmp_path / "region"
    shutil.copytree(PACK, pack)
    file = pack / "region.toml"
    file.write_text(f'licence = "CC0-1.0"\n{file.read_text(encoding="utf-8")}', encoding="utf-8")

    async with serve(make_message("a"), make_message("b", licence="CC-BY-4.0"), pack=pack) as served:
        page, event, terms = [
            (await served.client.get(path)).text for path in ("/de/", "/de/events/b", "/de/subscribe")
        ]
        found = (await served.client.get("/api/v1/events")).json()
        described = (await served.client.get("/api/v1/openapi.json")).json()

    assert f'<link rel="license" href="{ZERO}">' in page
    assert f'nennt: <a href="{ZERO}">CC0 1.0</a>' in re.sub(r"\s+", " ", page)
    assert re.findall('rel="license" href="([^"]+)"', event) == [BY]
    assert "_licence" in terms
    assert found["licence"] == {"id": "CC0-1.0", "url": ZERO}
    assert described["info"]["license"] == {"name": "CC0 1.0", "identifier": "CC0-1.0"}


async def test_pages_and_lists_of_a_region_without_a_licence_are_as_before() -> None:
    async with serve(make_message("a")) as served:
        pages = "".join([(await served.client.get(path)).text for path in ("/de/", "/de/events/a")])
        found = (await served.client.get("/api/v1/events")).json()
        described = (await served.client.get("/api/v1/openapi.json")).json()

    assert "izenz" not in pages
    assert "license" not in pages
    assert found.keys() == {"items", "next"}
    assert described["info"]["license"] == {"name": "EUPL-1.2", "identifier": "EUPL-1.2"}


@pytest.mark.parametrize("fields", [{}, {"licence": "CC-BY-9.0"}])
def test_without_a_licence_that_we_know_none_is_stated_anywhere(fields: dict[str, Any]) -> None:
    messages = [make_message("a", **fields)]

    feeds = b"".join(render(messages, extension) for extension in ("ics", "rss", "json"))

    assert b"icen" not in feeds
    assert b"rights" not in feeds
    assert "icense" not in render_json_ld(localized(**fields))
    assert serialize_event(localized(**fields))["licence"] is None
