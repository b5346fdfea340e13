from __future__ import annotations

import pytest

from shared.database.client import Database
from shared.jobs.repository import Jobs


@pytest.fixture
async def jobs(database: Database) -> Jobs:
    found = Jobs(database["jobs"])
    await found.prepare()
    return found
