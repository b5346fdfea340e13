"""What a browser fills in by itself: an editor's own address stays out of the venue, which everybody sees."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import pytest
import pytest_asyncio
from playwright.async_api import Browser, CDPSession, Error, Page

from tests.browser.conftest import OpenWindow
from tests.browser.windows import PATIENCE, opened_browser

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

EDITOR: Final = {
    "NAME_FULL": "Anna Żak",
    "COMPANY_NAME": "Firma Żak",
    "EMAIL_ADDRESS": "anna@home.example",
    "PHONE_HOME_WHOLE_NUMBER": "+48 91 555 44 33",
    "ADDRESS_HOME_STREET_ADDRESS": "Domowa 7",
    "ADDRESS_HOME_ZIP": "71-100",
    "ADDRESS_HOME_CITY": "Police",
    "ADDRESS_HOME_STATE": "zachodniopomorskie",
    "ADDRESS_HOME_COUNTRY": "PL",
}
"""An address as Chromium keeps it."""
TRIGGERED_ANEW: Final = 5.0
FILLED: Final = """() => Object.fromEntries([...document.querySelectorAll("main input, main select, main textarea")]
  .filter(each => each.type !== "hidden" && each.type !== "radio" && each.type !== "checkbox" && each.value)
  .map(each => [each.name, each.value]))"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def browser(whole_chromium_path: Path) -> AsyncIterator[Browser]:
    """A Chromium that completes forms."""
    async with opened_browser(whole_chromium_path) as opened:
        yield opened


async def autofilled(page: Page, name: str) -> dict[str, str]:
    """Let Chromium complete the form from a field, and give the fields that it filled."""
    await page.locator(".folded").evaluate_all("parts => parts.forEach(part => part.open = true)")
    before = await page.evaluate(FILLED)
    devtools = await page.context.new_cdp_session(page)
    address = {"fields": [{"name": name, "value": value} for name, value in EDITOR.items()]}
    await devtools.send("Autofill.enable")
    await devtools.send("Autofill.setAddresses", {"addresses": [address]})
    done = devtools_event(devtools, "Autofill.addressFormFilled")
    await page.locator(f"[name='{name}']").click()
    field = await _backend_node(devtools, f"[name='{name}']")
    end = time.monotonic() + PATIENCE / 1000
    while not (done and await page.evaluate(FILLED) != before):
        assert time.monotonic() < end, f"Chromium filled {'no field' if done else 'nothing'}"
        await _trigger(page, devtools, {"fieldId": field, "address": address})
        # A field is filled a moment after Chromium says so, and never if the form was drawn anew in between.
        await _wait_until_changed(page, before)
    await page.wait_for_timeout(300)  # for a field that would be filled too
    after = await page.evaluate(FILLED)
    return {name: value for name, value in after.items() if before.get(name) != value}


async def _wait_until_changed(page: Page, before: dict[str, str]) -> None:
    end = time.monotonic() + TRIGGERED_ANEW
    while time.monotonic() < end and await page.evaluate(FILLED) == before:
        await page.wait_for_timeout(100)


def devtools_event(devtools: CDPSession, name: str) -> list[Any]:
    """Collect events of the browser."""
    heard: list[Any] = []
    devtools.on(name, lambda event: heard.append(event))  # noqa: PLW0108 - Playwright cannot wrap a built-in
    return heard


async def _backend_node(devtools: CDPSession, selector: str) -> int:
    document = await devtools.send("DOM.getDocument", {})
    asked = {"nodeId": document["root"]["nodeId"], "selector": selector}
    found = await devtools.send("DOM.querySelector", asked)
    described = await devtools.send("DOM.describeNode", {"nodeId": found["nodeId"]})
    return int(described["node"]["backendNodeId"])


async def _trigger(page: Page, devtools: CDPSession, sent: dict[str, Any]) -> None:
    """Choose the suggestion; Chromium reads a form a moment after it was drawn."""
    end = time.monotonic() + PATIENCE / 1000
    while time.monotonic() < end:
        try:
            await devtools.send("Autofill.trigger", sent)
        except Error as error:
            if "Field not found" not in str(error):
                raise
        else:
            return
        await page.wait_for_timeout(100)
    pytest.fail("Chromium never found the field")


@pytest.mark.parametrize("name", ["contact.name", "contact.email", "contact.phone"])
async def test_completing_the_contact_leaves_everything_else_alone(name: str, open_window: OpenWindow) -> None:
    async with open_window(visitor="editor") as window:
        await window.visit("/ingest/submissions/new")

        filled = await autofilled(window.page, name)

    assert filled == {
        "contact.name": "Anna Żak",
        "contact.email": "anna@home.example",
        "contact.phone": "+48915554433",
    }


@pytest.mark.parametrize("name", ["venue.name", "venue.street", "venue.postcode", "venue.town"])
async def test_completing_the_venue_leaves_the_contact_alone(name: str, open_window: OpenWindow) -> None:
    async with open_window(visitor="editor") as window:
        await window.visit("/ingest/submissions/new")

        filled = await autofilled(window.page, name)

    assert filled == {
        "venue.name": "Firma Żak",
        "venue.street": "Domowa 7",
        "venue.postcode": "71-100",
        "venue.town": "Police",
    }
