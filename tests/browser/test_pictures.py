"""Pictures on a phone, with and without scripts: chosen, cut, described, sent, and seen by a curator."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.axe import examined
from tests.browser.kalendarium import Kalendarium
from tests.browser.windows import PHONE, SCHEMES, opened_window
from tests.shared.media.drawing import draw_quarters, encode

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

NEW: Final = "/ingest/submissions/new"


@pytest.fixture(scope="module")
def lying(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A picture as a phone makes it."""
    file = tmp_path_factory.mktemp("pictures") / "regaty.jpg"
    file.write_bytes(encode(draw_quarters(1_800, 900)))
    return file


async def fill(page: Page, title: str) -> None:
    await page.get_by_label("Tytuł").first.fill(title)
    await page.get_by_label("Rodzaj wydarzenia").select_option("maritime")
    for label, text in {"Miejscowość": "Mielno", "Pierwszy dzień": "12.6.2027"}.items():
        await page.get_by_label(label).first.fill(text)


async def describe(page: Page) -> None:
    await page.get_by_label("Co widać na zdjęciu, po polsku").fill("Żaglówki na jeziorze")
    await page.get_by_label("Kogo podać jako autora").fill("Jan Żak / LOT")
    await page.get_by_label("Licencja zdjęcia").select_option("permission")


async def open_pictures(page: Page) -> None:
    await page.locator("#pictures > summary").click()


async def cut_of(page: Page) -> str:
    return await page.locator(".cut img").get_attribute("src") or ""


@pytest.mark.parametrize("with_scripts", [True, False])
async def test_a_picture_is_sent_from_a_phone_and_seen_in_review(
    browser: Browser, kalendarium: Kalendarium, lying: Path, *, with_scripts: bool
) -> None:
    title = f"Rejs po Jamnie {'ze' if with_scripts else 'bez'} skryptów"
    async with opened_window(browser, kalendarium, visitor="editor", width=PHONE, with_scripts=with_scripts) as window:
        page = window.page
        await window.visit(NEW)
        await fill(page, title)
        await open_pictures(page)
        await page.get_by_label("Dodaj zdjęcia").set_input_files(lying)
        if not with_scripts:
            await page.get_by_role("button", name="Wyślij wybrane zdjęcia").click()
        await expect(page.locator(".cut img")).to_have_js_property("complete", value=True)
        before = await cut_of(page)
        slider = page.get_by_label("Od lewej")
        await slider.focus()
        for _press in range(20):
            await page.keyboard.press("ArrowRight")
        if not with_scripts:
            await page.get_by_role("button", name="Przytnij wokół tego punktu").press("Enter")
        await expect(page.locator(".cut img")).not_to_have_attribute("src", before)
        assert await page.get_by_label("Od lewej").input_value() == "70"
        await describe(page)
        if with_scripts:
            await expect(page.locator("#saved")).to_contain_text("Zapis roboczy")
        await page.get_by_role("button", name="Wyślij do sprawdzenia").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text(title)
        submission = page.url.rpartition("/")[2]
        assert window.complaints == []

    async with opened_window(browser, kalendarium, visitor="curator", width=PHONE) as window:
        page = window.page
        picture = page.get_by_role("img", name="Żaglówki na jeziorze")
        for _try in range(100):
            answer = await window.visit(f"/calendar/entries/{submission}")
            if answer.status == 200:
                break
            await page.wait_for_timeout(200)
        await picture.scroll_into_view_if_needed()
        await expect(picture).to_have_js_property("naturalWidth", 400)
        await expect(page.locator(".shots figcaption")).to_contain_text("Jan Żak / LOT · Wszystkie prawa zastrzeżone")
        for scheme in SCHEMES:
            await page.emulate_media(color_scheme=scheme)
            assert await examined(page) == []


async def test_a_refused_file_is_named_and_pictures_are_legible_for_everybody(
    browser: Browser, kalendarium: Kalendarium, lying: Path, tmp_path: Path
) -> None:
    drawing = tmp_path / "rysunek.png"
    drawing.write_bytes(b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    async with opened_window(browser, kalendarium, visitor="editor", width=PHONE) as window:
        page = window.page
        await window.visit(NEW)
        await open_pictures(page)
        await page.get_by_label("Dodaj zdjęcia").set_input_files([drawing, lying])
        await expect(page.locator("#picture-error")).to_contain_text("rysunek.png: To rysunek SVG.")
        await expect(page.locator(".cut img")).to_have_count(1)
        assert await page.evaluate("document.documentElement.scrollWidth") == PHONE
        for scheme in SCHEMES:
            await page.emulate_media(color_scheme=scheme)
            assert await examined(page) == []
