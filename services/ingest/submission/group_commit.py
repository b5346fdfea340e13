"""Group commit: documents that wait at the same moment are inserted by one write.

One task writes, so that a caller who is cancelled does not cancel the write.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from shared.database.client import BulkWriteError, Collection, Document, DuplicateKeyError, WriteConcernError

MAX_BATCH = 200
MAX_QUEUE = 2_000
DUPLICATE_KEY = 11_000

PendingInsert = tuple[Document, asyncio.Future[None]]


class QueueFull(Exception):
    """Too many documents wait to be written."""


class GroupCommit:
    """Inserts documents into one collection, many with one write.

    ``on_written`` is called after each write that the database answered.
    """

    def __init__(self, collection: Collection, on_written: Callable[[], None]) -> None:
        self._collection = collection
        self._on_written = on_written
        self._queue: list[PendingInsert] = []
        self._pending = asyncio.Event()

    async def insert(self, document: Document) -> None:
        """Return after the acknowledgement.

        Raises:
            QueueFull: the document is not saved.
            DuplicateKeyError: another document has one of its unique keys.
            PyMongoError: whether the document is saved is unknown.

        """
        if len(self._queue) >= MAX_QUEUE:
            raise QueueFull
        acknowledged: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.append((document, acknowledged))
        self._pending.set()
        await acknowledged

    async def run(self, stop: asyncio.Event) -> None:
        """Write until ``stop`` is set and the queue is empty."""
        stopping = asyncio.create_task(self._stop_waiting(stop))
        try:
            while not (stop.is_set() and not self._queue):
                self._pending.clear()
                batch, self._queue = self._queue[:MAX_BATCH], self._queue[MAX_BATCH:]
                if batch:
                    await self._write(batch)
                elif not stop.is_set():
                    await self._pending.wait()
        finally:
            stopping.cancel()

    async def _stop_waiting(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._pending.set()

    async def _write(self, batch: list[PendingInsert]) -> None:
        documents = [document for document, _ in batch]
        try:
            await self._collection.insert_many(documents, ordered=False)
        except BulkWriteError as error:
            _acknowledge(batch, _map_errors(error))
            self._on_written()
        except Exception as error:  # noqa: BLE001 - each caller must get it, and the writer must live
            _acknowledge(batch, dict.fromkeys(range(len(batch)), error))
        else:
            _acknowledge(batch, {})
            self._on_written()


def _map_errors(error: BulkWriteError) -> dict[int, Exception]:
    """Map places in the batch to errors."""
    details = error.details or {}
    if details.get("writeConcernErrors"):
        # Written, but not known to be on a majority: no document of the batch is acknowledged.
        return dict.fromkeys(range(MAX_BATCH), WriteConcernError(str(error), details=error.details))
    refused: dict[int, Exception] = {}
    for each in details.get("writeErrors", []):
        duplicate = each["code"] == DUPLICATE_KEY
        refused[each["index"]] = DuplicateKeyError(each["errmsg"], each["code"], each) if duplicate else error
    return refused


def _acknowledge(batch: list[PendingInsert], refused: dict[int, Exception]) -> None:
    for place, (_, acknowledged) in enumerate(batch):
        if acknowledged.done():
            continue  # the caller went away
        if place in refused:
            acknowledged.set_exception(refused[place])
        else:
            acknowledged.set_result(None)
