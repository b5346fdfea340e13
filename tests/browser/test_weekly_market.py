"""A weekly market on a phone without scripts: entered by the form, one Saturday cancelled, one moved, read by all."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

import pytest
from playwright.async_api import Page, expect

from tests.browser.axe import examined
from tests.browser.conftest import OpenWindow
from tests.browser.kalendarium import Kalendarium
from tests.browser.person import shown
from tests.browser.windows import PHONE, SCHEMES, Window
from tests.support.clients import Curator, Reader, eventually

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

MARKET: Final = "Targ rolny w Polanowie"
NOTE: Final = "Plac jest w remoncie."
WEEKS: Final = 6


def list_saturdays(year: int) -> list[date]:
    """From the first one in June."""
    first = next(day for number in range(1, 8) if (day := date(year, 6, number)).weekday() == 5)
    return [first + timedelta(weeks=week) for week in range(WEEKS)]


async def enter_market(page: Page, saturdays: list[date]) -> None:
    """Up to the list of its dates."""
    await page.get_by_label("Tytuł").first.fill(MARKET)
    await page.get_by_label("Rodzaj wydarzenia").select_option(index=1)
    await page.get_by_label("Pierwszy dzień").fill(f"{saturdays[0]:%d.%m.%Y}")
    await page.get_by_label("Początek o godzinie").fill("9:00")
    await page.get_by_label("Koniec o godzinie").fill("14:00")
    await page.get_by_label("Miejscowość", exact=True).fill("Polanów")
    await page.get_by_label("Powiat").select_option("powiat koszaliński")
    await page.get_by_label("Co tydzień").check()
    await page.get_by_label("Powtarza się do").fill(f"{saturdays[-1]:%d.%m.%Y}")
    await page.get_by_role("button", name="Pokaż terminy").click()
    await expect(page.locator(".occs li")).to_have_count(WEEKS)


async def change(page: Page, day: date, answer: str) -> str:
    """Give the beginning of the names of the day's fields."""
    await page.locator(f'button[name="change"][value="{day}"]').click()
    await page.locator(f"#change-{day}").get_by_label(answer).check()
    return f"repeats.{day}"


async def examine(window: Window) -> None:
    page, complaints = window.page, list(window.complaints)
    for scheme in SCHEMES:
        await page.emulate_media(color_scheme=scheme)
        assert await examined(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE
    window.complaints[:] = complaints  # axe itself breaks the page's policy


async def accept(kalendarium: Kalendarium, event_id: str) -> None:
    async with Curator(kalendarium.url, kalendarium.logins["curator"].api_key) as curator:

        async def waits() -> bool:
            return event_id in await curator.waiting()

        assert await eventually(waits, expected=True)
        await curator.accept(event_id)


async def test_a_weekly_market_is_entered_on_a_phone_without_scripts_and_read_by_people_and_calendars(
    kalendarium: Kalendarium, open_window: OpenWindow
) -> None:
    saturdays = list_saturdays(kalendarium.year)
    cancelled, moved = saturdays[2], saturdays[4]
    async with (
        open_window(visitor="editor", width=PHONE, with_scripts=False) as editors,
        open_window(visitor="editor", width=PHONE) as examiners,
        open_window(width=PHONE) as visitors,
    ):
        editor, visitor = editors.page, visitors.page
        await editors.visit("/ingest/submissions/new")
        await enter_market(editor, saturdays)
        name = await change(editor, cancelled, "Odwołane, strona nadal pokazuje ten termin")
        await editor.locator(f'[name="{name}.note.pl"]').fill(NOTE)
        name = await change(editor, moved, "Przeniesione na inny dzień lub godzinę")
        sunday = moved + timedelta(days=1)
        await editor.locator(f'[name="{name}.date"]').fill(f"{sunday:%d.%m.%Y}")
        await editor.get_by_role("button", name="Pokaż terminy").click()
        await expect(editor.locator(".occs li.cancelled")).to_have_count(1)
        await expect(editor.locator(".occs li.moved")).to_contain_text("przeniesione: ")

        # The same draft with scripts, for axe is one.
        await examiners.visit(editor.url)
        await expect(examiners.page.locator(".occs li.cancelled")).to_have_count(1)
        await examine(examiners)

        await editor.get_by_role("button", name="Wyślij do sprawdzenia").click()
        await expect(editor.get_by_role("heading", level=1)).to_have_text(MARKET)
        event_id = editor.url.rpartition("/")[2].partition("?")[0]
        await accept(kalendarium, event_id)

        await visitors.visit(f"/pl/events/{event_id}")
        called_off = visitor.locator("main p").filter(has_text="Odwołane: sobota").filter(has_text=NOTE)
        await shown(visitor, called_off)
        await expect(visitor.locator("main p").filter(has_text="Przeniesione: sobota")).to_contain_text("→")
        dates = visitor.locator("h2:has-text('Najbliższe terminy') + ul li")
        await expect(dates).to_have_count(WEEKS - 1)
        await expect(dates.filter(has_text="niedziela")).to_have_count(1)
        await examine(visitors)

        async with Reader(kalendarium.url) as reader:
            feed = (await reader.feed("ics")).decode().replace("\r\n ", "")
        found = [each for each in feed.split("BEGIN:VEVENT")[1:] if event_id in each]
        series, called_off_one, moved_one = found
        assert "RRULE:FREQ=WEEKLY" in series
        assert f"RECURRENCE-ID;TZID=Europe/Warsaw:{cancelled:%Y%m%d}T090000" in called_off_one
        assert "STATUS:CANCELLED" in called_off_one
        assert f"RECURRENCE-ID;TZID=Europe/Warsaw:{moved:%Y%m%d}T090000" in moved_one
        assert f"DTSTART;TZID=Europe/Warsaw:{sunday:%Y%m%d}T090000" in moved_one
        assert editors.complaints + examiners.complaints + visitors.complaints == []
