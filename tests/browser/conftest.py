"""One running system with the programme in it, and one browser, for all tests that look at pages."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext
from pymongo import MongoClient

from shared.settings import CommonSettings
from tests.browser.kalendarium import Kalendarium, filled, started, started_style_guide
from tests.browser.scene import Scene, stage
from tests.browser.windows import DESK, HEIGHT, Window, opened_browser, opened_window

OpenWindow = Callable[..., AbstractAsyncContextManager[Window]]


@pytest.fixture(scope="session")
def running(
    chromium_path: Path,
    mongo_url: str,
    mongo_client: MongoClient[dict[str, Any]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[CommonSettings]:
    """The three services in one process; not started where there is no browser to look at them."""
    prefix = f"test_{uuid4().hex[:16]}"
    with started(mongo_url, prefix=prefix, folder=tmp_path_factory.mktemp("kalendarium")) as settings:
        yield settings
    for database in mongo_client.list_database_names():
        if database.startswith(prefix):
            mongo_client.drop_database(database)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def kalendarium(running: CommonSettings) -> Kalendarium:
    """The running system with its log-ins and the region's programme."""
    return await filled(running)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def scene(kalendarium: Kalendarium, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    """An event in each state; no test changes one of them."""
    with started_style_guide(tmp_path_factory.mktemp("style-guide")) as style_guide:
        yield await stage(kalendarium, style_guide)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(chromium_path: Path) -> AsyncIterator[Browser]:
    """A Chromium."""
    async with opened_browser(chromium_path) as opened:
        yield opened


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def profile(browser: Browser) -> AsyncIterator[BrowserContext]:
    """One for all pages that are only looked at: to make one takes Chromium as long as to draw a page."""
    made = await browser.new_context(
        viewport={"width": DESK, "height": HEIGHT},
        color_scheme="light",
        locale="pl-PL",
        timezone_id="Europe/Warsaw",
        reduced_motion="reduce",
    )
    yield made
    await made.close()


@pytest.fixture
def open_window(browser: Browser, kalendarium: Kalendarium) -> OpenWindow:
    """Opens a window with an empty profile; takes what ``opened_window`` takes."""
    return partial(opened_window, browser, kalendarium)
