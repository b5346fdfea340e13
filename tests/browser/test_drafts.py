"""A draft outlives the server and the browser: what is lost is what was typed in the last two seconds, or nothing."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Error, Page, Route, expect
from pymongo import MongoClient

from deploy.local.processes import Child
from services.demo.logins import Login, load_logins
from shared.region import load_region
from tests.browser.kalendarium import ORGANISATION, PACK, Kalendarium, Visitor, create_process
from tests.browser.windows import opened_window
from tests.support.accounts import open_quick_accounts

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

NEW: Final = "/ingest/submissions/new"
KEYS_PER_SECOND: Final = 12
MOST_LOST: Final = 2.0
"""Seconds of typing that may be lost when everything dies at once."""
TEXTS: Final = {"Miejscowość": "Mielno", "Pierwszy dzień": "12.6.2027"}


@dataclass(frozen=True)
class Mortal:
    """A running system that can be killed, and its database of drafts."""

    process: Child
    kalendarium: Kalendarium
    drafts: Any

    def read_text(self, name: str) -> str:
        """Read a field of the draft that was changed last."""
        found = self.drafts.find_one({"ended": None}, sort=[("changed_at", -1)]) or {"fields": []}
        return next((each["values"][0] for each in found["fields"] if each["name"] == name and each["values"]), "")


@pytest_asyncio.fixture(loop_scope="session")
async def mortal(
    mongo_url: str, mongo_client: MongoClient[dict[str, Any]], tmp_path: Path, chromium_path: Path
) -> AsyncIterator[Mortal]:
    prefix = f"test_{uuid4().hex[:16]}"
    process, settings = create_process(mongo_url, prefix=prefix, folder=tmp_path)
    with process:
        async with open_quick_accounts(settings) as accounts:
            loaded = await load_logins(accounts, load_region(PACK))
        logins: Mapping[Visitor, Login] = {"editor": loaded.organisations[ORGANISATION]}
        drafts = mongo_client[settings.database("ingest")]["drafts"]
        yield Mortal(process, Kalendarium(settings.public_url, 2027, logins, {}), drafts)
    for database in mongo_client.list_database_names():
        if database.startswith(prefix):
            mongo_client.drop_database(database)


async def type_steadily(page: Page, text: str, typed_at: list[float], half: asyncio.Event) -> None:
    """Type without a pause, note when each character was typed, and say when half of it is."""
    for character in text:
        await page.keyboard.type(character)
        typed_at.append(time.monotonic())
        if len(typed_at) == len(text) // 2:
            half.set()
        await asyncio.sleep(1 / KEYS_PER_SECOND)


async def test_typing_is_kept_when_the_server_is_killed_and_the_browser_closed(
    browser: Browser, mortal: Mortal
) -> None:
    """The database at the moment of the kill is what somebody finds whose browser died then, too."""
    words = " ".join(f"słowo{number}" for number in range(40))
    typed_at: list[float] = []
    half = asyncio.Event()
    async with opened_window(browser, mortal.kalendarium) as window:
        await window.log_in(mortal.kalendarium.logins["editor"], "ingest")
        await window.visit(NEW)
        await window.page.get_by_label("Opis").first.click()
        typing = asyncio.create_task(type_steadily(window.page, words, typed_at, half))
        await half.wait()
        mortal.process.kill()
        killed_at, typed_then = time.monotonic(), len(typed_at)
        stored = mortal.read_text("description.pl")
        await typing
        await expect(window.page.locator("#unsaved")).to_contain_text("Nie zapisano: serwer nie odpowiada.")
        mortal.process.start()
        await expect(window.page.locator("#unsaved")).to_be_empty()
        await expect(window.page.locator("#saved")).to_contain_text("Zapis roboczy")
        assert mortal.read_text("description.pl") == words

    lost = killed_at - typed_at[len(stored)] if len(stored) < typed_then else 0.0
    print(f"typed {typed_then} characters, stored {len(stored)}, lost the last {lost:.2f} s")  # noqa: T201 - the figure
    assert words.startswith(stored)
    assert stored
    assert lost <= MOST_LOST

    async with opened_window(browser, mortal.kalendarium) as again:
        await again.log_in(mortal.kalendarium.logins["editor"], "ingest")
        await again.page.get_by_role("link", name="Szkic bez tytułu").first.click()
        await expect(again.page.get_by_label("Opis").first).to_have_value(words)


async def fill(page: Page, title: str) -> None:
    await page.get_by_label("Tytuł").first.fill(title)
    await page.get_by_label("Rodzaj wydarzenia").select_option("maritime")
    for label, text in TEXTS.items():
        await page.get_by_label(label).first.fill(text)


async def test_the_same_event_is_sent_with_and_without_scripts(browser: Browser, mortal: Mortal) -> None:
    sent: list[Mapping[str, Any]] = []
    submissions = mortal.drafts.database["submissions"]
    for with_scripts in (True, False):
        async with opened_window(browser, mortal.kalendarium, with_scripts=with_scripts) as window:
            page = window.page
            await window.log_in(mortal.kalendarium.logins["editor"], "ingest")
            await window.visit(NEW)
            await fill(page, "Rejs po Jamnie")
            await page.get_by_role("button", name="Zapisz szkic").click()
            await expect(page.get_by_role("status").first).to_contain_text("Szkic jest zapisany.")
            await page.get_by_role("button", name="Wyślij do sprawdzenia").click()
            await expect(page.get_by_role("heading", level=1)).to_have_text("Rejs po Jamnie")
            assert window.complaints == []
        [made] = submissions.find()
        sent.append(made["event"])
        submissions.delete_many({})

    assert sent[0] == sent[1]
    assert mortal.drafts.count_documents({"ended": None}) == 0


async def test_a_save_under_way_while_the_form_is_sent_neither_warns_nor_comes_back(
    browser: Browser, mortal: Mortal
) -> None:
    """Saves are held back until the form is sent, and its answer until they would be answered."""
    sent = asyncio.Event()
    said: list[str] = []

    async def hold(route: Route) -> None:
        await sent.wait()
        with suppress(Error):  # it was stopped
            await route.continue_()

    async def send(route: Route) -> None:
        if route.request.method != "POST":
            await route.continue_()
            return
        answer = await route.fetch(max_redirects=0)
        sent.set()
        await asyncio.sleep(1.5)
        await route.fulfill(response=answer)

    async with opened_window(browser, mortal.kalendarium) as window:
        page = window.page
        await window.log_in(mortal.kalendarium.logins["editor"], "ingest")
        await window.visit(NEW)
        page.on("console", lambda message: said.append(message.text))
        await page.route("**/ingest/drafts/**", hold)
        await page.route(f"**{NEW}*", send)
        await fill(page, "Rejs po Jamnie")
        await page.get_by_role("button", name="Wyślij do sprawdzenia").click()
        await expect(page).to_have_url(re.compile(r"/ingest/submissions/[0-9a-f-]{36}$"))

    assert said == []
    assert mortal.drafts.count_documents({"ended": None}) == 0
