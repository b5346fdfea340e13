"""What is asked of MongoDB with more or less patience than a request has."""

from __future__ import annotations

import asyncio

import pytest

from deploy.local.ports import LOOPBACK
from shared.database.client import ASCENDING, IndexModel, PyMongoError, create_indexes, is_unavailable, open_database

INDEX = IndexModel([("number", ASCENDING)], name="number")


async def test_indexes_are_waited_for_longer_than_any_other_call(mongo_url: str, database_name: str) -> None:
    """After a large restore building them takes longer than a call may: cut off, it would begin again for ever."""
    async with open_database(mongo_url, database_name) as database:
        await database["things"].insert_one({"number": 1})
    async with open_database(mongo_url, database_name, timeout_ms=1) as hasty:
        await create_indexes(hasty["things"], [INDEX])
    async with open_database(mongo_url, database_name) as database:
        made = await database["things"].index_information()

    assert made.keys() == {"_id_", "number"}


async def test_database_that_is_away_is_not_waited_for_as_long_as_indexes(database_name: str) -> None:
    async with open_database(f"mongodb://{LOOPBACK}:1/", database_name) as away, asyncio.timeout(120):
        with pytest.raises(PyMongoError) as raised:
            await create_indexes(away["things"], [INDEX])

    assert is_unavailable(raised.value)
