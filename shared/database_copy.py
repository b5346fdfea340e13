"""MongoDB by its documents' own bytes: what a backup reads at one moment, and a restore puts in.

Bytes are handed on as they are, so that a copy has every type, order and number of the original. Several databases of
one installation are seen through one client.
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

from shared.database import Database, Document, open_database

COPY_TIMEOUT_MS = 60_000
"""For one batch of documents, where a request of a service has three seconds."""
FIRST_ANSWER_SECONDS = 5.0
RAW: CodecOptions[RawBSONDocument] = CodecOptions(document_class=RawBSONDocument)
MOMENT_GONE = frozenset({239, 246})
"""SnapshotTooOld, SnapshotUnavailable: another moment has to be taken."""


class NoMoment(Exception):
    """The database cannot be read as it was at one moment; the text says why and what to do."""


class MomentGone(NoMoment):
    """The moment that was copied is one that the database no longer knows; another has to be taken."""


class Moment:
    """All databases as they were at one moment, the first that was read."""

    def __init__(self, client: AsyncMongoClient[Document], session: AsyncClientSession, at: datetime) -> None:
        self.at = at
        self._client = client
        self._session = session

    async def documents(self, database: str, collection: str) -> AsyncIterator[bytes]:
        """Give every document of a collection as BSON, in the order of their ids.

        Raises:
            MomentGone: if the moment is too long ago for the database to know.

        """
        raw = AsyncCollection(_raw(self._client[database]), collection)
        try:
            async for document in raw.find(sort=[("_id", 1)], session=self._session):
                yield bytes(document.raw)
        except OperationFailure as error:
            if error.code not in MOMENT_GONE:
                raise
            raise MomentGone(
                "MongoDB no longer knows how it was when the copy began, or an index was being made just then. Try "
                "again; if it happens again, raise minSnapshotHistoryWindowInSeconds (300 s unless it was changed)."
            ) from error


def _raw(database: Database) -> AsyncDatabase[RawBSONDocument]:
    return database.with_options(codec_options=RAW)


class Copying:
    """What a backup and a restore ask of MongoDB, beyond what services do."""

    def __init__(self, client: AsyncMongoClient[Document]) -> None:
        self._client = client

    async def now(self) -> datetime:
        """Ask the database for the time."""
        now: datetime = (await self._hello())["localTime"]
        return now.replace(tzinfo=UTC)

    async def _hello(self) -> Document:
        return dict(await self._client.admin.command("hello"))

    async def collections(self, database: str) -> list[str]:
        """Name a database's collections, in order; none if there is no such database."""
        names = await self._database(database).list_collection_names(filter={"type": "collection"})
        return sorted(name for name in names if not name.startswith("system."))

    @asynccontextmanager
    async def moment(self) -> AsyncIterator[Moment]:
        """Look at everything as a majority has it now, whatever is written meanwhile.

        Raises:
            NoMoment: if this MongoDB is not a replica set.

        """
        if "setName" not in await self._hello():
            raise NoMoment(
                "MongoDB runs alone. Make it a replica set (of one node, if need be): only that can be read "
                "as it was at one moment, and only that keeps what was answered."
            )
        at = await self.now()
        async with self._client.start_session(snapshot=True) as session:
            yield Moment(self._client, session, at)

    async def holds_anything(self, database: str, collection: str) -> bool:
        """Tell whether a collection has a document."""
        return await self._database(database)[collection].find_one({}, {"_id": 1}) is not None

    async def find(self, database: str, collection: str) -> list[Document]:
        """Give the documents of a small collection."""
        return await self._database(database)[collection].find().to_list()

    def _database(self, name: str) -> Database:
        return self._client.get_database(
            name, read_concern=ReadConcern("majority"), write_concern=WriteConcern(w="majority", j=True)
        )

    async def put(self, database: str, collection: str, documents: Iterable[bytes]) -> None:
        """Put documents in as they are, kept by a majority."""
        raw = AsyncCollection(_raw(self._database(database)), collection)
        await raw.insert_many([RawBSONDocument(document) for document in documents], ordered=True)

    async def make(self, database: str, collection: str) -> None:
        """Make an empty collection."""
        await self._database(database).create_collection(collection)

    async def rename(self, database: str, collection: str, name: str) -> None:
        """Give a collection a name at once, in the place of one that had it."""
        await self._database(database)[collection].rename(name, dropTarget=True)

    async def drop(self, database: str, collection: str) -> None:
        """Take a collection away; one that is not there is no error."""
        await self._database(database).drop_collection(collection)


async def answers(database: Database) -> None:
    """Make sure that a database answers, for whoever gives it more time later.

    Raises:
        PyMongoError: if it does not within seconds.

    """
    with timeout(FIRST_ANSWER_SECONDS):
        await database.command("ping")


@asynccontextmanager
async def open_copying(url: str) -> AsyncIterator[Copying]:
    """Open MongoDB for a copy, and close its client afterwards.

    Raises:
        PyMongoError: if it does not answer within seconds.

    """
    database: Database
    async with open_database(url, "admin", timeout_ms=COPY_TIMEOUT_MS) as database:
        await answers(database)
        yield Copying(database.client)
