"""The register of venues in the form: by keyboard, with slips, and what becomes of a place that is merged."""

from __future__ import annotations

import re
from typing import Any, Final

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.axe import examined
from tests.browser.kalendarium import Kalendarium
from tests.browser.sight import press
from tests.browser.windows import opened_window
from tests.support.clients import Editor, Keys, people

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

NEW: Final = "/ingest/submissions/new"
VENUE: Final = {"street": "ul. Wojska Polskiego 3", "town": "Darłowo", "county": "3213"}
SPOT: Final = {"lat": 54.42, "lon": 16.41}
FORGE: Final = "Kuźnia Książęca"


async def add(kalendarium: Kalendarium, name: str, **changes: Any) -> str:  # noqa: ANN401 - fields of all kinds
    keys = Keys(kalendarium.logins["editor"].api_key, kalendarium.logins["curator"].api_key)
    async with people(keys, ingest=kalendarium.url, calendar=kalendarium.url, public=kalendarium.url) as found:
        return await _post(found[0], {"name": name, **VENUE, **SPOT, **changes})


async def _post(editor: Editor, place: dict[str, Any]) -> str:
    answer = await editor.http.post("/ingest/api/v1/venues?again=true", json=place)
    return str(answer.raise_for_status().json()["id"])


async def has(page: Page, **values: str) -> None:
    for name, value in values.items():
        await expect(page.locator(f"[name='venue.{name}']")).to_have_value(value)


async def test_a_place_is_chosen_by_keyboard_with_a_slip_and_without_diacritics(
    browser: Browser, kalendarium: Kalendarium
) -> None:
    forge = await add(kalendarium, FORGE)
    async with opened_window(browser, kalendarium, visitor="editor") as window:
        page = window.page
        await window.visit(NEW)
        name = page.get_by_role("combobox", name="Nazwa miejsca")
        await name.focus()
        await page.keyboard.type("kuznai ksiaz")
        await expect(page.locator("#venue-list").get_by_role("option", name=FORGE)).to_be_visible()
        assert window.complaints == []  # from here on axe itself breaks the page's policy
        # What lies under the open list cannot be measured.
        complaints = [each for each in await examined(page) if not each.startswith("color-contrast")]
        await page.keyboard.press("ArrowDown")
        await expect(page.locator("#venue-list").get_by_role("option", name=FORGE)).to_have_attribute(
            "aria-selected", "true"
        )
        async with page.expect_response(lambda answer: forge in (answer.request.post_data or "")):
            await page.keyboard.press("Enter")

        await has(page, name=FORGE, street="ul. Wojska Polskiego 3", town="Darłowo", county="3213", lat="54.42")
        await expect(page.get_by_label(re.compile("W rejestrze: Kuźnia"))).to_be_checked()
        await expect(page.locator("#venue-list")).to_be_hidden()
        await page.reload()
        await has(page, name=FORGE, id=forge)
        assert complaints == []


async def test_escape_closes_the_list_and_leaves_what_was_typed(browser: Browser, kalendarium: Kalendarium) -> None:
    await add(kalendarium, "Latarnia w Darłówku", lat=54.44)
    async with opened_window(browser, kalendarium, visitor="editor") as window:
        page = window.page
        await window.visit(NEW)
        await page.get_by_role("combobox", name="Nazwa miejsca").focus()
        await page.keyboard.type("latarn")
        await expect(page.locator("#venue-list").get_by_role("option").first).to_be_visible()
        await page.keyboard.press("Escape")

        await expect(page.locator("#venue-list")).to_be_hidden()
        await has(page, name="latarn", town="")


async def test_a_new_place_is_added_after_the_question_about_its_twin(
    browser: Browser, kalendarium: Kalendarium
) -> None:
    await add(kalendarium, "Spichlerz", lat=54.46)
    async with opened_window(browser, kalendarium, visitor="editor") as window:
        page = window.page
        await window.visit(NEW)
        typed = {"name": "Spichlerz zbożowy", "town": "Darłowo", "lat": "54,46", "lon": "16,41"}
        for name, value in typed.items():
            await page.locator(f"[name='venue.{name}']").fill(value)
        await page.locator("[name='venue.county']").select_option("3213")
        await press("Dodaj to miejsce do rejestru")(page)

        await expect(page.get_by_text("Czy to jest to miejsce?")).to_be_visible()
        await press("Nie, to inne miejsce: dodaj je")(page)
        await expect(page.get_by_label(re.compile("W rejestrze: Spichlerz zbożowy"))).to_be_checked()


async def test_a_merge_asks_the_organisation_and_one_click_takes_the_place_over(
    browser: Browser, kalendarium: Kalendarium
) -> None:
    first = await add(kalendarium, "Rybakówka", lat=54.48)
    await add(kalendarium, "Rybakówka pod mewą", lat=54.48)
    title = "Wieczór szant w Rybakówce"
    event = {
        "title": {"pl": title},
        "category": "maritime",
        "dates": {
            "certainty": "exact",
            "start": f"{kalendarium.year}-08-05",
            "end": f"{kalendarium.year}-08-05",
        },
        "venue": {"id": first, "name": "Rybakówka", "town": "Darłowo", "county": "3213"},
    }
    keys = Keys(kalendarium.logins["editor"].api_key, kalendarium.logins["curator"].api_key)
    async with people(keys, ingest=kalendarium.url, calendar=kalendarium.url, public=kalendarium.url) as found:
        sent = await found[0].send(event)
    async with opened_window(browser, kalendarium, visitor="curator") as window:
        await window.visit(f"/ingest/venues/{first}")
        async with window.page.expect_navigation():
            await window.page.get_by_role("button", name=re.compile("zostaje to drugie.*pod mewą")).click()
        await expect(window.page.get_by_text("Miejsca zostały połączone.")).to_be_visible()

    async with opened_window(browser, kalendarium, visitor="editor") as window:
        await window.visit("/ingest/")
        async with window.page.expect_navigation():
            await window.page.get_by_role("button", name=f"Zmień na to miejsce {title}").click()
        await expect(window.page).to_have_url(f"{kalendarium.url}/ingest/submissions/{sent.id}")
        await expect(window.page.locator("main")).to_contain_text("Rybakówka pod mewą")
        await expect(window.page.locator("main")).to_contain_text("Wersję 2 wysłano")
