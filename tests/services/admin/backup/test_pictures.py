"""Pictures in a backup: files come back, with the indexes that reading them needs."""

from __future__ import annotations

import io
from typing import Any

from pymongo import MongoClient

from services.admin.backup.restore import restore
from services.admin.backup.take import back_up
from shared.media.model import SOURCE, Focus, MadePicture
from shared.media.repository import open_pictures
from shared.settings import CommonSettings

MADE = MadePicture(width=600, height=400, source=bytes(range(256)) * 3_000, files={"400.jpg": b"jpeg"})


async def test_pictures_come_back_from_a_backup(
    mongo_url: str, mongo_client: MongoClient[dict[str, Any]], fresh_name: str
) -> None:
    before = CommonSettings(mongo_url=mongo_url, database_prefix=f"{fresh_name}a")
    after = CommonSettings(mongo_url=mongo_url, database_prefix=f"{fresh_name}b")
    async with open_pictures(before) as pictures:
        await pictures.put("ab" * 32, "ab" * 32, Focus(), MADE, "lot-a")
    packed = io.BytesIO()
    await back_up(before, packed)

    await restore(after, packed, replace=False)

    async with open_pictures(after) as pictures:
        await pictures.prepare()
        assert await pictures.read("ab" * 32, SOURCE) == MADE.source
    assert "files_id_1_n_1" in mongo_client[after.database("media")]["fs.chunks"].index_information()
