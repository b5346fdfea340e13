"""A chief of the calendar, in a browser and with a key."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.services.calendar.conftest import Browser, Calendar, browser, client, key_of


@pytest.fixture
async def chief_api(calendar: Calendar) -> AsyncIterator[httpx.AsyncClient]:
    async with client(calendar.app, await key_of(calendar.accounts, "chief")) as opened:
        yield opened


@pytest.fixture
async def chief(calendar: Calendar, chief_api: httpx.AsyncClient) -> AsyncIterator[Browser]:
    assert chief_api  # whose account it is
    opened = await browser(calendar, "chief")
    async with opened.client:
        yield opened
