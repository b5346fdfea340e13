"""What was typed into a form is still there after Back, sent or not, and in another language or appearance."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.browser.kalendarium import Kalendarium
from tests.browser.scene import Scene
from tests.browser.sight import press, write
from tests.browser.windows import opened_browser, opened_window

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

NEW: Final = "/ingest/submissions/new"
DATES: Final = {
    "start_date": "12.6.2027",
    "start_time": "18:00",
    "end_date": "13 czerwca 2027",
    "end_time": "20.30",
}


@pytest_asyncio.fixture(scope="module", loop_scope="session", params=[False, True], ids=["loads again", "keeps pages"])
async def browser(request: pytest.FixtureRequest, whole_chromium_path: Path) -> AsyncIterator[Browser]:
    """A Chromium without and with its back-forward cache."""
    async with opened_browser(whole_chromium_path, keeps_pages=request.param) as opened:
        yield opened


async def fill(page: Page, **typed: str) -> None:
    for name, text in typed.items():
        await page.locator(f"[name='{name}']").fill(text)


async def go_back(page: Page) -> None:
    await page.go_back(wait_until="commit")  # a page that was kept is not loaded again


async def is_typed(page: Page, **typed: str) -> None:
    for name, text in typed.items():
        await expect(page.locator(f"[name='{name}']")).to_have_value(text)


async def leave_and_come_back(page: Page) -> None:
    async with page.expect_navigation():
        await page.get_by_role("link", name="Moje zgłoszenia").first.click()
    await go_back(page)


async def test_new_event_keeps_its_days_and_hours_after_it_was_sent(browser: Browser, kalendarium: Kalendarium) -> None:
    async with opened_window(browser, kalendarium, visitor="editor") as window:
        await window.visit(NEW)
        await fill(window.page, **DATES)
        await press("Wyślij do sprawdzenia")(window.page)

        await go_back(window.page)

        await is_typed(window.page, **DATES)


async def test_reload_shows_what_was_typed_into_a_new_form(browser: Browser, kalendarium: Kalendarium) -> None:
    async with opened_window(browser, kalendarium, visitor="editor") as window:
        await window.visit("/ingest/")
        await window.visit(NEW)
        await fill(window.page, **{"title.pl": "Rejs po Jamnie"})
        await window.page.wait_for_url("**/ingest/drafts/*")
        bookmark = window.page.url

        await window.page.reload()
        await is_typed(window.page, **{"title.pl": "Rejs po Jamnie"})
        await go_back(window.page)
        await expect(window.page).to_have_url(f"{kalendarium.url}/ingest/")
        await window.visit(bookmark)
        await is_typed(window.page, **{"title.pl": "Rejs po Jamnie"})


async def test_edit_keeps_its_days_and_hours_beside_its_title(
    browser: Browser, kalendarium: Kalendarium, scene: Scene
) -> None:
    typed = {"title.pl": "Warsztaty szkutnicze nocą", **DATES}
    async with opened_window(browser, kalendarium, visitor="editor") as window:
        await window.visit(f"/ingest/submissions/{scene.waiting}/edit")
        await fill(window.page, **typed)

        await leave_and_come_back(window.page)

        await is_typed(window.page, **typed)


async def test_refused_form_keeps_what_was_typed_since(browser: Browser, kalendarium: Kalendarium) -> None:
    async with opened_window(browser, kalendarium, visitor="editor") as window:
        await window.visit(NEW)
        await fill(window.page, **DATES)
        await press("Wyślij do sprawdzenia")(window.page)
        await write("Miejscowość", "Mielno")(window.page)

        await leave_and_come_back(window.page)

        await expect(window.page).to_have_title("Błąd: Nowe wydarzenie – Kalendarium")
        await is_typed(window.page, **DATES, **{"venue.town": "Mielno"})


async def test_another_language_and_appearance_keep_what_was_typed_without_scripts(
    browser: Browser, kalendarium: Kalendarium
) -> None:
    async with opened_window(browser, kalendarium, visitor="editor", with_scripts=False) as window:
        await window.visit(NEW)
        await fill(window.page, **DATES)
        await press("English")(window.page)
        await write("Town", "Mielno")(window.page)
        await press("Dark")(window.page)

        await expect(window.page).to_have_title("New event – Kalendarium")
        await expect(window.page.locator("html")).to_have_attribute("data-theme", "dark")
        await is_typed(window.page, **DATES, **{"venue.town": "Mielno"})


async def test_refused_form_is_found_again_after_a_change_of_language_and_appearance(
    browser: Browser, kalendarium: Kalendarium
) -> None:
    async with opened_window(browser, kalendarium, visitor="editor") as window:
        await window.visit(NEW)
        await fill(window.page, **DATES)
        await press("Wyślij do sprawdzenia")(window.page)
        await write("Miejscowość", "Mielno")(window.page)
        await press("English")(window.page)
        await press("Dark")(window.page)

        await go_back(window.page)
        await is_typed(window.page, **DATES, **{"venue.town": "Mielno"})
        await go_back(window.page)
        await is_typed(window.page, **DATES, **{"venue.town": "Mielno"})


async def test_refused_form_is_found_again_after_another_tab_changed_the_appearance(
    browser: Browser, kalendarium: Kalendarium
) -> None:
    async with opened_window(browser, kalendarium, visitor="editor") as window:
        await window.visit(NEW)
        await fill(window.page, **DATES)
        await press("Wyślij do sprawdzenia")(window.page)
        await write("Miejscowość", "Mielno")(window.page)
        other = await window.page.context.new_page()
        await other.goto(f"{window.url}/theme/dark")
        await other.close()

        await leave_and_come_back(window.page)

        await is_typed(window.page, **DATES, **{"venue.town": "Mielno"})
