"""Every page of the three services, in every state it can show: for all eyes, on all screens, without a complaint."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import asdict
from typing import Final

import pytest
import pytest_asyncio
from fastapi import FastAPI
from playwright.async_api import BrowserContext, Page

import services.calendar.app
import services.distribution.app
import services.ingest.app
from shared.web.auth.roles import iterate_routes
from shared.web.pages.language import is_for_programs
from tests.browser.axe import examined
from tests.browser.kalendarium import PACK, Kalendarium
from tests.browser.public_sights import PUBLIC
from tests.browser.scene import Scene
from tests.browser.sight import Sight
from tests.browser.sights import NO_PAGES, SIGHTS
from tests.browser.windows import DESK, HEIGHT, PHONE, ReusedWindow, Scheme, Window

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

LOOKS: Final[Sequence[tuple[Scheme, int]]] = (("light", PHONE), ("dark", DESK))
"""All rules of axe run at each width and in each scheme. ``tests/shared/web/pages/test_contrast.py`` measures every
pair of colours that may meet in both schemes, so light on a desk and dark on a phone have no rule of their own."""
SMALLEST = 320
SPACING = """
() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`* {line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important}
    p {margin-block-end: 2em !important}`);
  document.adoptedStyleSheets = [sheet];
}
"""
"""The text spacing that WCAG 1.4.12 wants a page to bear; a sheet made so is not subject to the page's policy."""
TOO_WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


def apps() -> Iterator[FastAPI]:
    yield services.ingest.app.create_app(services.ingest.app.Settings(region=PACK))
    yield services.calendar.app.create_app(services.calendar.app.Settings(region=PACK))
    yield services.distribution.app.create_app(services.distribution.app.Settings(region=PACK)).fastapi


def page_routes() -> set[str]:
    """Every route by which a person can be answered, as ``GET /pl/``."""
    return {
        f"{method} {route.path}"
        for app in apps()
        for route in iterate_routes(app)
        for method in route.methods or ()
        if method != "HEAD" and not is_for_programs(route.path or "")
    } - NO_PAGES


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def reused_window(profile: BrowserContext, kalendarium: Kalendarium) -> ReusedWindow:
    return ReusedWindow(profile, kalendarium)


async def test_every_route_of_a_page_is_looked_at() -> None:
    looked_at = {route for sight in SIGHTS for route in sight.routes}

    assert looked_at == page_routes()


@pytest.mark.parametrize("sight", SIGHTS, ids=lambda sight: sight.name)
async def test_page_has_no_barrier_and_no_complaint(
    sight: Sight, reused_window: ReusedWindow, kalendarium: Kalendarium, scene: Scene
) -> None:
    """Light on a phone and dark on a desk, on the smallest screen and with wide text spacing."""
    async with reused_window.used(visitor=sight.visitor) as window:
        await arrive(window, sight, kalendarium, scene)
        complaints = list(window.complaints)  # from here on axe itself breaks the page's policy
        barriers = [each async for each in every_look(window.page, sight)]

        assert complaints + barriers + await too_wide(window.page) == []
        assert sight not in PUBLIC or await scripts(window) == []


async def every_look(page: Page, sight: Sight) -> AsyncIterator[str]:
    """Give what axe finds in each look that a page has; a translation has the first one."""
    looks = LOOKS[:1] if sight.translated else LOOKS
    for scheme, width in looks:
        await page.emulate_media(color_scheme=scheme)
        await page.set_viewport_size({"width": width, "height": HEIGHT})
        for found in await examined(page):
            yield f"{scheme}, {width} px: {found}"


async def scripts(window: Window) -> list[str]:
    """Give what a page runs; data in a script element is none."""
    inside = window.page.locator("script:not([type='application/ld+json'])")
    return window.scripts + [await each.evaluate("element => element.outerHTML") for each in await inside.all()]


async def arrive(window: Window, sight: Sight, kalendarium: Kalendarium, scene: Scene) -> None:
    """Go to what is to be seen."""
    address = sight.address.format_map(asdict(scene) | kalendarium.mails | kalendarium.years)
    response = await window.visit(address)
    assert response.status == sight.status, f"{address} answered {response.status}"
    if sight.act:
        await sight.act(window.page)


async def too_wide(page: Page) -> list[str]:
    """Say by how much a page is too wide for the smallest screen, as it is and with wide text spacing."""
    await page.set_viewport_size({"width": SMALLEST, "height": HEIGHT})
    plain = await page.evaluate(TOO_WIDE)
    await page.evaluate(SPACING)
    spaced = await page.evaluate(TOO_WIDE)
    excess = {"as it is": plain, "with wide text spacing": spaced}
    return [f"{SMALLEST} px, {how}: {by} px too wide" for how, by in excess.items() if by > 0]
