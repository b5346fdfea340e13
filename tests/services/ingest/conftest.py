"""A whole ingest on a real MongoDB and the embedded event log, and people who use it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from services.ingest.app import Settings, create_app
from services.ingest.state import State
from shared.accounts.accounts import Accounts
from shared.database.client import Database
from tests.support.accounts import open_quick_accounts
from tests.support.databases import open_patiently
from tests.support.smtp import MailServer, run_mail_server

PASSWORD = "Wały Chrobrego 1913"
REGION = Path(__file__).parents[3] / "deploy" / "region"


@dataclass(frozen=True)
class Ingest:
    """A running ingest: its app, its state, its database, and clients of two organisations and a curator."""

    app: FastAPI
    state: State
    database: Database
    log: Database
    accounts: Accounts
    lot: httpx.AsyncClient
    other: httpx.AsyncClient
    curator: httpx.AsyncClient
    nobody: httpx.AsyncClient


@pytest.fixture
def settings(mongo_url: str, database_name: str) -> Settings:
    return Settings(mongo_url=mongo_url, database_prefix=database_name, region=REGION, public_url="http://ingest.test")


@pytest.fixture
async def mail_server() -> AsyncIterator[MailServer]:
    async with run_mail_server() as running:
        yield running


@pytest.fixture
async def mailing(settings: Settings, mail_server: MailServer) -> AsyncIterator[Ingest]:
    """An ingest that sends mail."""
    async with run_ingest(settings.model_copy(update={"smtp_url": mail_server.url})) as running:
        yield running


@pytest.fixture
async def ingest(settings: Settings) -> AsyncIterator[Ingest]:
    async with run_ingest(settings) as running:
        yield running


@asynccontextmanager
async def run_ingest(settings: Settings) -> AsyncIterator[Ingest]:
    app = create_app(settings)
    async with AsyncExitStack() as opened:
        await opened.enter_async_context(app.router.lifespan_context(app))
        accounts = await opened.enter_async_context(open_quick_accounts(settings))
        database = await opened.enter_async_context(open_patiently(settings.mongo_url, settings.database("ingest")))
        log = await opened.enter_async_context(open_patiently(settings.mongo_url, settings.database("log")))
        clients = [await opened.enter_async_context(client(app, key)) for key in await keys(accounts)]
        nobody = await opened.enter_async_context(client(app, None))
        yield Ingest(app, app.state.service, database, log, accounts, *clients, nobody)  # type: ignore[call-arg]  # three clients


async def keys(accounts: Accounts) -> list[str]:
    """Make an editor of each of two organisations and a curator, and give their API keys."""
    made = []
    for email, organisation, role in (
        ("lot@example.pl", "lot-szczecin", "editor"),
        ("inny@example.pl", "lot-inny", "editor"),
        ("kurator@example.pl", "zrot", "curator"),
    ):
        account = await accounts.put_account(
            email=email,
            name="Anna Żak",
            organisation=organisation,
            organisation_name=organisation.upper(),
            role=role,  # type: ignore[arg-type]  # one of the three roles
            password=PASSWORD,
        )
        made.append(await accounts.create_key(account.id))
    return made


def client(app: FastAPI, key: str | None) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    transport = httpx.ASGITransport(app=app)
    return httpx.AsyncClient(transport=transport, base_url="http://ingest.test", headers=headers)
