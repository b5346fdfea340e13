"""MongoDB: opens the client, hands its errors on, and writes only if a number is the one expected.

The only import of pymongo. Everything that was answered is kept by a majority and journalled (invariant 1), and every
call has a deadline, so that an outage is an error after seconds and not a silence.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

from bson import Binary, Int64
from bson.codec_options import CodecOptions
from pymongo import ASCENDING, DESCENDING, AsyncMongoClient, IndexModel, ReturnDocument, UpdateOne, timeout
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import (
    BulkWriteError,
    ConnectionFailure,
    DuplicateKeyError,
    ExecutionTimeout,
    NetworkTimeout,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
    WriteConcernError,
    WTimeoutError,
)
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

__all__ = [
    "ASCENDING",
    "DESCENDING",
    "Binary",
    "BulkWriteError",
    "Collection",
    "ConnectionFailure",
    "Database",
    "DatabaseAway",
    "Document",
    "DuplicateKeyError",
    "ExecutionTimeout",
    "IndexModel",
    "Int64",
    "NetworkTimeout",
    "OperationFailure",
    "PyMongoError",
    "ReturnDocument",
    "ServerSelectionTimeoutError",
    "UpdateOne",
    "WTimeoutError",
    "WriteConcernError",
    "acknowledged_by_one",
    "is_away",
    "make_indexes",
    "open_database",
    "why_away",
    "write_if",
]

Document = dict[str, Any]
Database = AsyncDatabase[Document]
Collection = AsyncCollection[Document]

DatabaseAway = (ConnectionFailure, ExecutionTimeout, WTimeoutError, WriteConcernError)
"""What the driver raises when the database cannot be reached or did not answer in time: the outcome is unknown."""

TIMEOUT_MS = 3_000
"""Short, with repetition by the same id behind it: a stalled primary holds a call for this long (reliability 6)."""

INDEX_SECONDS = 600.0
"""For making indexes: after a restore they are built over all documents, and a call that is cut off begins again."""

CLOSE_SECONDS = 0.5


def is_away(error: BaseException) -> bool:
    """Tell whether an error says that the database is away, rather than that the request was wrong.

    The driver wraps its own deadline into ``PyMongoError.timeout``.
    """
    return isinstance(error, DatabaseAway) or (isinstance(error, PyMongoError) and error.timeout)


@asynccontextmanager
async def open_database(url: str, name: str, *, timeout_ms: int = TIMEOUT_MS) -> AsyncIterator[Database]:
    """Open a database with majority reads and majority, journalled writes, and close its client afterwards.

    Opening does not connect: a database that is away shows with the first call.

    Args:
        url: a MongoDB connection string.
        name: the database's name; each service has its own.
        timeout_ms: how long one call may take, retries of the driver included.

    """
    client: AsyncMongoClient[Document] = AsyncMongoClient(
        url, timeoutMS=timeout_ms, appname="kalendarium", tz_aware=True, uuidRepresentation="standard"
    )
    options: CodecOptions[Document] = CodecOptions(tz_aware=True)
    try:
        yield client.get_database(
            name,
            codec_options=options,
            read_concern=ReadConcern("majority"),
            write_concern=WriteConcern(w="majority", j=True),
        )
    finally:
        with suppress(TimeoutError):  # it says goodbye to a server that may be stalled
            async with asyncio.timeout(CLOSE_SECONDS):
                await client.close()


async def write_if(
    collection: Collection, key: object, expected: Mapping[str, object], update: Mapping[str, Any]
) -> bool:
    """Change one document if its numbers are those that were read.

    Args:
        collection: where it is kept.
        key: its ``_id``.
        expected: the fields that must still be so, e.g. ``{"review_number": 6}``.
        update: update operators, state and outbox together.

    Returns:
        Whether the document was changed; False means that somebody was faster.

    """
    result = await collection.update_one({"_id": key, **expected}, update)
    return result.matched_count == 1


async def make_indexes(collection: Collection, indexes: Sequence[IndexModel]) -> None:
    """Make indexes and wait for them as long as building takes; those that are there are left alone.

    Raises:
        PyMongoError: MongoDB is away, which shows within seconds; or it refuses.

    """
    with timeout(TIMEOUT_MS / 1_000):
        await collection.database.command("ping")
    with timeout(INDEX_SECONDS):
        await collection.create_indexes(indexes)


def acknowledged_by_one(collection: Collection) -> Collection:
    """Give the same collection for notes that may be lost with a node; four times faster, and reads what it wrote."""
    return collection.with_options(write_concern=WriteConcern(w=1, j=False), read_concern=ReadConcern("local"))


async def why_away(database: Database) -> str | None:
    """Say why a database cannot be used now; None if it answers."""
    try:
        await database.command("ping")
    except PyMongoError as error:
        return f"MongoDB does not answer: {type(error).__name__}"
    return None
