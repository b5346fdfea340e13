from __future__ import annotations

from shared.database.client import Database
from shared.database.files import Files

LONG = bytes(range(256)) * 4_000


async def test_a_file_is_read_as_it_was_written(database: Database) -> None:
    files, file_id = Files(database), Files.draw_id()

    await files.write(file_id, "long", LONG)

    assert await files.read(file_id) == LONG


async def test_a_file_that_is_not_there_is_none_and_can_be_deleted(database: Database) -> None:
    files, file_id = Files(database), Files.draw_id()

    await files.delete(file_id)

    assert await files.read(file_id) is None


async def test_nothing_is_left_of_a_deleted_file_not_even_of_half_a_one(database: Database) -> None:
    files, whole, half = Files(database), Files.draw_id(), Files.draw_id()
    for each in (whole, half):
        await files.write(each, "long", LONG)
    await database["fs.files"].delete_one({"filename": "long", "_id": {"$ne": None}})

    for each in (whole, half):
        await files.delete(each)

    assert await database["fs.chunks"].count_documents({}) == 0
    assert await database["fs.files"].count_documents({}) == 0
