"""One size of programme, in a fresh process: memory of its events, first rendering, a change, a response.

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

from bench.events import make_published
from bench.reader import measure_memory
from services.distribution.feeds.cache import FeedCache
from services.distribution.feeds.feed import Feed
from services.distribution.feeds.front import FeedFront, FeedResolver
from services.distribution.formats import Site, create_formats
from services.distribution.programme.model import Programme
from shared.region import Region, load_region

REGION = Path("deploy/region")
PATH = "/feeds/programme.ics"
CHANGES = 200
JOINED = 20
ANSWERS = 5_000
MOST_BYTES = 4_000_000_000
# The numbers of added events begin here.
FIRST_CHANGE = 1_000_000


class Size(msgspec.Struct, frozen=True):
    """``kept`` and ``rendered`` in bytes per event.

    ``first_us`` is the first rendering of the feed, per event; ``apply_ms`` from a changed message in memory to the new
    ETag, ``join_ms`` from there to the gzipped body, ``plain_ms`` to the plain one.
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


async def measure_size(events: int, region: Region) -> Size:
    before = measure_memory()
    programme = Programme()
    for number in range(events):
        programme.publish(_encode_message(number, region))
    kept = measure_memory() - before
    site = Site(region, "http://127.0.0.1:8003")
    formats = create_formats(site)
    feeds = FeedCache(programme, formats, max_bytes=MOST_BYTES)
    front = FeedFront(FastAPI())
    front.resolver = FeedResolver(feeds, site, formats, is_open=lambda: True)
    stop = asyncio.Event()
    rendering = asyncio.create_task(feeds.run(stop))
    began = time.process_time()
    feed = await front.resolver.resolve(PATH, "", (PATH.encode(), b""))
    first = time.process_time() - began
    stop.set()
    feeds.invalidate(["nothing, to wake it"])
    await rendering
    rendered = measure_memory() - before - kept
    gc.freeze()
    applied, joined, plain = _measure_changes(programme, feeds, feed, region)
    return Size(
        events=events,
        kept=kept / events,
        rendered=rendered / events,
        first_us=first / events * 1e6,
        apply_ms=statistics.median(applied),
        apply_p99_ms=statistics.quantiles(applied, n=100)[-1],
        join_ms=statistics.median(joined),
        plain_ms=statistics.median(plain),
        not_modified_us=await _measure_responses(front, feed, [(b"if-none-match", feed.gzipped.etag)]),
        whole_us=await _measure_responses(front, feed, []),
    )


def _encode_message(number: int, region: Region) -> bytes:
    return msgspec.json.encode(make_published(number, region))


def _measure_changes(
    programme: Programme, feeds: FeedCache, feed: Feed, region: Region
) -> tuple[list[float], list[float], list[float]]:
    """Milliseconds of applying, of joining gzipped, and of joining plain.

    The bodies are joined in separate turns, as megabytes between two changes would be felt in both.
    """
    numbers = iter(range(FIRST_CHANGE, FIRST_CHANGE + CHANGES + JOINED))

    def add() -> float:
        data = _encode_message(next(numbers), region)

        def apply() -> None:
            feeds.invalidate([programme.publish(data) or ""])
            for _ in feed.update(programme, feeds.rendered, lambda _: feeds.version):
                pass

        return _measure_ms(apply)

    applied = [add() for _ in range(CHANGES)]
    joined, plain = [], []
    for _ in range(JOINED):
        add()
        joined.append(_measure_ms(feed.gzipped.join_body))
        plain.append(_measure_ms(feed.plain.join_body))
    return applied, joined, plain


def _measure_ms(do: Callable[[], object]) -> float:
    began = time.process_time()
    do()
    return (time.process_time() - began) * 1_000


async def _measure_responses(front: FeedFront, feed: Feed, asking: list[tuple[bytes, bytes]]) -> float:
    """Microseconds of each, without the server's own work."""
    headers = [(b"host", b"kalendarium.example"), (b"accept-encoding", b"gzip"), *asking]
    front.resolver.feeds.join_body(feed, feed.gzipped) if front.resolver else None
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
        await front(scope, _receive_nothing, _discard)
    return (time.process_time() - began) / ANSWERS * 1e6


async def _discard(_: Message) -> None:
    """Discards the response."""


async def _receive_nothing() -> Message:
    return {"type": "http.disconnect"}


def main() -> None:
    (events,) = map(int, sys.argv[1:])
    with suppress(KeyboardInterrupt):
        found = asyncio.run(measure_size(events, load_region(REGION)))
        sys.stdout.buffer.write(msgspec.json.encode(found))


if __name__ == "__main__":
    main()
