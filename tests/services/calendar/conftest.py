"""A whole calendar on a real MongoDB and the embedded event log, and people who use it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from services.calendar.app import Settings, create_app
from services.calendar.consumer import on_submission
from services.calendar.entry.repository import Entries
from services.calendar.state import State
from shared.accounts.accounts import Accounts, Role
from shared.database.client import Database
from shared.messages import SubmissionMessage
from shared.web.csrf import derive_csrf_token
from shared.web.http.session_cookie import get_session_cookie_name
from tests.services.calendar.builders import NOW, make_message
from tests.support.accounts import open_quick_accounts
from tests.support.databases import open_patiently

PASSWORD = "Wały Chrobrego 1913"
REGION = Path(__file__).parents[3] / "deploy" / "region"
ADDRESS = "http://calendar.test"


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """A running calendar: its app, its state, its databases, and clients of a curator, an editor and nobody."""

    app: FastAPI
    state: State
    database: Database
    log: Database
    accounts: Accounts
    curator: httpx.AsyncClient
    editor: httpx.AsyncClient
    nobody: httpx.AsyncClient

    async def receive(self, message: SubmissionMessage) -> None:
        """Let a message arrive as the consumer would."""
        await on_submission(self.state.entries, message, now=lambda: NOW)


@pytest.fixture
def settings(mongo_url: str, database_name: str) -> Settings:
    return Settings(mongo_url=mongo_url, database_prefix=database_name, region=REGION, public_url=ADDRESS)


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    async with open_patiently(settings.mongo_url, settings.database("calendar")) as opened:
        yield opened


@pytest.fixture
async def entries(database: Database) -> Entries:
    made = Entries(database, notify=lambda: None)
    await made.prepare()
    return made


@pytest.fixture
async def calendar(settings: Settings, database: Database) -> AsyncIterator[Calendar]:
    app = create_app(settings)
    async with AsyncExitStack() as opened:
        await opened.enter_async_context(app.router.lifespan_context(app))
        accounts = await opened.enter_async_context(open_quick_accounts(settings))
        keys = [await key_of(accounts, role) for role in ("curator", "editor")]
        curator, editor, nobody = [await opened.enter_async_context(client(app, key)) for key in (*keys, None)]
        yield Calendar(
            app=app,
            state=app.state.service,
            database=database,
            log=await opened.enter_async_context(open_patiently(settings.mongo_url, settings.database("log"))),
            accounts=accounts,
            curator=curator,
            editor=editor,
            nobody=nobody,
        )


async def key_of(accounts: Accounts, role: Role) -> str:
    """Make an account and give its API key."""
    account = await accounts.put_account(
        email=f"{role}@example.pl",
        name="Anna Żak",
        organisation="zrot",
        organisation_name="ZROT",
        role=role,
        password=PASSWORD,
    )
    return await accounts.create_key(account.id)


def client(app: FastAPI, key: str | None) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=ADDRESS, headers=headers)


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
        cookies={get_session_cookie_name(https=False): token},
    )
    return Browser(client, derive_csrf_token(token))


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
