"""The feed cache: every feed in use, by its exact address, rendered in the background, bounded in memory.

Only the first request for a feed waits. After a change the affected feeds are updated in slices of a few milliseconds,
the most recently requested first; until then they serve what they had. Of many, those not requested lately are dropped.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Final

import structlog

from services.distribution.feeds.address import FeedAddress
from services.distribution.feeds.feed import Feed
from services.distribution.feeds.render_cache import RenderCache
from services.distribution.feeds.responses import AsgiMessage, Header, Representation
from services.distribution.formats import Format
from services.distribution.presentation.quarantine import Quarantine
from services.distribution.programme.model import Programme
from shared.web.http.last_modified import LastModified, date_version, settle_version

SLICE_S: Final = 0.005
"""How long rendering may hold the event loop before requests have their turn."""

MAX_FEEDS: Final = 2_000
MAX_UPDATED: Final = 256
"""Feeds that one change updates, the last used ones; others are rendered again when requested."""
MAX_WAITING: Final = 64
MAX_PATHS: Final = 16
"""How many spellings of one feed's address are remembered."""
MAX_PATH_BYTES: Final = 1_000
"""Bytes of a spelling that is remembered; the address of a feed with every filter is shorter."""

Path = tuple[bytes, bytes]


class TooManyNewFeeds(Exception):
    """Too many feeds are waiting for their first rendering."""


class FeedNotRendered(Exception):
    """A feed could not be rendered; a bug of ours."""


class FeedCache:
    """The feeds of one replica."""

    # ``made_at`` is when the programme last changed, if that was before the start; ``max_bytes`` is approximate.

    def __init__(
        self,
        programme: Programme,
        formats: Mapping[str, Format],
        *,
        max_bytes: int,
        made_at: float | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.quarantine = Quarantine(self._set_aside)
        self.rendered = RenderCache(formats, self.quarantine)
        self.generated_at: Header | None = None
        """What answers say of their age; None while they are all there is."""
        self.request_count = 0
        """How many requests were given a feed since the start."""
        self._version = date_version(now() if made_at is None else made_at)
        self._now = now
        self._programme = programme
        self._formats = formats
        self._max_bytes = max_bytes
        self._feeds: dict[FeedAddress, Feed] = {}
        self._by_path: dict[Path, Feed] = {}
        self._unsettled: set[Feed] = set()
        self._waiting: dict[FeedAddress, asyncio.Future[None]] = {}
        self._sizes: dict[FeedAddress, int] = {}
        self._size = 0
        self._wake = asyncio.Event()
        self._log = structlog.get_logger()

    def __len__(self) -> int:
        return len(self._feeds)

    @property
    def size(self) -> int:
        return self._size

    @property
    def is_up_to_date(self) -> bool:
        return not any(feed.pending for feed in self._feeds.values()) and not self._waiting

    @property
    def version(self) -> LastModified:
        """When this replica's programme last changed."""
        self._version = settle_version(self._version, self._now())
        return self._version

    def find(self, path: Path) -> Feed | None:
        """Find a rendered feed by its exact raw path and query."""
        feed = self._by_path.get(path)
        if feed is not None:
            self.request_count = feed.last_request = self.request_count + 1
        return feed

    async def get(self, address: FeedAddress, path: Path, file_name: str) -> Feed:
        """Wait for the first rendering, and remember this spelling. Raises TooManyNewFeeds or FeedNotRendered."""
        feed = self._feeds.get(address)
        if feed is None or not feed.is_ready:
            feed = await self._wait_for_first(address, file_name)
        self.request_count = feed.last_request = self.request_count + 1
        is_short = len(path[0]) + len(path[1]) <= MAX_PATH_BYTES
        if is_short and len(feed.paths) < MAX_PATHS and self._feeds.get(address) is feed:
            feed.paths.add(path)
            self._by_path[path] = feed
            self._account_size(feed)
        return feed

    def invalidate(self, event_ids: Sequence[str]) -> None:
        self.quarantine.forget_events(event_ids)
        self._version = date_version(self._now(), self._version)
        if not self._feeds:
            return  # a start reads thousands before anybody asks
        for event_id in event_ids:
            self._invalidate_event(event_id)
        self._wake.set()

    def _invalidate_event(self, event_id: str) -> None:
        event, tombstone = self._programme.get(event_id), self._programme.tombstones.get(event_id)
        if event is None:
            self.rendered.forget_event(event_id)
        for feed in self._feeds.values():
            if feed.is_affected_by(event_id, event, tombstone):
                feed.pending.add(event_id)

    def _set_aside(self, event_id: str) -> None:
        self._programme.set_aside(event_id)
        self._version = date_version(self._now(), self._version)

    def join_body(self, feed: Feed, found: Representation) -> AsgiMessage:
        joined = found.join_body()
        self._account_size(feed)
        return joined

    async def run(self, stop: asyncio.Event) -> None:
        stopping = asyncio.create_task(stop.wait())
        try:
            while not stop.is_set():
                woken = asyncio.create_task(self._wake.wait())
                await asyncio.wait(
                    {stopping, woken}, return_when=asyncio.FIRST_COMPLETED, timeout=self._get_settling_seconds()
                )
                woken.cancel()
                self._wake.clear()
                await self._catch_up(stop)
        finally:
            stopping.cancel()
            for waiting in self._waiting.values():
                waiting.cancel()

    async def _catch_up(self, stop: asyncio.Event) -> None:
        began = time.perf_counter()
        for _ in self._update_due():
            if time.perf_counter() - began >= SLICE_S:
                await asyncio.sleep(0)
                began = time.perf_counter()
                if stop.is_set():
                    return

    def _update_due(self) -> Iterator[None]:
        """Feeds that a request waits for go first; no feed is updated twice before each was updated once."""
        while due := self._list_due():
            for feed in due[MAX_UPDATED:]:
                if self._feeds.get(feed.address) is feed and feed.address not in self._waiting:
                    self._drop(feed)
                yield
            for feed in due[:MAX_UPDATED]:
                if self._feeds.get(feed.address) is feed:  # not dropped meanwhile
                    yield from self._update(feed)
                yield
                if self._waiting:
                    break
        now = self._now()
        for feed in list(self._unsettled):
            if feed.settle_version(now):
                self._unsettled.discard(feed)
            yield

    def _get_settling_seconds(self) -> float | None:
        """Seconds until a response may carry a later date; None if all do."""
        moments = [feed.version.settles_at for feed in self._unsettled if feed.version]
        return max(0.0, min(moments) - self._now()) if moments else None

    def _date_version(self, before: LastModified | None) -> LastModified:
        if before is not None:
            self._version = date_version(self._now(), max(self._version, before))
        return self._version

    def _list_due(self) -> list[Feed]:
        waiting = [self._feeds[address] for address in self._waiting]
        behind = (feed for feed in self._feeds.values() if feed.pending)
        return waiting or sorted(behind, key=_last_use, reverse=True)

    def _update(self, feed: Feed) -> Iterator[None]:
        try:
            yield from feed.update(self._programme, self.rendered, self._date_version)
            self._unsettled.add(feed)
        except Exception:  # noqa: BLE001 - whatever a library raises, only this feed is not made
            self._log.exception("feed_not_rendered", feed=repr(feed.address))
            self._drop(feed)
        waiting = self._waiting.pop(feed.address, None)
        if waiting and not waiting.done():
            waiting.set_result(None)
        self._account_size(feed)

    async def _wait_for_first(self, address: FeedAddress, file_name: str) -> Feed:
        waiting = self._waiting.get(address)
        if waiting is None:
            if len(self._waiting) >= MAX_WAITING:
                raise TooManyNewFeeds
            feed = self._feeds[address] = Feed(address, self._formats[address.format], file_name)
            feed.last_request = self.request_count + 1  # the last to be evicted: a request waits for it
            waiting = self._waiting[address] = asyncio.get_running_loop().create_future()
            self._wake.set()
        feed = self._feeds[address]
        await asyncio.shield(waiting)
        if not feed.is_ready:
            raise FeedNotRendered(address)
        return feed

    def _account_size(self, feed: Feed) -> None:
        """Add a feed's growth, and evict the least recently used feeds over the limit."""
        if self._feeds.get(feed.address) is not feed:
            return  # it was dropped before its answer was sent
        weight = feed.size
        self._size += weight - self._sizes.get(feed.address, 0)
        self._sizes[feed.address] = weight
        if self._size <= self._max_bytes and len(self._feeds) <= MAX_FEEDS:
            return
        for other in sorted(self._feeds.values(), key=_last_use):
            if self._size <= self._max_bytes and len(self._feeds) <= MAX_FEEDS:
                return
            if other is not feed and other.address not in self._waiting:
                self._drop(other)

    def _drop(self, feed: Feed) -> None:
        self._feeds.pop(feed.address, None)
        self._unsettled.discard(feed)
        self._size -= self._sizes.pop(feed.address, 0)
        for path in feed.paths:
            self._by_path.pop(path, None)
        if not any(other.address.variant == feed.address.variant for other in self._feeds.values()):
            self.rendered.forget_variant(feed.address.variant)


_last_use = attrgetter("last_request")
