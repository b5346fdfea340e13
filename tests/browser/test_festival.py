"""A festival and its concerts: entered on a phone, accepted, read as a programme, and cancelled but for one concert."""

from __future__ import annotations

from typing import Final

import pytest
from playwright.async_api import Page, expect

from tests.browser.axe import examined
from tests.browser.conftest import OpenWindow
from tests.browser.kalendarium import Kalendarium
from tests.browser.person import shown
from tests.browser.windows import Window

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

FESTIVAL: Final = "Festiwal Szantowy w Darłowie"
CONCERTS: Final = {"Szanty na dziobie": "18:00", "Szanty na rufie": "20:00", "Szanty o świcie": "5:00"}
SEND: Final = "Wyślij do sprawdzenia"


async def examine(window: Window, *, width: int = 360) -> None:
    """In both appearances: nothing that axe finds, and nothing wider than the window."""
    page, complaints = window.page, list(window.complaints)
    for scheme in ("dark", "light"):
        await page.emulate_media(color_scheme=scheme)
        assert await examined(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    window.complaints[:] = complaints  # axe itself breaks the page's policy


async def enter_festival(window: Window, year: int) -> str:
    """Give its id."""
    page = window.page
    await window.visit("/ingest/submissions/new")
    await page.get_by_label("Tytuł").first.fill(FESTIVAL)
    await page.get_by_label("Rodzaj wydarzenia").select_option("Historia i rekonstrukcje")
    await page.get_by_label("Pierwszy dzień").fill(f"18.09.{year}")
    await page.get_by_label("Ostatni dzień").fill(f"19.09.{year}")
    await page.get_by_label("Miejscowość", exact=True).fill("Darłowo")
    await page.get_by_label("Powiat").select_option("powiat sławieński")
    await page.get_by_role("button", name=SEND).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(FESTIVAL)
    return page.url.rpartition("/")[2].partition("?")[0]


async def add_concert(window: Window, festival: str, title: str, hour: str) -> None:
    """From the festival's page, whose place the form knows."""
    page = window.page
    await page.get_by_role("link", name="Dodaj część").click()
    await expect(page.get_by_label("Miejscowość", exact=True)).to_have_value("Darłowo")
    await expect(page.get_by_label("To wydarzenie jest częścią")).to_have_value(festival)
    if title == "Szanty na dziobie":
        await examine(window)
    await page.get_by_label("Tytuł").first.fill(title)
    await page.get_by_label("Początek o godzinie").fill(hour)
    await page.get_by_role("button", name=SEND).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(title)
    await expect(page.get_by_role("link", name=FESTIVAL)).to_be_visible()


async def accept(page: Page, title: str) -> None:
    await page.get_by_role("navigation").get_by_role("link", name="Do decyzji").click()
    await (await shown(page, page.get_by_role("link", name=title))).click()
    await page.get_by_label("Przyjmij").check()
    await page.get_by_role("button", name="Zapisz decyzję").click()
    await expect(page.get_by_role("status")).to_contain_text(f"Przyjęto: {title}")


async def test_a_festival_is_entered_read_and_cancelled_with_two_of_its_three_concerts(
    kalendarium: Kalendarium, open_window: OpenWindow
) -> None:
    async with (
        open_window(width=360) as editors,
        open_window() as curators,
        open_window(width=360) as visitors,
    ):
        editor, curator, visitor = editors.page, curators.page, visitors.page

        # An editor enters the festival.
        await editors.log_in(kalendarium.logins["editor"], "ingest")
        festival = await enter_festival(editors, kalendarium.year)

        # Each concert begins with what the festival says already.
        for title, hour in CONCERTS.items():
            await editors.visit(f"/ingest/submissions/{festival}")
            await add_concert(editors, festival, title, hour)
        await editors.visit(f"/ingest/submissions/{festival}")
        for title in CONCERTS:
            await expect(editor.get_by_role("link", name=title)).to_be_visible()
        await examine(editors)

        # A curator accepts them, and sees the festival from the concert.
        await curators.log_in(kalendarium.logins["curator"], "calendar")
        await (await shown(curator, curator.get_by_role("link", name="Szanty na dziobie"))).click()
        await expect(curator.get_by_text("to wydarzenie jest tam samodzielne.")).to_be_visible()
        await examine(curators, width=1280)
        for title in (FESTIVAL, *CONCERTS):
            await accept(curator, title)

        # A visitor reads the festival's page as its programme, and comes back from a concert.
        await visitors.visit(f"/pl/events/{festival}")
        await shown(visitor, visitor.locator(".agenda li").nth(2))
        hours = await visitor.locator(".agenda .hours").all_inner_texts()
        assert hours == ["05:00", "18:00", "20:00"]
        await examine(visitors)
        await visitor.get_by_role("link", name="Szanty na rufie").click()
        await examine(visitors)
        await visitor.get_by_role("link", name=FESTIVAL).click()
        await expect(visitor.get_by_role("heading", level=1)).to_have_text(FESTIVAL)

        # A storm: the festival is cancelled, the concert in the morning takes place.
        await editors.visit(f"/ingest/submissions/{festival}")
        await (await shown(editor, editor.get_by_role("link", name="Odwołaj wydarzenie…"))).click()
        await editor.get_by_label("Szanty o świcie").uncheck()
        await examine(editors)
        await editor.get_by_role("button", name="Odwołaj wydarzenie").click()
        await expect(editor.get_by_role("status")).to_have_text("Wydarzenie jest odwołane, a z nim 2 części.")
        await visitors.visit(f"/pl/events/{festival}")
        called_off = visitor.locator(".agenda li").filter(has_text="Odwołane")
        await shown(visitor, called_off.nth(1))
        assert await called_off.count() == 2
        await expect(visitor.locator(".agenda li").filter(has_text="Szanty o świcie")).not_to_contain_text("Odwołane")
        assert editors.complaints + curators.complaints + visitors.complaints == []
