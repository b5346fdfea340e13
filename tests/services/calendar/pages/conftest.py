"""A curator and an editor at their browsers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from html import unescape

import httpx
import pytest

from shared.web.origin import csrf_token
from tests.services.calendar.builders import make_message
from tests.services.calendar.conftest import ADDRESS, PASSWORD, Calendar


@dataclass(frozen=True)
class Browser:
    """A logged-in browser without scripts; forms it sends carry the page's token."""

    client: httpx.AsyncClient
    csrf: str

    async def open(self, path: str, **headers: str) -> httpx.Response:
        return await self.client.get(path, headers=headers)

    async def send(self, path: str, fields: dict[str, object]) -> httpx.Response:
        return await self.client.post(path, data={"csrf": self.csrf, **fields})

    async def read(self, path: str) -> str:
        """Open a page that must be there, and give its text."""
        response = await self.open(path)
        assert response.status_code == 200, response.text
        return unescape(response.text)


async def browser(calendar: Calendar, role: str) -> Browser:
    token = await calendar.accounts.log_in(f"{role}@example.pl", PASSWORD, "127.0.0.1")
    client = httpx.AsyncClient(
        transport=httpx.ASGITransport(app=calendar.app),
        base_url=ADDRESS,
        headers={"Sec-Fetch-Site": "same-origin", "Accept-Language": "pl"},
        cookies={calendar.accounts.cookie_name: token},
    )
    return Browser(client, csrf_token(token))


@pytest.fixture
async def curator(calendar: Calendar) -> AsyncIterator[Browser]:
    opened = await browser(calendar, "curator")
    async with opened.client:
        yield opened


@pytest.fixture
async def editor(calendar: Calendar) -> AsyncIterator[Browser]:
    opened = await browser(calendar, "editor")
    async with opened.client:
        yield opened


async def arrive(calendar: Calendar, *names: str, **fields: object) -> None:
    """Let new submissions arrive, one a day."""
    for day, name in enumerate(names, 1):
        sent_at = f"2026-11-{day:02}T08:00:00.000Z"
        await calendar.receive(make_message(1, submission_id=f"0195-{name}", sent_at=sent_at, **fields))  # type: ignore[arg-type]  # any field
