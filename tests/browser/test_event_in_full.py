"""An exhibition on a phone, sold out by one tap; what pages with pictures weigh, and that nothing on them shifts."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

import pytest
from playwright.async_api import CDPSession, expect

from tests.browser.axe import examined
from tests.browser.conftest import OpenWindow
from tests.browser.kalendarium import Kalendarium
from tests.browser.person import shown
from tests.browser.windows import PHONE, SCHEMES, Window
from tests.support.clients import Curator, Reader, eventually

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

TITLE: Final = "Bursztyn i światło"
FIRST_VIEW: Final = 150_000
"""Bytes on the wire, headers included, of what is seen before anybody scrolls.

Pictures further down are loaded lazily; how far ahead of the reader is the browser's affair, and not counted.
"""
MOST_SHIFT: Final = 0.001
SHIFTS: Final = """
window.shifts = [];
new PerformanceObserver(list => {
  for (const entry of list.getEntries())
    window.shifts.push([entry.value, entry.sources.map(source => source.node?.nodeName ?? "")]);
}).observe({type: "layout-shift", buffered: true});
"""
PICTURES: Final = """
() => [...document.images].map(image => ({
  url: image.currentSrc || image.src,
  isSeen: image.getBoundingClientRect().top < innerHeight,
  isLazy: image.loading === "lazy",
}))
"""
SCROLL: Final = """
async () => {
  const wait = () => new Promise(done => setTimeout(done, 100));
  for (let at = 0; at < document.documentElement.scrollHeight; at += innerHeight / 2) {
    scrollTo(0, at);
    await wait();
  }
  await Promise.all([...document.images].map(image => image.decode().catch(() => null)));
  return window.shifts;
}
"""


async def enter_exhibition(window: Window, year: int) -> None:
    page = window.page
    await window.visit("/ingest/submissions/new")
    await page.get_by_label("Tytuł").first.fill(TITLE)
    await page.get_by_label("Rodzaj wydarzenia").select_option("exhibition")
    await page.get_by_label("Pierwszy dzień").fill(f"{year}-06-01")
    await page.get_by_label("Ostatni dzień").first.fill(f"{year}-08-31")
    await page.get_by_label("Miejscowość", exact=True).fill("Koszalin")
    await page.get_by_label("Powiat").select_option("3261")
    await page.get_by_role("button", name="Wyślij do sprawdzenia").click()
    await expect(page.get_by_role("status").first).to_have_text("Wysłano do sprawdzenia.")
    await expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)


async def accept(kalendarium: Kalendarium, event_id: str) -> None:
    async with (
        Curator(kalendarium.url, kalendarium.logins["curator"].api_key) as curator,
        Reader(kalendarium.url) as reader,
    ):

        async def waits() -> bool:
            return event_id in await curator.waiting()

        async def answers() -> int:
            return (await reader.page(event_id)).status_code

        assert await eventually(waits, expected=True)
        await curator.accept(event_id)
        assert await eventually(answers, 200) == 200


async def test_exhibition_of_a_summer_is_sold_out_by_one_tap_on_a_phone(
    kalendarium: Kalendarium, open_window: OpenWindow
) -> None:
    async with open_window(visitor="editor", width=PHONE) as editors, open_window(width=PHONE) as visitors:
        editor, visitor = editors.page, visitors.page
        await enter_exhibition(editors, kalendarium.year)
        event_id = editor.url.rpartition("/")[2].partition("?")[0]
        await accept(kalendarium, event_id)

        await (await shown(editor, editor.get_by_role("button", name="Bilety wyprzedane"))).click()
        await expect(editor.get_by_role("status").first).to_contain_text("Bilety wyprzedane")

        await visitors.visit(f"/pl/{kalendarium.year}/07")
        row = visitor.get_by_role("listitem").filter(has_text=TITLE).filter(has_text="Bilety wyprzedane")
        await (await shown(visitor, row)).get_by_role("link", name=TITLE).click()
        await expect(visitor.get_by_role("heading", level=1)).to_have_text(TITLE)
        await expect(visitor.get_by_text("1 czerwca").first).to_be_visible()
        await expect(visitor.get_by_text("Bilety wyprzedane").first).to_be_visible()
        assert editors.complaints + visitors.complaints == []
        for scheme in SCHEMES:  # axe itself breaks the policy of styles
            await visitor.emulate_media(color_scheme=scheme)
            await editor.emulate_media(color_scheme=scheme)
            assert await examined(visitor) + await examined(editor) == []
        async with Reader(kalendarium.url) as reader:
            feeds = [
                (await reader.feed(extension)).decode().replace("\r\n ", "") for extension in ("ics", "rss", "json")
            ]
        assert [feed.count("wyprzedane") > 0 for feed in feeds] == [True, True, True]


@pytest.mark.parametrize("path", ["/pl/", "/pl/{year}/08", "/pl/events/{pictured}"])
@pytest.mark.parametrize("width", [PHONE, 1280])
async def test_first_view_is_light_and_nothing_on_it_shifts(
    path: str, width: int, kalendarium: Kalendarium, open_window: OpenWindow
) -> None:
    address = path.format(year=kalendarium.year, pictured=await find_pictured(kalendarium))
    async with open_window(width=width) as window:
        await window.page.add_init_script(SHIFTS)
        network = await window.page.context.new_cdp_session(window.page)
        weights = await weigh(network)
        await window.visit(address)
        await window.page.wait_for_load_state("networkidle")
        pictures: list[dict[str, Any]] = await window.page.evaluate(PICTURES)
        ahead = {each["url"] for each in pictures if not each["isSeen"]} - {
            each["url"] for each in pictures if each["isSeen"]
        }
        first_view = sum(weight for url, weight in weights.items() if url not in ahead)
        shifts: list[tuple[float, list[str]]] = await window.page.evaluate(SCROLL)

    print(f"{address} at {width} px: {first_view:,} bytes at first, {weights.total():,} in all")  # noqa: T201 - the figure
    assert first_view <= FIRST_VIEW, weights.most_common()
    assert [each for each in pictures if not each["isSeen"] and not each["isLazy"]] == []
    assert sum(value for value, _nodes in shifts) <= MOST_SHIFT, shifts


async def weigh(network: CDPSession) -> Counter[str]:
    """Count the bytes of what a page loads from now on, by address."""
    weights: Counter[str] = Counter()
    urls: dict[str, str] = {}

    def note(event: dict[str, Any]) -> None:
        urls[event["requestId"]] = event["response"]["url"]

    def add(event: dict[str, Any]) -> None:
        weights[urls.get(event["requestId"], "")] += round(event["encodedDataLength"])

    network.on("Network.responseReceived", note)
    network.on("Network.loadingFinished", add)
    await network.send("Network.enable")
    return weights


async def find_pictured(kalendarium: Kalendarium) -> str:
    """An event of the programme that shows a picture."""
    async with Reader(kalendarium.url) as reader:
        answer = await reader.http.get("/api/v1/events", params={"limit": "200"})
    pictured: list[str] = [each["id"] for each in answer.json()["items"] if each["event"].get("images")]
    return pictured[0]
