"""Pages on paper: all of it is there, nothing is folded, and no sheet is empty."""

from __future__ import annotations

import base64
import re
import unicodedata
from dataclasses import asdict
from io import BytesIO

import pytest
from playwright.async_api import BrowserContext, Page
from pypdf import PdfReader

from shared.i18n.languages import get_locale
from tests.browser.conftest import OpenWindow
from tests.browser.kalendarium import Kalendarium
from tests.browser.public_sights import PUBLIC
from tests.browser.scene import Scene
from tests.browser.sight import Sight
from tests.browser.windows import reopened_window

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

A4 = {"paperWidth": 8.27, "paperHeight": 11.69}
FOLDED = """
() => [...document.querySelectorAll("main details")]
  .filter(each => each.checkVisibility())
  .flatMap(each => [...each.children])
  .filter(each => each.localName !== "summary" && !each.checkVisibility({contentVisibilityAuto: true}))
  .map(each => each.outerHTML)
"""


async def printed(page: Page) -> list[str]:
    """Print a page and give the text of each sheet."""
    session = await page.context.new_cdp_session(page)
    answer = await session.send("Page.printToPDF", A4)
    reader = PdfReader(BytesIO(base64.b64decode(answer["data"])))
    return [sheet.extract_text().strip() for sheet in reader.pages]


@pytest.mark.parametrize("sight", [each for each in PUBLIC if each.pictured], ids=lambda sight: sight.name)
async def test_no_sheet_is_empty_and_nothing_is_folded(
    sight: Sight, profile: BrowserContext, kalendarium: Kalendarium, scene: Scene
) -> None:
    async with reopened_window(profile, kalendarium) as window:
        await window.visit(sight.address.format_map(asdict(scene) | kalendarium.mails | kalendarium.years))
        await window.page.emulate_media(media="print")
        folded = await window.page.evaluate(FOLDED)
        sheets = await printed(window.page)

        assert (folded, [number for number, text in enumerate(sheets, 1) if not text]) == ([], [])


async def test_a_printed_year_shows_all_its_months_and_events(
    open_window: OpenWindow, kalendarium: Kalendarium
) -> None:
    async with open_window() as window:
        await window.visit(f"/pl/{kalendarium.year}")
        sheets = await printed(window.page)
        titles = await window.page.locator(".row a").all_text_contents()

    text, months = letters("".join(sheets)), get_locale("pl").months["stand-alone"]["wide"].values()
    assert [month for month in months if letters(month.capitalize()) not in text] == []
    assert len(set(titles)) > 170
    assert [title for title in titles if letters(title) not in text] == []


async def test_a_printed_first_page_says_how_much_of_the_year_it_holds(
    open_window: OpenWindow, kalendarium: Kalendarium
) -> None:
    async with open_window() as window:
        await window.visit("/pl/")
        seen = await window.page.locator(".on-paper").first.is_visible()
        shown = len(set(await window.page.locator(".row a").all_text_contents()))
        text = letters("".join(await printed(window.page)))

    assert not seen
    assert shown < 170
    assert letters(f"Cała lista: {window.url}/pl/{kalendarium.year}") in text


async def test_printed_addresses_of_feeds_are_whole(open_window: OpenWindow) -> None:
    async with open_window() as window:
        await window.visit("/pl/subscribe?lang=de&county=3262&category=maritime&from=2027-01-01&to=2027-12-31")
        addresses = await window.page.locator(".feeds input").evaluate_all("fields => fields.map(each => each.value)")
        text = letters("".join(await printed(window.page)))

    assert len(addresses) == 3
    assert [each for each in addresses if letters(each) not in text] == []


def letters(text: str) -> str:
    """Leave out what a sheet adds between letters: blanks, and where words are divided."""
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFC", text))
