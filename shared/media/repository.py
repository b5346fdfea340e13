"""Stored pictures: what they are, whose, and their files, in a database that is opened here only."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import uuid4

from shared.clock import Clock, utc_now
from shared.database.client import Database, Document, IndexModel, ReturnDocument, create_indexes, open_database
from shared.database.files import Files
from shared.media.model import SOURCE, Focus, MadePicture
from shared.settings import CommonSettings

DATABASE: Final = "media"
TIMEOUT_MS: Final = 20_000
"""For one file: some megabytes, journalled by a majority."""
UNSETTLED: Final = timedelta(days=1)
AT_ONCE: Final = 1_000
"""Names in one query."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPicture:
    """``media`` is its name, ``upload`` the hash of what it was made of; ``names`` are those of its public files.

    Width and height are those of the source; ``owners`` are slugs of organisations.
    """

    media: str
    upload: str
    focus: Focus
    width: int
    height: int
    names: Sequence[str]
    owners: frozenset[str]


@asynccontextmanager
async def open_pictures(
    settings: CommonSettings, *, now: Clock = utc_now, timeout_ms: int = TIMEOUT_MS
) -> AsyncIterator[Pictures]:
    async with open_database(settings.mongo_url, settings.database(DATABASE), timeout_ms=timeout_ms) as database:
        yield Pictures(database, now)


class Pictures:
    """Every call may raise PyMongoError."""

    # A picture's document is written after its files, and removed before them. Meanwhile a note in ``unsettled`` names
    # the files, so that nothing is left over whatever dies.

    def __init__(self, database: Database, now: Clock = utc_now) -> None:
        self._pictures = database["pictures"]
        self._unsettled = database["unsettled"]
        self._files = Files(database)
        self._now = now

    async def prepare(self) -> None:
        """Create indexes; idempotent."""
        await self._files.prepare()
        await create_indexes(self._pictures, [IndexModel("owners")])
        await create_indexes(self._unsettled, [IndexModel("at")])

    async def find(self, media: str) -> StoredPicture | None:
        found = await self._pictures.find_one({"_id": media})
        return _read_document(found) if found else None

    async def find_all(self, media: Collection[str]) -> dict[str, StoredPicture]:
        """Find pictures by their names; ``media`` are few."""
        found = self._pictures.find({"_id": {"$in": sorted(media)}})
        return {each["_id"]: _read_document(each) async for each in found}

    async def claim_owned(self, organisation: str, media: Collection[str]) -> set[str]:
        """Return those of the pictures that the organisation has; from now on they count as used."""
        await self.note_used(media)
        found = self._pictures.find({"_id": {"$in": sorted(media)}, "owners": organisation}, {"_id": 1})
        return {each["_id"] async for each in found}

    async def measure_owned(self, organisation: str) -> tuple[int, int]:
        """Return how many pictures it has, and how many bytes they take."""
        group: Document = {"_id": None, "pictures": {"$sum": 1}, "bytes": {"$sum": "$bytes"}}
        async with await self._pictures.aggregate([{"$match": {"owners": organisation}}, {"$group": group}]) as found:
            async for each in found:
                return each["pictures"], each["bytes"]
        return 0, 0

    async def add_owner(self, media: str, organisation: str) -> StoredPicture | None:
        """None if there is no such picture."""
        found = await self._pictures.find_one_and_update(
            {"_id": media},
            {"$addToSet": {"owners": organisation}, "$unset": {"unused_since": ""}},
            return_document=ReturnDocument.AFTER,
        )
        return _read_document(found) if found else None

    async def put(self, media: str, upload: str, focus: Focus, made: MadePicture, organisation: str) -> StoredPicture:
        """Store a picture for an organisation; of one that is stored already only its owners change."""
        if there := await self.add_owner(media, organisation):
            return there
        contents = {SOURCE: made.source, **made.files}
        files = [{"name": name, "file": self._files.draw_id()} for name in contents]
        note = await self._note(media, files)
        for each in files:
            await self._files.write(each["file"], f"{media}-{each['name']}", contents[each["name"]])
        fresh: Document = {
            "upload": upload,
            "focus": {"x": focus.x, "y": focus.y},
            "width": made.width,
            "height": made.height,
            "files": files,
            "bytes": sum(map(len, contents.values())),
            "at": self._now(),
        }
        stored = await self._pictures.find_one_and_update(
            {"_id": media},
            {"$setOnInsert": fresh, "$addToSet": {"owners": organisation}},
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
        await self._settle(note)
        return _read_document(stored or {"_id": media, "owners": [organisation], **fresh})

    async def read(self, media: str, name: str) -> bytes | None:
        """None if there is no such picture, or it has no such file."""
        found = await self._pictures.find_one({"_id": media, "files.name": name}, {"files.$": 1})
        return await self._files.read(found["files"][0]["file"]) if found else None

    async def release(self, media: str, organisation: str) -> None:
        """Take an owner away; a picture without owners is deleted. Idempotent."""
        if found := await self._pictures.find_one({"_id": media, "owners": organisation}):
            note = await self._note(media, found["files"])
            await self._pictures.update_one({"_id": media}, {"$pull": {"owners": organisation}})
            await self._settle(note)

    async def note_used(self, media: Collection[str]) -> None:
        for some in _divide(sorted(media)):
            await self._pictures.update_many(
                {"_id": {"$in": some}, "unused_since": {"$exists": True}}, {"$unset": {"unused_since": ""}}
            )

    async def note_unused(self, used: Collection[str]) -> None:
        """Note since when the others are unused."""
        seen = self._pictures.find({"unused_since": {"$exists": False}}, {"_id": 1})
        unused = [each["_id"] async for each in seen if each["_id"] not in used]
        for some in _divide(unused):
            await self._pictures.update_many({"_id": {"$in": some}}, {"$set": {"unused_since": self._now()}})

    async def sweep(self, after: timedelta) -> int:
        """Delete what has been unused for longer; return how many pictures that were."""
        limit = {"$lt": self._now() - after}
        found = [each async for each in self._pictures.find({"unused_since": limit})]
        for each in found:
            note = await self._note(each["_id"], each["files"])
            await self._pictures.update_one({"_id": each["_id"], "unused_since": limit}, {"$set": {"owners": []}})
            await self._settle(note)
        return len(found)

    async def settle(self) -> int:
        """Finish what processes left undone when they died; return how many writes that were. To be done daily."""
        found = self._unsettled.find({"at": {"$lt": self._now() - UNSETTLED}})
        notes = [each async for each in found]
        for note in notes:
            await self._settle(note)
        return len(notes)

    async def _note(self, media: str, files: Sequence[Mapping[str, str]]) -> Document:
        note: Document = {"_id": str(uuid4()), "media": media, "files": list(files), "at": self._now()}
        await self._unsettled.insert_one(note)
        return note

    async def _settle(self, note: Document) -> None:
        await self._pictures.delete_one({"_id": note["media"], "owners": []})
        there = await self._pictures.find_one({"_id": note["media"]}, {"files": 1})
        used = {each["file"] for each in there["files"]} if there else set()
        for each in note["files"]:
            if each["file"] not in used:
                await self._files.delete(each["file"])
        await self._unsettled.delete_one({"_id": note["_id"]})


def _divide(names: Sequence[str]) -> list[Sequence[str]]:
    return [names[start : start + AT_ONCE] for start in range(0, len(names), AT_ONCE)]


def _read_document(document: Document) -> StoredPicture:
    return StoredPicture(
        media=document["_id"],
        upload=document["upload"],
        focus=Focus(document["focus"]["x"], document["focus"]["y"]),
        width=document["width"],
        height=document["height"],
        names=[each["name"] for each in document["files"] if each["name"] != SOURCE],
        owners=frozenset(document["owners"]),
    )
