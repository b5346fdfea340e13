"""The example service, with accounts in a real MongoDB where a test asks for them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from fastapi import FastAPI
from structlog.testing import capture_logs

from shared.accounts.accounts import Accounts
from shared.accounts.passwords import PasswordHasher
from shared.database.client import Database
from shared.settings import CommonSettings
from tests.shared.web.example import CURATOR, EDITOR, PASSWORD, browser, example_app, program
from tests.support.accounts import QUICK
from tests.support.databases import open_patiently


class Clock:
    """An instant that only a test moves."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def passes(self, time: timedelta) -> None:
        self.now += time


@pytest.fixture(autouse=True)
def _lines_kept() -> Iterator[None]:
    """Keep log lines out of the way: drawing the traceback of an expected failure takes seconds."""
    with capture_logs():
        yield


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def database(mongo_url: str, database_name: str) -> AsyncIterator[Database]:
    async with open_patiently(mongo_url, database_name) as opened:
        yield opened


@pytest.fixture
async def accounts(database: Database, clock: Clock) -> Accounts:
    found = Accounts(database, now=clock, passwords=PasswordHasher(QUICK))
    await found.prepare()
    await found.put_account(email="anna@lot.example", role="editor", password=PASSWORD, **EDITOR)
    await found.put_account(email="jan@zrot.example", role="curator", password=PASSWORD, **CURATOR)
    return found


@pytest.fixture
def settings() -> CommonSettings:
    return CommonSettings(public_url="http://kalendarium.test")


@pytest.fixture
def app(settings: CommonSettings) -> FastAPI:
    """The example without accounts, for what needs nobody to log in."""
    return example_app(settings)


@pytest.fixture
async def caller(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A program that calls the example without accounts."""
    async with program(app) as client:
        yield client


@pytest.fixture
def staffed_app(settings: CommonSettings, accounts: Accounts) -> FastAPI:
    return example_app(settings, accounts)


@pytest.fixture
async def visitor(staffed_app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A browser at the example, not logged in."""
    async with browser(staffed_app) as client:
        yield client
