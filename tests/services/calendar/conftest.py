"""A whole calendar on a real MongoDB and the embedded event log, and people who use it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from services.calendar.app import Settings, create_app
from services.calendar.consumer import on_submission
from services.calendar.state import State
from services.calendar.store import Entries
from shared.database import Database, open_database
from shared.messages import SubmissionMessage
from shared.web.accounts import Accounts, Role
from tests.services.calendar.builders import NOW

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
    async with open_database(settings.mongo_url, settings.database("calendar")) as opened:
        yield opened


@pytest.fixture
async def entries(database: Database) -> Entries:
    made = Entries(database, wake=lambda _: None)
    await made.prepare()
    return made


@pytest.fixture
async def calendar(settings: Settings, database: Database) -> AsyncIterator[Calendar]:
    app = create_app(settings)
    async with AsyncExitStack() as opened:
        await opened.enter_async_context(app.router.lifespan_context(app))
        accounts: Accounts = app.state.accounts
        keys = [await key_of(accounts, role) for role in ("curator", "editor")]
        curator, editor, nobody = [await opened.enter_async_context(client(app, key)) for key in (*keys, None)]
        yield Calendar(
            app=app,
            state=app.state.service,
            database=database,
            log=await opened.enter_async_context(open_database(settings.mongo_url, settings.database("log"))),
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
    return await accounts.new_key(account.id)


def client(app: FastAPI, key: str | None) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=ADDRESS, headers=headers)
