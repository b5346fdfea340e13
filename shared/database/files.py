"""Files of any length in a database (GridFS), each under an id that is drawn before it is written."""

from __future__ import annotations

from bson import ObjectId
from gridfs import AsyncGridFSBucket
from gridfs.errors import NoFile

from shared.database.client import ASCENDING, Database, IndexModel, create_indexes


class Files:
    """Every call may raise PyMongoError; a write that failed may have left parts, which ``delete`` removes."""

    def __init__(self, database: Database) -> None:
        self._bucket = AsyncGridFSBucket(database)
        self._database = database

    async def prepare(self) -> None:
        """Create indexes; idempotent. GridFS makes them before the first file only, so not after a restore."""
        chunks = IndexModel([("files_id", ASCENDING), ("n", ASCENDING)], unique=True)
        await create_indexes(self._database["fs.chunks"], [chunks])
        await create_indexes(
            self._database["fs.files"], [IndexModel([("filename", ASCENDING), ("uploadDate", ASCENDING)])]
        )

    @staticmethod
    def draw_id() -> str:
        return str(ObjectId())

    async def write(self, file_id: str, name: str, content: bytes) -> None:
        """``name`` is for people who look into the database."""
        await self._bucket.upload_from_stream_with_id(ObjectId(file_id), name, content)

    async def read(self, file_id: str) -> bytes | None:
        try:
            stream = await self._bucket.open_download_stream(ObjectId(file_id))
        except NoFile:
            return None
        async with stream:
            return bytes(await stream.read())

    async def delete(self, file_id: str) -> None:
        """Idempotent."""
        try:
            await self._bucket.delete(ObjectId(file_id))
        except NoFile:
            return
