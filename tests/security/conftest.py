"""One running system a module; its databases are dropped afterwards."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from pymongo import MongoClient
from structlog.testing import capture_logs

from tests.security.premises import Premises, opened_premises


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def premises(mongo_url: str, mongo_client: MongoClient[dict[str, Any]]) -> AsyncIterator[Premises]:
    prefix = f"test_{uuid4().hex[:16]}"
    async with opened_premises(mongo_url, prefix) as opened:
        yield opened
    for database in mongo_client.list_database_names():
        if database.startswith(prefix):
            mongo_client.drop_database(database)


@pytest.fixture(autouse=True)
def _lines_kept() -> Iterator[None]:
    """Keep log lines out of the way: drawing the traceback of an expected failure takes seconds."""
    with capture_logs():
        yield
