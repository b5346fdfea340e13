"""All feeds in use: found by the exact address that was asked, rendered beside the requests, bounded in memory.

Only a feed that was never asked for makes anybody wait. When the programme changes, the feeds that hold the event are
brought up to date in slices of a few milliseconds, those asked for last first; until then they answer what they had.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping
from operator import attrgetter
from typing import Final

import structlog

from services.distribution.answers import AsgiMessage, Header, Representation
from services.distribution.blocks import Blocks
from services.distribution.feed import Address, Feed
from services.distribution.formats import Format
from services.distribution.programme import Programme

SLICE_S: Final = 0.005
"""How long rendering may hold the event loop before requests have their turn."""

MOST_FEEDS: Final = 2_000
MOST_WAITING: Final = 64
MOST_PATHS: Final = 16
"""How many spellings of one feed's address are remembered."""

Path = tuple[bytes, bytes]


class TooManyNewFeeds(Exception):
    """More feeds that nobody asked for before are asked for at once than can be rendered in good time."""


class FeedNotRendered(Exception):
    """A feed could not be made at all; this is a fault of ours."""


class Feeds:
    """The feeds of one replica."""

    def __init__(self, programme: Programme, formats: Mapping[str, Format], *, most_bytes: int) -> None:
        self.blocks = Blocks(formats)
        self.generated_at: Header | None = None
        """What answers say of their age; None while they are all there is."""
        self.uses = 0
        """How many requests were given a feed since the start."""
        self._programme = programme
        self._formats = formats
        self._most_bytes = most_bytes
        self._feeds: dict[Address, Feed] = {}
        self._by_path: dict[Path, Feed] = {}
        self._waiting: dict[Address, asyncio.Future[None]] = {}
        self._weights: dict[Address, int] = {}
        self._weight = 0
        self._woken = asyncio.Event()
        self._log = structlog.get_logger()

    def __len__(self) -> int:
        return len(self._feeds)

    @property
    def weight(self) -> int:
        """How many bytes all feeds keep, about."""
        return self._weight

    @property
    def is_up_to_date(self) -> bool:
        """Whether every feed answers what the programme says."""
        return not any(feed.pending for feed in self._feeds.values()) and not self._waiting

    def find(self, path: Path) -> Feed | None:
        """Give the warm feed of an exact raw path and query, as its most recent use."""
        feed = self._by_path.get(path)
        if feed is not None:
            self.uses = feed.used = self.uses + 1
        return feed

    async def ask(self, address: Address, path: Path, file_name: str) -> Feed:
        """Give a feed, once it is rendered, and remember the spelling of its address.

        Raises:
            TooManyNewFeeds: if too many others are waiting already.
            FeedNotRendered: if it cannot be made.

        """
        feed = self._feeds.get(address)
        if feed is None or not feed.is_ready:
            feed = await self._first(address, file_name)
        self.uses = feed.used = self.uses + 1
        if len(feed.paths) < MOST_PATHS and self._feeds.get(address) is feed:
            feed.paths.add(path)
            self._by_path[path] = feed
        return feed

    def touch(self, event_id: str) -> None:
        """Say that an event of the programme changed."""
        if not self._feeds:
            return  # a start reads thousands before anybody asks
        listing = self._programme.listing(event_id)
        if listing is None:
            self.blocks.forget_event(event_id)
        for feed in self._feeds.values():
            if feed.concerns(event_id, listing):
                feed.pending.add(event_id)
        self._woken.set()

    def body(self, feed: Feed, found: Representation) -> AsgiMessage:
        """Join the body of a feed's answer; what is joined is kept, and counted."""
        joined = found.joined()
        self._weigh(feed)
        return joined

    async def run(self, stop: asyncio.Event) -> None:
        """Render what is due until told to stop."""
        stopping = asyncio.create_task(stop.wait())
        try:
            while not stop.is_set():
                woken = asyncio.create_task(self._woken.wait())
                await asyncio.wait({stopping, woken}, return_when=asyncio.FIRST_COMPLETED)
                woken.cancel()
                self._woken.clear()
                await self._catch_up(stop)
        finally:
            stopping.cancel()
            for waiting in self._waiting.values():
                waiting.cancel()

    async def _catch_up(self, stop: asyncio.Event) -> None:
        """Render until nothing is due, giving way after every slice."""
        began = time.perf_counter()
        for _ in self._steps():
            if time.perf_counter() - began >= SLICE_S:
                await asyncio.sleep(0)
                began = time.perf_counter()
                if stop.is_set():
                    return

    def _steps(self) -> Iterator[None]:
        """Do all that is due; whoever waits goes first, and no feed goes twice before each has gone once."""
        while due := self._due():
            for feed in due:
                yield from self._update(feed)
                if self._waiting:
                    break
        for feed in list(self._feeds.values()):
            if feed.is_ready and not feed.pending:
                feed.stamp(self._programme.newest)
                yield

    def _due(self) -> list[Feed]:
        """Choose what to render next: feeds somebody waits for, else those that are behind, by their last use."""
        waiting = [self._feeds[address] for address in self._waiting]
        behind = (feed for feed in self._feeds.values() if feed.pending)
        return waiting or sorted(behind, key=_last_use, reverse=True)

    def _update(self, feed: Feed) -> Iterator[None]:
        try:
            yield from feed.update(self._programme, self.blocks)
        except Exception:  # noqa: BLE001 - whatever a library raises, only this feed is not made
            self._log.exception("feed_not_rendered", feed=repr(feed.address))
            self._drop(feed)
        waiting = self._waiting.pop(feed.address, None)
        if waiting and not waiting.done():
            waiting.set_result(None)
        self._weigh(feed)

    async def _first(self, address: Address, file_name: str) -> Feed:
        waiting = self._waiting.get(address)
        if waiting is None:
            if len(self._waiting) >= MOST_WAITING:
                raise TooManyNewFeeds
            feed = self._feeds[address] = Feed(address, self._formats[address.extension], file_name)
            feed.used = self.uses + 1  # whoever is waited for is no feed that nobody asked for longest
            waiting = self._waiting[address] = asyncio.get_running_loop().create_future()
            self._woken.set()
        feed = self._feeds[address]
        await asyncio.shield(waiting)
        if not feed.is_ready:
            raise FeedNotRendered(address)
        return feed

    def _weigh(self, feed: Feed) -> None:
        """Count a feed that grew, and drop those that nobody asked for longest if there is no room for it."""
        if self._feeds.get(feed.address) is not feed:
            return  # it was dropped before its answer was sent
        weight = feed.weight
        self._weight += weight - self._weights.get(feed.address, 0)
        self._weights[feed.address] = weight
        if self._weight <= self._most_bytes and len(self._feeds) <= MOST_FEEDS:
            return
        for other in sorted(self._feeds.values(), key=_last_use):
            if self._weight <= self._most_bytes and len(self._feeds) <= MOST_FEEDS:
                return
            if other is not feed and other.address not in self._waiting:
                self._drop(other)

    def _drop(self, feed: Feed) -> None:
        self._feeds.pop(feed.address, None)
        self._weight -= self._weights.pop(feed.address, 0)
        for path in feed.paths:
            self._by_path.pop(path, None)
        if not any(other.address.kind == feed.address.kind for other in self._feeds.values()):
            self.blocks.forget_kind(feed.address.kind)


_last_use = attrgetter("used")
