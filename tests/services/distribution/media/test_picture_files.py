"""Files of pictures: within bounds, in an outage, and for many at once. The database is a function here."""

from __future__ import annotations

import asyncio

import pytest

from services.distribution.media.picture_files import (
    AT_ONCE,
    FIRST_PAUSE,
    LONGEST_PAUSE,
    WAITING,
    PictureFiles,
    PicturesUnreadable,
)
from shared.database.client import PyMongoError

A, B, C = ("a" * 64, "b" * 64, "c" * 64)


class Source:
    """What the database holds, and how often it was asked."""

    def __init__(self) -> None:
        self.files = {(A, "400.jpg"): b"a" * 10, (B, "400.jpg"): b"b" * 10, (C, "400.jpg"): b"c" * 10}
        self.asked: list[tuple[str, str]] = []
        self.away = False
        self.open = asyncio.Event()
        self.open.set()
        self.at_once = self.most = 0
        self.now = 1_000.0

    async def read(self, media: str, name: str) -> bytes | None:
        self.asked.append((media, name))
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        try:
            await self.open.wait()
            if self.away:
                raise PyMongoError("no server")
            return self.files.get((media, name))
        finally:
            self.at_once -= 1


def make(source: Source, max_bytes: int = 100) -> PictureFiles:
    return PictureFiles(source.read, max_bytes=max_bytes, now=lambda: source.now)


async def test_a_file_is_read_once_and_has_the_tag_of_its_bytes() -> None:
    source = Source()
    files = make(source)

    first, again = await files.get(A, "400.jpg"), await files.get(A, "400.jpg")

    assert first is again
    assert first is not None
    assert first.content == b"a" * 10
    other = await files.get(B, "400.jpg")
    assert other is not None
    assert first.etag != other.etag
    assert source.asked == [(A, "400.jpg"), (B, "400.jpg")]


async def test_a_picture_that_is_smaller_comes_as_large_as_it_is() -> None:
    source = Source()
    files = make(source)

    found = await files.get(A, "1600.jpg")

    assert found is not None
    assert found.content == b"a" * 10
    assert source.asked == [(A, "1600.jpg"), (A, "800.jpg"), (A, "400.jpg")]
    assert await files.get(A, "400.webp") is None


async def test_what_is_kept_stays_within_its_bytes_and_the_one_unused_longest_goes() -> None:
    source = Source()
    files = make(source, max_bytes=25)
    for media in (A, B, A, C, A, B):
        await files.get(media, "400.jpg")
        assert files.size <= 25

    assert [media for media, _name in source.asked] == [A, B, C, B]
    source.files[A, "800.jpg"] = b"x" * 26
    assert (await files.get(A, "800.jpg") or (b"",))[0] == b"x" * 26
    assert files.size <= 25


async def test_many_who_want_one_file_cause_one_read_and_one_who_leaves_does_not_end_it() -> None:
    source = Source()
    source.open.clear()
    files = make(source)
    waiting = [asyncio.create_task(files.get(A, "400.jpg")) for _ in range(50)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    await asyncio.sleep(0)

    source.open.set()

    assert {found.content for found in await asyncio.gather(*waiting[1:]) if found} == {b"a" * 10}
    assert source.asked == [(A, "400.jpg")]


async def test_reads_at_once_and_waiting_ones_are_bounded() -> None:
    source = Source()
    source.open.clear()
    files = make(source)
    waiting = [asyncio.create_task(files.get(f"{number:064x}", "400.jpg")) for number in range(WAITING + 20)]
    for _ in range(3):
        await asyncio.sleep(0)
    refused = [each for each in waiting if each.done()]

    source.open.set()
    answers = await asyncio.gather(*waiting, return_exceptions=True)

    assert len(refused) == 20
    assert all(isinstance(each.exception(), PicturesUnreadable) for each in refused)
    assert source.most == AT_ONCE
    assert answers.count(None) == WAITING


async def test_in_an_outage_nobody_waits_for_the_database_and_one_request_finds_out_that_it_is_over() -> None:
    source = Source()
    files = make(source)
    await files.get(A, "400.jpg")
    assert files.describe_problem() is None
    source.away = True
    with pytest.raises(PicturesUnreadable):
        await files.get(B, "400.jpg")
    asked = len(source.asked)

    for _ in range(100):
        with pytest.raises(PicturesUnreadable) as refused:
            await files.get(B, "400.jpg")
        assert refused.value.seconds >= 1
    assert len(source.asked) == asked
    assert (await files.get(A, "400.jpg") or (b"",))[0] == b"a" * 10, "what is kept is served meanwhile"
    assert "does not answer" in str(files.describe_problem())

    source.away, source.now = False, source.now + FIRST_PAUSE
    source.open.clear()
    probing = [asyncio.create_task(files.get(each, "400.jpg")) for each in (B, C)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    source.open.set()
    answers = await asyncio.gather(*probing, return_exceptions=True)
    assert [type(each) for each in answers].count(PicturesUnreadable) == 1
    assert (await files.get(C, "400.jpg") or (b"",))[0] == b"c" * 10
    assert files.describe_problem() is None


async def test_pauses_grow_up_to_a_minute() -> None:
    source = Source()
    source.away = True
    files = make(source)
    pauses = []
    for _ in range(8):
        with pytest.raises(PicturesUnreadable) as refused:
            await files.get(A, "400.jpg")
        pauses.append(refused.value.seconds)
        source.now += LONGEST_PAUSE

    assert pauses == [2, 4, 8, 16, 32, 60, 60, 60]
