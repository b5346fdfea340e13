"""Group commit: new documents that wait at the same moment are kept by one write, each with its own acknowledgement.

One task writes, and no caller can cancel it: whoever goes away while waiting has still been heard (design section 10).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from shared.database import BulkWriteError, Collection, Document, DuplicateKeyError, WriteConcernError

LONGEST_BATCH = 200
LONGEST_QUEUE = 2_000
DUPLICATE_KEY = 11_000

Waiting = tuple[Document, asyncio.Future[None]]


class QueueFull(Exception):
    """More new documents wait than could be written soon."""


class GroupCommit:
    """Writes new documents of one collection.

    Args:
        collection: where they are kept.
        written: called after each write that kept something, with the documents; None if some were refused.

    """

    def __init__(self, collection: Collection, written: Callable[[Sequence[Document] | None], None]) -> None:
        self._collection = collection
        self._written = written
        self._queue: list[Waiting] = []
        self._some = asyncio.Event()

    async def insert(self, document: Document) -> None:
        """Keep a document; returns after the acknowledgement.

        Raises:
            QueueFull: if too many wait; the document is not kept.
            DuplicateKeyError: if another has one of its unique keys.
            PyMongoError: if the database is away; whether the document is kept is unknown.

        """
        if len(self._queue) >= LONGEST_QUEUE:
            raise QueueFull
        acknowledged: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.append((document, acknowledged))
        self._some.set()
        await acknowledged

    async def run(self, stop: asyncio.Event) -> None:
        """Write what waits until ``stop`` is set and nothing waits any more."""
        stopping = asyncio.create_task(self._stop_waiting(stop))
        try:
            while not (stop.is_set() and not self._queue):
                self._some.clear()
                batch, self._queue = self._queue[:LONGEST_BATCH], self._queue[LONGEST_BATCH:]
                if batch:
                    await self._write(batch)
                elif not stop.is_set():
                    await self._some.wait()
        finally:
            stopping.cancel()

    async def _stop_waiting(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._some.set()

    async def _write(self, batch: list[Waiting]) -> None:
        """Write a batch; what goes wrong is told to those it concerns, and the next batch goes on."""
        documents = [document for document, _ in batch]
        try:
            await self._collection.insert_many(documents, ordered=False)
        except BulkWriteError as error:
            _acknowledge(batch, _refusals(error))
            self._written(None)
        except Exception as error:  # noqa: BLE001 - whatever it is, each caller must hear it, and the writer must live
            _acknowledge(batch, dict.fromkeys(range(len(batch)), error))
        else:
            _acknowledge(batch, {})
            self._written(documents)


def _refusals(error: BulkWriteError) -> dict[int, Exception]:
    """Give the error of each document that was not kept, by its place in the batch."""
    details = error.details or {}
    if details.get("writeConcernErrors"):
        # Written, but not yet known to be kept by a majority: for nobody in the batch may that be called done.
        return dict.fromkeys(range(LONGEST_BATCH), WriteConcernError(str(error), details=error.details))
    refused: dict[int, Exception] = {}
    for each in details.get("writeErrors", []):
        duplicate = each["code"] == DUPLICATE_KEY
        refused[each["index"]] = DuplicateKeyError(each["errmsg"], each["code"], each) if duplicate else error
    return refused


def _acknowledge(batch: list[Waiting], refused: dict[int, Exception]) -> None:
    for place, (_, acknowledged) in enumerate(batch):
        if acknowledged.done():
            continue  # the caller went away
        if place in refused:
            acknowledged.set_exception(refused[place])
        else:
            acknowledged.set_result(None)
