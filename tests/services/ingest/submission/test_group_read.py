"""Group read on a real MongoDB: everybody gets the own answer, and the database is asked once."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from services.ingest.submission.group_read import GroupRead
from shared.database.client import Collection, ConnectionFailure
from tests.support.databases import open_patiently


class Counting:
    """A collection that counts its queries."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        self.queries = 0
        self.is_away = False

    def find(self, *arguments: Any) -> object:  # noqa: ANN401 - whatever the driver takes
        self.queries += 1
        if self.is_away:
            raise ConnectionFailure
        return self._collection.find(*arguments)


async def test_who_asks_at_the_same_moment_is_answered_by_one_query(mongo_url: str, database_name: str) -> None:
    async with open_patiently(mongo_url, database_name) as database:
        await database["things"].insert_many(
            [{"_id": f"t{number}", "version": number, "more": "x"} for number in (1, 2)]
        )
        counting = Counting(database["things"])
        read = GroupRead(cast("Collection", counting), {"version": 1})

        answers = await asyncio.gather(*(read.find(key) for key in ("t1", "t2", "t1", "none")))

        one, two = {"_id": "t1", "version": 1}, {"_id": "t2", "version": 2}
        assert (answers, counting.queries) == ([one, two, one, None], 1)


async def test_who_asks_later_sees_what_was_written_meanwhile(mongo_url: str, database_name: str) -> None:
    async with open_patiently(mongo_url, database_name) as database:
        read = GroupRead(database["things"], {"version": 1})
        assert await read.find("t1") is None

        await database["things"].insert_one({"_id": "t1", "version": 7})

        assert await read.find("t1") == {"_id": "t1", "version": 7}


async def test_what_is_expected_is_read_at_once_by_the_first_question(mongo_url: str, database_name: str) -> None:
    async with open_patiently(mongo_url, database_name) as database:
        await database["things"].insert_many([{"_id": f"t{number}", "version": number} for number in (1, 2)])
        counting = Counting(database["things"])
        read = GroupRead(cast("Collection", counting), {"version": 1})

        read.expect(["t1", "t2", "none"])
        answers = [await read.find(key) for key in ("t1", "none", "t2", "t1")]

        one, two = {"_id": "t1", "version": 1}, {"_id": "t2", "version": 2}
        assert (answers, counting.queries) == ([one, None, two, one], 1)


async def test_what_is_expected_anew_is_read_anew(mongo_url: str, database_name: str) -> None:
    async with open_patiently(mongo_url, database_name) as database:
        read = GroupRead(database["things"], {"version": 1})
        read.expect(["t1"])
        assert await read.find("t1") is None

        await database["things"].insert_one({"_id": "t1", "version": 7})
        read.expect(["t1"])

        assert await read.find("t1") == {"_id": "t1", "version": 7}


async def test_an_outage_is_nobodys_answer_once_it_is_over(mongo_url: str, database_name: str) -> None:
    async with open_patiently(mongo_url, database_name) as database:
        counting = Counting(database["things"])
        read = GroupRead(cast("Collection", counting), {"version": 1})
        read.expect(["t1"])
        counting.is_away = True
        with pytest.raises(ConnectionFailure):
            await read.find("t1")

        counting.is_away = False

        assert await read.find("t1") is None


async def test_who_goes_away_takes_nobodys_answer_along(mongo_url: str, database_name: str) -> None:
    async with open_patiently(mongo_url, database_name) as database:
        await database["things"].insert_one({"_id": "t1", "version": 7})
        read = GroupRead(database["things"], {"version": 1})
        leaver, stayer = asyncio.create_task(read.find("t1")), asyncio.create_task(read.find("t1"))
        await asyncio.sleep(0)
        leaver.cancel()

        assert await stayer == {"_id": "t1", "version": 7}
