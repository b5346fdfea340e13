"""Bare inserts: PyMongo's asyncio client, one ``insert_one`` after the other on each of many tasks, and nothing else.

``python -m bench.yardsticks.bare_insert MONGO_URL CONCURRENCY SECONDS`` reads the documents as JSON lines from its
standard input and writes an :class:`~bench.client.Outcome`. They are kept as ingest keeps its own: by a majority,
journalled.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Iterator
from itertools import cycle

import msgspec
import uvloop

from bench.client import Outcome
from shared.database import Collection, Document, open_database


async def insert(mongo_url: str, documents: list[Document], *, concurrency: int, seconds: float) -> Outcome:
    """Insert until the time is over; every insert is acknowledged."""
    async with open_database(mongo_url, "bare") as database:
        collection = database["documents"]
        await collection.insert_one({})  # makes it, and the connection
        turns = cycle(documents)
        began, computed = time.perf_counter(), time.process_time()
        each = [_insert(collection, turns, until=began + seconds) for _ in range(concurrency)]
        milliseconds = [value for values in await asyncio.gather(*each) for value in values]
        return Outcome(time.perf_counter() - began, 0, milliseconds, time.process_time() - computed)


async def _insert(collection: Collection, documents: Iterator[Document], *, until: float) -> list[float]:
    milliseconds = []
    while (now := time.perf_counter()) < until:
        await collection.insert_one(dict(next(documents)))  # a copy: the driver adds an id
        milliseconds.append((time.perf_counter() - now) * 1000)
    return milliseconds


def main() -> None:
    """Do what the command line says."""
    mongo_url, concurrency, seconds = sys.argv[1:]
    documents = [msgspec.json.decode(line) for line in sys.stdin.buffer]
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        outcome = runner.run(insert(mongo_url, documents, concurrency=int(concurrency), seconds=float(seconds)))
    sys.stdout.buffer.write(msgspec.json.encode(outcome))


if __name__ == "__main__":
    main()
