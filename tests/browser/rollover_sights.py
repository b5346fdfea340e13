"""The pages of last year's events."""

from __future__ import annotations

import re
from typing import Final

from playwright.async_api import Page

from tests.browser.sight import Sight, one_after_another, press, write

ROLLOVER: Final = ("GET /ingest/rollover/{year}",)
ROLLOVER_SENT: Final = (*ROLLOVER, "POST /ingest/rollover/{year}")


async def make_no_drafts(page: Page) -> None:
    """Ask for drafts with nothing ticked."""
    async with page.expect_navigation():
        await page.get_by_role("button", name=re.compile("Zrób szkice na")).click()


async def leave_out(page: Page) -> None:
    """Tick one event of last year and ask for it not to return."""
    await page.get_by_label("Wybierz: Regaty o Puchar Jamna", exact=True).check()
    async with page.expect_navigation():
        await page.get_by_role("button", name=re.compile("Nie wracają w")).click()


async def settle(page: Page) -> None:
    """Make a draft of one event of last year and say that another does not return, unless that was done before."""
    draft = page.get_by_role("button", name="Zrób szkic Parada jachtów w Mielnie", exact=True)
    if not await draft.count():
        return
    async with page.expect_navigation():
        await draft.click()
    await page.goto(f"{page.url.partition('?')[0]}?tick=none")
    await page.get_by_label("Wybierz: Święto latawców w Unieściu", exact=True).check()
    async with page.expect_navigation():
        await page.get_by_role("button", name=re.compile("Nie wracają w")).click()
    await write("Dlaczego?", "nie ma sponsora")(page)
    await press("1 wydarzenie nie wraca")(page)


LAST_YEAR: Final = (
    Sight("rollover", "/ingest/rollover/{next_year}", ROLLOVER, "editor", pictured=True),
    Sight("rollover-en", "/ingest/rollover/{next_year}?lang=en", ROLLOVER, "editor", translated=True),
    Sight("rollover-empty", "/ingest/rollover/{next_year}", ROLLOVER, "newcomer", pictured=True),
    Sight(
        "rollover-none-ticked",
        "/ingest/rollover/{next_year}?tick=none",
        ROLLOVER_SENT,
        "editor",
        act=make_no_drafts,
        pictured=True,
    ),
    Sight(
        "rollover-declining",
        "/ingest/rollover/{next_year}?tick=none",
        ROLLOVER_SENT,
        "editor",
        act=leave_out,
        pictured=True,
    ),
    Sight(
        "rollover-no-reason",
        "/ingest/rollover/{next_year}?tick=none",
        ROLLOVER_SENT,
        "editor",
        act=one_after_another(leave_out, press("1 wydarzenie nie wraca")),
    ),
    Sight(
        "rollover-settled", "/ingest/rollover/{next_year}?tick=none", ROLLOVER_SENT, "editor", act=settle, pictured=True
    ),
)
