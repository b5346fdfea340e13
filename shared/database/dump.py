"""Database dump: raw BSON for backup and restore, read in one snapshot session.

Nothing is decoded, so a copy keeps every type, order and number of the original.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from pymongo import AsyncMongoClient, timeout
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import OperationFailure
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from shared.database.client import Database, Document, open_database

# For one batch of documents.
COPY_TIMEOUT_MS = 60_000
FIRST_ANSWER_SECONDS = 5.0
RAW: CodecOptions[RawBSONDocument] = CodecOptions(document_class=RawBSONDocument)
# SnapshotTooOld, SnapshotUnavailable: the dump has to start again.
SNAPSHOT_EXPIRED = frozenset({239, 246})


class NoSnapshot(Exception):
    """This MongoDB cannot give a snapshot; the text says why and what to do."""


class SnapshotExpired(NoSnapshot):
    """The dump has to start again with a new snapshot."""


class SnapshotSession:
    """All databases as of one instant, that of the first read."""

    def __init__(self, client: AsyncMongoClient[Document], session: AsyncClientSession, at: datetime) -> None:
        self.at = at
        self._client = client
        self._session = session

    async def read_documents(self, database: str, collection: str) -> AsyncIterator[bytes]:
        """Every document as BSON, by id; raises SnapshotExpired."""
        raw = AsyncCollection(_decode_raw(self._client[database]), collection)
        try:
            async for document in raw.find(sort=[("_id", 1)], session=self._session):
                yield bytes(document.raw)
        except OperationFailure as error:
            if error.code not in SNAPSHOT_EXPIRED:
                raise
            raise SnapshotExpired(
                "MongoDB no longer knows how it was when the copy began, or an index was being made just then. Try "
                "again; if it happens again, raise minSnapshotHistoryWindowInSeconds (300 s unless it was changed)."
            ) from error


def _decode_raw(database: Database) -> AsyncDatabase[RawBSONDocument]:
    return database.with_options(codec_options=RAW)


class DatabaseDump:
    def __init__(self, client: AsyncMongoClient[Document]) -> None:
        self._client = client

    async def get_time(self) -> datetime:
        """By the database's clock."""
        now: datetime = (await self._ask_hello())["localTime"]
        return now.replace(tzinfo=UTC)

    async def _ask_hello(self) -> Document:
        return dict(await self._client.admin.command("hello"))

    async def list_collections(self, database: str) -> list[str]:
        names = await self._database(database).list_collection_names(filter={"type": "collection"})
        return sorted(name for name in names if not name.startswith("system."))

    @asynccontextmanager
    async def open_snapshot(self) -> AsyncIterator[SnapshotSession]:
        """Read everything as of now; raises NoSnapshot if MongoDB is not a replica set."""
        if "setName" not in await self._ask_hello():
            raise NoSnapshot(
                "MongoDB runs alone. Make it a replica set (of one node, if need be): only that can be read "
                "as it was at one moment, and only that keeps what was answered."
            )
        at = await self.get_time()
        async with self._client.start_session(snapshot=True) as session:
            yield SnapshotSession(self._client, session, at)

    async def has_documents(self, database: str, collection: str) -> bool:
        return await self._database(database)[collection].find_one({}, {"_id": 1}) is not None

    async def find(self, database: str, collection: str) -> list[Document]:
        return await self._database(database)[collection].find().to_list()

    def _database(self, name: str) -> Database:
        return self._client.get_database(
            name, read_concern=ReadConcern("majority"), write_concern=WriteConcern(w="majority", j=True)
        )

    async def insert(self, database: str, collection: str, documents: Iterable[bytes]) -> None:
        raw = AsyncCollection(_decode_raw(self._database(database)), collection)
        await raw.insert_many([RawBSONDocument(document) for document in documents], ordered=True)

    async def create_collection(self, database: str, collection: str) -> None:
        await self._database(database).create_collection(collection)

    async def rename(self, database: str, collection: str, name: str) -> None:
        """Atomic; replaces a collection of that name."""
        await self._database(database)[collection].rename(name, dropTarget=True)

    async def drop(self, database: str, collection: str) -> None:
        await self._database(database).drop_collection(collection)


async def ping(database: Database) -> None:
    # Fails early, before calls with a longer deadline.
    with timeout(FIRST_ANSWER_SECONDS):
        await database.command("ping")


@asynccontextmanager
async def open_dump(url: str) -> AsyncIterator[DatabaseDump]:
    """Raises PyMongoError if MongoDB does not answer within seconds."""
    database: Database
    async with open_database(url, "admin", timeout_ms=COPY_TIMEOUT_MS) as database:
        await ping(database)
        yield DatabaseDump(database.client)
