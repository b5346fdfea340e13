"""Bare insert baseline: PyMongo's asyncio client, sequential ``insert_one`` on each of many tasks.

``python -m bench.baselines.bare_insert MONGO_URL CONCURRENCY SECONDS`` reads documents as JSON lines from standard
input and writes an :class:`~bench.client.ClientResult`. The write concern is ingest's: majority, journalled.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Iterator
from itertools import cycle

import msgspec
import uvloop

from bench.client import ClientResult
from shared.database.client import Collection, Document, open_database


async def insert(mongo_url: str, documents: list[Document], *, concurrency: int, seconds: float) -> ClientResult:
    async with open_database(mongo_url, "bare") as database:
        collection = database["documents"]
        await collection.insert_one({})  # creates the collection and the connection
        turns = cycle(documents)
        began, computed = time.perf_counter(), time.process_time()
        each = [_insert(collection, turns, until=began + seconds) for _ in range(concurrency)]
        milliseconds = [value for values in await asyncio.gather(*each) for value in values]
        return ClientResult(time.perf_counter() - began, 0, milliseconds, time.process_time() - computed)


async def _insert(collection: Collection, documents: Iterator[Document], *, until: float) -> list[float]:
    milliseconds = []
    while (now := time.perf_counter()) < until:
        await collection.insert_one(dict(next(documents)))  # a copy: the driver adds an id
        milliseconds.append((time.perf_counter() - now) * 1000)
    return milliseconds


def main() -> None:
    mongo_url, concurrency, seconds = sys.argv[1:]
    documents = [msgspec.json.decode(line) for line in sys.stdin.buffer]
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        outcome = runner.run(insert(mongo_url, documents, concurrency=int(concurrency), seconds=float(seconds)))
    sys.stdout.buffer.write(msgspec.json.encode(outcome))


if __name__ == "__main__":
    main()
