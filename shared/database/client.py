"""MongoDB client: connection, compare-and-set, indexes, and the driver's errors.

Services import the driver only from here. Every call has a deadline, so that an outage is an error after seconds.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from bson import Binary, Int64
from bson.codec_options import CodecOptions
from bson.errors import InvalidDocument
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
    "DatabaseUnavailable",
    "Document",
    "DuplicateKeyError",
    "ExecutionTimeout",
    "IndexModel",
    "Int64",
    "InvalidDocument",
    "NetworkTimeout",
    "OperationFailure",
    "PyMongoError",
    "ReturnDocument",
    "ServerSelectionTimeoutError",
    "UpdateOne",
    "WTimeoutError",
    "WriteConcernError",
    "create_indexes",
    "explain_unavailability",
    "is_unavailable",
    "open_database",
    "relax_write_concern",
    "timeout",
    "write_if",
]

Document = dict[str, Any]
Database = AsyncDatabase[Document]
Collection = AsyncCollection[Document]

# Unreachable, or no answer in time; whether the call had an effect is unknown.
DatabaseUnavailable = (ConnectionFailure, ExecutionTimeout, WTimeoutError, WriteConcernError)

# Short: a stalled primary holds up a call for this long, and callers repeat with the same id.
TIMEOUT_MS = 3_000

# After a restore an index is built over all documents, and a call that is cut off starts again.
INDEX_SECONDS = 600.0

CLOSE_SECONDS = 0.5


def is_unavailable(error: BaseException) -> bool:
    # The driver wraps its own deadline into ``PyMongoError.timeout``.
    return isinstance(error, DatabaseUnavailable) or (isinstance(error, PyMongoError) and error.timeout)


@asynccontextmanager
async def open_database(url: str, name: str, *, timeout_ms: int = TIMEOUT_MS) -> AsyncIterator[Database]:
    """Majority reads, journalled majority writes; nothing is contacted before the first call."""
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
        # It says goodbye to a server that may be stalled; and tasks of the driver that were cancelled while they waited
        # for a server can hold its lock for ever, so nothing waits for the end of this one.
        closing = asyncio.create_task(client.close())
        await asyncio.wait({closing}, timeout=CLOSE_SECONDS)
        closing.cancel()


async def write_if(
    collection: Collection, key: object, expected: Mapping[str, object], update: Mapping[str, Any]
) -> bool:
    """Update one document if the ``expected`` fields are unchanged; False if another write was first."""
    result = await collection.update_one({"_id": key, **expected}, update)
    return result.matched_count == 1


async def create_indexes(collection: Collection, indexes: Sequence[IndexModel]) -> None:
    """Create missing indexes, however long it takes; raises PyMongoError, within seconds if MongoDB is unavailable."""
    with timeout(TIMEOUT_MS / 1_000):
        await collection.database.command("ping")
    with timeout(INDEX_SECONDS):
        await collection.create_indexes(indexes)


def relax_write_concern(collection: Collection) -> Collection:
    """For notes that may be lost with a node: four times faster, and reads its own writes."""
    return collection.with_options(write_concern=WriteConcern(w=1, j=False), read_concern=ReadConcern("local"))


async def explain_unavailability(database: Database) -> str | None:
    try:
        await database.command("ping")
    except PyMongoError as error:
        return f"MongoDB does not answer: {type(error).__name__}"
    return None
