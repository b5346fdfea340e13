"""A word that has no end breaks into lines: it pushes no page of a phone sideways."""

from __future__ import annotations

from typing import Final

import pytest
from playwright.async_api import BrowserContext

from tests.browser.kalendarium import Kalendarium, Visitor
from tests.browser.scene import Scene, make_regatta
from tests.browser.sight import press, write
from tests.browser.windows import HEIGHT, ReusedWindow
from tests.support.clients import Keys, eventually, people

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SMALLEST: Final = 320
WORD: Final = "Żegl" * 30
TOO_WIDE: Final = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
LONG: Final = {"summary": {"pl": WORD}, "description": {"pl": WORD}, "tickets": {"free": True}}


async def test_a_word_of_120_letters_pushes_no_page_of_a_phone_sideways(
    profile: BrowserContext,
    kalendarium: Kalendarium,
    scene: Scene,
) -> None:
    assert scene.longest, "is chosen before this title is there"
    window = ReusedWindow(profile, kalendarium)
    found: dict[str, tuple[bool, int]] = {}

    async def look(visitor: Visitor, *paths: str) -> None:
        async with window.used(visitor=visitor) as opened:
            await opened.page.set_viewport_size({"width": SMALLEST, "height": HEIGHT})
            for path in paths:
                await opened.visit(path)
                shown = await opened.page.locator("main").inner_text()
                found[path] = (WORD[:100] in shown.replace("\n", ""), await opened.page.evaluate(TOO_WIDE))

    async def save_draft() -> None:
        async with window.used(visitor="editor") as opened:
            await opened.visit("/ingest/submissions/new")
            await write("Tytuł", WORD)(opened.page)
            await press("Zapisz szkic")(opened.page)

    keys = Keys(kalendarium.logins["editor"].api_key, kalendarium.logins["curator"].api_key)
    url, year = kalendarium.url, kalendarium.year
    dates = {"certainty": "provisional", "start": f"{year}-11-20", "end": f"{year}-11-21"}
    venue = {"name": WORD, "street": WORD, "town": "Mielno", "county": "3209"}
    async with people(keys, ingest=url, calendar=url, public=url) as (editor, curator, reader):
        sent = await editor.send(make_regatta(year, "", **LONG, dates=dates, venue=venue) | {"title": {"pl": WORD}})

        async def is_waiting() -> bool:
            return sent.id in await curator.waiting()

        async def is_public() -> int:
            return (await reader.page(sent.id)).status_code

        assert await eventually(is_waiting, expected=True)
        await look("curator", "/calendar/", f"/calendar/entries/{sent.id}")
        await save_draft()
        await look("editor", "/ingest/", f"/ingest/submissions/{sent.id}", f"/ingest/submissions/{sent.id}/edit")
        await look("editor", "/ingest/submissions/new")
        await curator.accept(sent.id)
        assert await eventually(is_public, 200) == 200
        await look("nobody", f"/pl/{year}/11", f"/pl/events/{sent.id}")
        await editor.withdraw(await editor.find(sent.id))

    assert {path: by for path, (_said, by) in found.items() if by > 0} == {}
    assert [path for path, (said, _by) in found.items() if not said and not path.endswith("/edit")] == []
