from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from shared.database.client import Collection, Database
from shared.eventlog.outbox.relay import OUTBOX_INDEX
from shared.eventlog.topics import PROGRAMME
from tests.shared.eventlog.desk import Desk
from tests.support.databases import open_patiently
from tests.support.fakes import FakeEventLog


@pytest.fixture
async def database(mongo_url: str, database_name: str) -> AsyncIterator[Database]:
    async with open_patiently(mongo_url, database_name) as database:
        yield database


@pytest.fixture
def event_log() -> FakeEventLog:
    """A log in memory; suites that run on a real one give their own."""
    return FakeEventLog([PROGRAMME])


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
async def entries(database: Database) -> Collection:
    await database["entries"].create_indexes([OUTBOX_INDEX])
    return database["entries"]
