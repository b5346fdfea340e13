"""The look, as far as it can be measured: what a screenshot is judged by, where a number decides."""

from __future__ import annotations

from typing import Literal

import pytest
from playwright.async_api import expect

from tests.browser.conftest import OpenWindow
from tests.browser.kalendarium import Kalendarium
from tests.browser.windows import DESK, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

FIRST_EVENT = 640
LEFT_EDGES = """
() => [...new Set([...document.querySelectorAll("main :is(h1, h2, h3, .row p, .stamp, details)")]
  .filter(element => element.checkVisibility())
  .map(element => Math.round(element.getBoundingClientRect().left)))].sort((one, other) => one - other)
"""
CROWDED = """
() => [...document.querySelectorAll(".stamp")].filter(stamp => {
  const block = stamp.getBoundingClientRect(), words = document.createRange()
  words.selectNodeContents(stamp)
  return [...words.getClientRects()].some(line => line.left < block.left + 5 || line.right > block.right - 5)
}).map(stamp => stamp.textContent)
"""
WEIGHT = "performance.getEntries().reduce((sum, entry) => sum + (entry.transferSize || 0), 0)"


@pytest.mark.parametrize("path", ["/pl/", "/pl/{year}/08", "/de/{year}/08"])
async def test_first_event_begins_on_the_first_screen_of_a_phone(
    path: str, open_window: OpenWindow, kalendarium: Kalendarium
) -> None:
    async with open_window(width=PHONE) as window:
        await window.visit(path.format(year=kalendarium.year))
        await window.page.evaluate("document.fonts.ready")
        first = await window.page.locator(".row").first.bounding_box()

        assert first is not None
        assert first["y"] < FIRST_EVENT


@pytest.mark.parametrize(("width", "edges"), [(PHONE, 2), (DESK, 3)])
@pytest.mark.parametrize("page", ["pl/{year}/03", "pl/{year}/08", "de/{year}/07", "en/{year}/08"])
async def test_list_has_few_left_edges(
    page: str, width: int, edges: int, open_window: OpenWindow, kalendarium: Kalendarium
) -> None:
    """Whatever a date block holds, two months or a season, it is as wide as the others."""
    async with open_window(width=width) as window:
        await window.visit("/" + page.format(year=kalendarium.year))
        await window.page.evaluate("document.fonts.ready")

        assert len(await window.page.evaluate(LEFT_EDGES)) == edges


@pytest.mark.parametrize("media", ["screen", "print"])
@pytest.mark.parametrize("path", ["pl/{year}", "de/{year}", "en/{year}"])
async def test_words_of_a_date_block_keep_clear_of_its_border(
    path: str, media: Literal["screen", "print"], open_window: OpenWindow, kalendarium: Kalendarium
) -> None:
    async with open_window(width=PHONE) as window:
        await window.page.emulate_media(media=media)
        await window.visit("/" + path.format(year=kalendarium.year))
        await window.page.evaluate("document.fonts.ready")

        assert await window.page.locator(".stamp").count() > 150
        assert await window.page.evaluate(CROWDED) == []


@pytest.mark.parametrize("path", ["/pl/", "/pl/{year}/08"])
async def test_page_weighs_no_more_than_it_may(path: str, open_window: OpenWindow, kalendarium: Kalendarium) -> None:
    """At most 200 kB, compressed as they come over the wire, fonts and all."""
    async with open_window() as window:
        window.page.on("requestfinished", lambda request: None)
        await window.visit(path.format(year=kalendarium.year))
        await window.page.evaluate("document.fonts.ready")

        assert await window.page.evaluate(WEIGHT) <= 200_000


async def test_header_marks_no_section_on_a_page_that_only_the_footer_leads_to(open_window: OpenWindow) -> None:
    async with open_window() as window:
        sections = window.page.get_by_role("navigation", name="Główne części")
        await window.visit("/pl/accessibility")
        await expect(sections.locator("[aria-current]")).to_have_count(0)
        await window.visit("/pl/subscribe")
        await expect(sections.locator("[aria-current]")).to_have_text("Subskrypcje")


async def test_current_month_dates_and_errors_are_seen_in_forced_colours(
    open_window: OpenWindow, kalendarium: Kalendarium
) -> None:
    async with open_window(width=PHONE) as window:
        await window.page.emulate_media(forced_colors="active")
        await window.visit(f"/pl/{kalendarium.year}/08")
        borders = {
            name: await window.page.locator(selector).first.evaluate(
                "(element, side) => parseFloat(getComputedStyle(element)[side])", side
            )
            for name, selector, side in (
                ("month", ".wall [aria-current]", "borderBlockEndWidth"),
                ("language", ".languages [aria-current]", "borderBlockEndWidth"),
                ("date", ".stamp", "borderBlockStartWidth"),
                ("section", ".sections [aria-current]", "borderBlockEndWidth"),
            )
        }

        assert {name for name, width in borders.items() if width < 2} == set()
