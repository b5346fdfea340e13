"""One size of programme, in a fresh process: what its events cost in memory, a feed at first, a change, an answer.

``python -m bench.sizes EVENTS`` writes a :class:`Size`. Nothing is sent over a network: what is measured is what the
programme's size can change.
"""

from __future__ import annotations

import asyncio
import gc
import statistics
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import msgspec
from fastapi import FastAPI
from starlette.types import Message, Scope

from bench.events import published
from bench.reader import memory_in_use
from services.distribution.feed import Feed
from services.distribution.feeds import Feeds
from services.distribution.formats import Imprint, formats_of
from services.distribution.programme import Programme
from services.distribution.serving import Desk, FeedFront
from shared.region import Region, load_region

REGION = Path("deploy/region")
PATH = "/feeds/programme.ics"
CHANGES = 200
JOINED = 20
ANSWERS = 5_000
MOST_BYTES = 4_000_000_000
FIRST_CHANGE = 1_000_000
"""The numbers of events that are added begin here."""


class Size(msgspec.Struct, frozen=True):
    """What a programme of so many events costs; ``kept`` and ``rendered`` in bytes per event, times as they are named.

    ``first_us`` is the first rendering of the feed, per event; ``apply_ms`` from a changed message in hand to the new
    tag, ``join_ms`` from there to the body in gzip, ``plain_ms`` to the body as it is.
    """

    events: int
    kept: float
    rendered: float
    first_us: float
    apply_ms: float
    apply_p99_ms: float
    join_ms: float
    plain_ms: float
    not_modified_us: float
    whole_us: float


async def size_of(events: int, region: Region) -> Size:
    """Build it, ask for its feed, change it, ask again."""
    before = memory_in_use()
    programme = Programme()
    for number in range(events):
        programme.publish(_message(number, region))
    kept = memory_in_use() - before
    imprint = Imprint(region, "http://127.0.0.1:8003")
    formats = formats_of(imprint)
    feeds = Feeds(programme, formats, most_bytes=MOST_BYTES)
    front = FeedFront(FastAPI())
    front.desk = Desk(feeds, imprint, formats, is_open=lambda: True)
    stop = asyncio.Event()
    rendering = asyncio.create_task(feeds.run(stop))
    began = time.process_time()
    feed = await front.desk.ask(PATH, "", (PATH.encode(), b""))
    first = time.process_time() - began
    stop.set()
    feeds.touch("nothing, to wake it")
    await rendering
    rendered = memory_in_use() - before - kept
    gc.freeze()
    applied, joined, plain = _changes(programme, feeds, feed, region)
    return Size(
        events=events,
        kept=kept / events,
        rendered=rendered / events,
        first_us=first / events * 1e6,
        apply_ms=statistics.median(applied),
        apply_p99_ms=statistics.quantiles(applied, n=100)[-1],
        join_ms=statistics.median(joined),
        plain_ms=statistics.median(plain),
        not_modified_us=await _answers(front, feed, [(b"if-none-match", feed.gzipped.etag)]),
        whole_us=await _answers(front, feed, []),
    )


def _message(number: int, region: Region) -> bytes:
    return msgspec.json.encode(published(number, region))


def _changes(
    programme: Programme, feeds: Feeds, feed: Feed, region: Region
) -> tuple[list[float], list[float], list[float]]:
    """Add events one by one; gives the milliseconds of applying, of joining in gzip, and of joining as it is.

    The bodies are joined in turns of their own, as megabytes between two changes would be felt in both.
    """
    numbers = iter(range(FIRST_CHANGE, FIRST_CHANGE + CHANGES + JOINED))

    def add() -> float:
        data = _message(next(numbers), region)

        def apply() -> None:
            feeds.touch(programme.publish(data) or "")
            for _ in feed.update(programme, feeds.blocks):
                pass

        return _milliseconds(apply)

    applied = [add() for _ in range(CHANGES)]
    joined, plain = [], []
    for _ in range(JOINED):
        add()
        joined.append(_milliseconds(feed.gzipped.joined))
        plain.append(_milliseconds(feed.plain.joined))
    return applied, joined, plain


def _milliseconds(do: Callable[[], object]) -> float:
    began = time.process_time()
    do()
    return (time.process_time() - began) * 1_000


async def _answers(front: FeedFront, feed: Feed, asking: list[tuple[bytes, bytes]]) -> float:
    """Answer many requests; gives the microseconds that each takes beside the server's own work."""
    headers = [(b"host", b"kalendarium.example"), (b"accept-encoding", b"gzip"), *asking]
    front.desk.feeds.body(feed, feed.gzipped) if front.desk else None
    scope: Scope = {
        "type": "http",
        "method": "GET",
        "path": PATH,
        "raw_path": PATH.encode(),
        "query_string": b"",
        "headers": headers,
    }
    began = time.process_time()
    for _ in range(ANSWERS):
        await front(scope, _nothing, _away)
    return (time.process_time() - began) / ANSWERS * 1e6


async def _away(_: Message) -> None:
    """Take a message and do nothing with it."""


async def _nothing() -> Message:
    return {"type": "http.disconnect"}


def main() -> None:
    """Do what the command line says."""
    (events,) = map(int, sys.argv[1:])
    with suppress(KeyboardInterrupt):
        found = asyncio.run(size_of(events, load_region(REGION)))
        sys.stdout.buffer.write(msgspec.json.encode(found))


if __name__ == "__main__":
    main()
