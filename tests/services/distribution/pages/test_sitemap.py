"""What search engines are told there is, by the protocol of sitemaps.org."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from lxml import etree

from services.distribution.pages.sitemap import EVENTS
from tests.services.distribution.builders import make_message
from tests.services.distribution.serving import Served, serve

NAMES = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}
BASE = "https://kalendarium.example.org"


async def read(served: Served, path: str) -> Any:  # noqa: ANN401 - lxml has no types
    answer = await served.client.get(path, headers={"host": "evil.example"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/xml"), path
    return etree.fromstring(answer.content)


def texts(root: Any, path: str) -> list[str]:  # noqa: ANN401 - lxml has no types
    return [str(each.text) for each in root.iterfind(path, NAMES)]


async def test_every_page_of_the_sitemap_is_there_and_is_its_own_canonical_address() -> None:
    messages = [
        make_message("a"),
        make_message("b", dates={"certainty": "season", "start": "2027-12-01", "end": "2028-02-29"}),
    ]
    async with serve(*messages) as served:
        files = texts(await read(served, "/sitemap.xml"), "s:sitemap/s:loc")
        found = [url for file in files for url in texts(await read(served, urlsplit(file).path), "s:url/s:loc")]
        pages = {url: await served.client.get(urlsplit(url).path) for url in found}

    assert files == [f"{BASE}/sitemap-pages.xml", f"{BASE}/sitemap-events-1.xml"]
    assert [url for url, page in pages.items() if f'<link rel="canonical" href="{url}">' not in page.text] == []
    assert len(found) == len(set(found))
    assert {f"{BASE}/{rest}" for rest in ("pl/", "de/2027/08", "en/2028/02", "pl/events/a", "de/accessibility")} <= set(
        found
    )
    assert f"{BASE}/pl/2027/09" not in found


async def test_each_address_knows_its_translations_and_when_it_changed() -> None:
    async with serve(make_message("a", 3)) as served:
        root = await read(served, "/sitemap-events-1.xml")

    assert texts(root, "s:url/s:loc") == [f"{BASE}/{code}/events/a" for code in ("pl", "en", "de")]
    assert texts(root, "s:url/s:lastmod") == ["2026-11-02T10:03:00Z"] * 3
    first = root.find("s:url", NAMES)
    assert first is not None
    assert {each.get("hreflang"): each.get("href") for each in first.iterfind("x:link", NAMES)} == {
        "pl": f"{BASE}/pl/events/a",
        "en": f"{BASE}/en/events/a",
        "de": f"{BASE}/de/events/a",
        "x-default": f"{BASE}/pl/events/a",
    }


async def test_many_events_stand_in_several_files_of_bounded_size() -> None:
    async with serve(*(make_message(f"e{number:04}") for number in range(EVENTS + 1))) as served:
        files = texts(await read(served, "/sitemap.xml"), "s:sitemap/s:loc")
        sizes = [len(texts(await read(served, urlsplit(file).path), "s:url/s:loc")) for file in files[1:]]
        weight = len((await served.client.get("/sitemap-events-1.xml")).content)
        beyond = [
            (await served.client.get(f"/sitemap-events-{number}.xml")).status_code
            for number in ("0", "3", "x", "1_0", "01", "9" * 4301)
        ]

    assert sizes == [EVENTS * 3, 3]
    assert weight < 2_000_000
    assert beyond == [404] * 6


async def test_nothing_public_is_no_event() -> None:
    async with serve(make_message("a", channels=["pot-berlin"])) as served:
        assert texts(await read(served, "/sitemap.xml"), "s:sitemap/s:loc") == [f"{BASE}/sitemap-pages.xml"]
