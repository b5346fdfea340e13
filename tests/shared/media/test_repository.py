from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import timedelta

import pytest

from shared.database.client import Database
from shared.media.model import SOURCE, Focus, MadePicture
from shared.media.repository import Pictures
from tests.shared.conftest import Clock

MEDIA = "ab" * 32
MADE = MadePicture(width=600, height=400, source=b"source" * 100_000, files={"400.webp": b"webp", "400.jpg": b"jpeg"})


@pytest.fixture
async def pictures(database: Database, clock: Clock) -> Pictures:
    found = Pictures(database, clock)
    await found.prepare()
    return found


async def put(pictures: Pictures, organisation: str = "lot-a") -> None:
    await pictures.put(MEDIA, MEDIA, Focus(0.2, 0.3), MADE, organisation)


async def check_nothing_is_left_over(database: Database) -> None:
    used = {each["file"] async for found in database["pictures"].find() for each in found["files"]}
    assert {str(each) for each in await database["fs.files"].distinct("_id")} == used
    assert {str(each) for each in await database["fs.chunks"].distinct("files_id")} == used
    assert await database["unsettled"].count_documents({}) == 0


async def test_a_picture_is_found_with_its_files(pictures: Pictures) -> None:
    await put(pictures)

    found = await pictures.find(MEDIA)

    assert found is not None
    assert (found.media, found.focus, found.width, found.height) == (MEDIA, Focus(0.2, 0.3), 600, 400)
    assert found.names == ["400.webp", "400.jpg"]
    assert found.owners == {"lot-a"}
    assert [await pictures.read(MEDIA, name) for name in (SOURCE, *found.names)] == [MADE.source, b"webp", b"jpeg"]


@pytest.mark.parametrize(("media", "name"), [("cd" * 32, "400.jpg"), (MEDIA, "800.jpg"), (MEDIA, "")])
async def test_what_is_not_there_is_none(pictures: Pictures, media: str, name: str) -> None:
    await put(pictures)

    assert await pictures.read(media, name) is None
    assert await pictures.find("cd" * 32) is None
    assert await pictures.add_owner("cd" * 32, "lot-a") is None


async def test_the_same_picture_is_stored_once_for_all_who_send_it_at_once(
    pictures: Pictures, database: Database
) -> None:
    owners = [f"lot-{number}" for number in range(6)]

    await asyncio.gather(*(put(pictures, each) for each in owners))

    found = await pictures.find(MEDIA)
    assert found is not None
    assert found.owners == set(owners)
    assert await database["fs.files"].count_documents({}) == 3
    size = len(MADE.source) + len(b"webp") + len(b"jpeg")
    assert [await pictures.measure_owned(each) for each in ("lot-0", "lot-x")] == [(1, size), (0, 0)]
    await check_nothing_is_left_over(database)


async def test_a_picture_goes_with_its_last_owner(pictures: Pictures, database: Database) -> None:
    await put(pictures, "lot-a")
    await put(pictures, "lot-b")

    for owner in ("lot-a", "lot-a", "lot-x"):
        await pictures.release(MEDIA, owner)
    assert await pictures.read(MEDIA, "400.jpg") == b"jpeg"

    await pictures.release(MEDIA, "lot-b")
    assert await pictures.find(MEDIA) is None
    await check_nothing_is_left_over(database)
    assert await database["fs.chunks"].count_documents({}) == 0


async def test_a_picture_that_is_sent_while_it_is_deleted_is_whole_or_gone(
    pictures: Pictures, database: Database
) -> None:
    await put(pictures)

    await asyncio.gather(pictures.release(MEDIA, "lot-a"), put(pictures, "lot-b"), put(pictures, "lot-c"))

    assert await pictures.read(MEDIA, SOURCE) == MADE.source
    await check_nothing_is_left_over(database)


@pytest.mark.parametrize("moment", range(8))
async def test_nothing_is_left_over_wherever_a_write_is_cut_off(
    pictures: Pictures, database: Database, clock: Clock, moment: int
) -> None:
    for act in (put(pictures), pictures.release(MEDIA, "lot-a"), put(pictures)):
        work = asyncio.create_task(act)
        await asyncio.sleep(moment * 0.008)
        work.cancel()
        with suppress(asyncio.CancelledError):
            await work
    assert await pictures.settle() == 0  # others may be at it

    clock.passes(timedelta(days=1, seconds=1))
    await pictures.settle()

    await check_nothing_is_left_over(database)
    assert await pictures.read(MEDIA, SOURCE) in {None, MADE.source}
