"""Load of a row: twenty organisations, curators and readers, working concurrently."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import Any, Final

from faults.checker import StoredSubmission
from faults.client import RecordingClient
from faults.history import Feed, History
from faults.workload.curators import REVIEWS, Curator
from faults.workload.month import EventMonth
from faults.workload.organisations import SUBMISSIONS, Organisation
from faults.workload.readers import Reader

ACTS_A_SECOND: Final = 14.0
# In the long rows, where there would otherwise be nothing left to do.
PATIENT_ACTS_A_SECOND: Final = 6.0
CURATORS: Final = 2
# Seconds between two polls.
READERS: Final[Mapping[str, float]] = {"json": 0.15, "ics": 0.5, "rss": 0.5}
SETTLE_SECONDS: Final = 120.0
# Events that are public before a fault begins.
EARLY: Final = 10


@dataclass(frozen=True, slots=True)
class Access:
    """API keys: each organisation's by its slug, and the curators'."""

    addresses: Mapping[str, str]
    editors: Mapping[str, str]
    curator: str


@dataclass(slots=True)
class Load:
    history: History
    window: EventMonth
    organisations: list[Organisation]
    curators: list[Curator]
    readers: list[Reader]
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    working: list[asyncio.Task[None]] = field(default_factory=list)
    deciding: list[asyncio.Task[None]] = field(default_factory=list)
    reading: list[asyncio.Task[None]] = field(default_factory=list)

    def begin(self, *, long: bool = False) -> None:
        pause = len(self.organisations) / (PATIENT_ACTS_A_SECOND if long else ACTS_A_SECOND)
        self.working = [asyncio.create_task(each.work(self.stop, pause)) for each in self.organisations]
        self.deciding = [asyncio.create_task(each.work()) for each in self.curators]
        self.reading = [asyncio.create_task(each.work(READERS[each.extension])) for each in self.readers]

    async def await_public(self, events: int = EARLY, *, within: float = 60.0) -> None:
        # So that there is something to lose.
        async with asyncio.timeout(within):
            while not any(poll.feed and len(poll.feed) >= events for poll in self.history.polls[-8:]):
                self._raise_errors()
                await asyncio.sleep(0.05)

    async def drain(self) -> None:
        """Begin nothing more, and wait until what was begun is answered; what is not stays open."""
        for curator in self.curators:
            curator.resting = True
        self.stop.set()
        await self._finish(self.working)

    async def decide_remaining(self) -> None:
        for curator in self.curators:
            curator.resting = False
            curator.last_round = True
        await self._finish(self.deciding)

    async def _finish(self, tasks: Sequence[asyncio.Task[None]]) -> None:
        if tasks:
            _done, late = await asyncio.wait(tasks, timeout=SETTLE_SECONDS)
            for each in late:
                each.cancel()
        self._raise_errors()

    async def end(self) -> None:
        tasks = [*self.working, *self.deciding, *self.reading]
        for each in tasks:
            each.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _raise_errors(self) -> None:
        for each in (*self.working, *self.deciding, *self.reading):
            if each.done() and not each.cancelled():
                each.result()

    async def list_submissions(self) -> list[StoredSubmission]:
        lists = await asyncio.gather(*(self._list_all(each.asker, SUBMISSIONS) for each in self.organisations))
        return [_create_submission(item) for items in lists for item in items if self._is_of_window(item["event"])]

    async def list_entries(self) -> list[StoredSubmission]:
        """Also those in no list because nothing of them is left."""
        curator = self.curators[0].asker
        found = {item["id"]: _create_entry(item) for item in await self._list_all(curator, REVIEWS)}
        known = {act.event_id for act in self.history.acts if act.event_id}
        for missing in sorted(known - found.keys()):
            answer = await curator.request("GET", f"{REVIEWS}/{missing}")
            if answer is not None and answer.is_success:
                found[missing] = _create_entry(answer.json())
        return [each for each in found.values() if each.id in known or self._has_title_of_window(each)]

    async def read_feeds(self) -> dict[str, Feed]:
        """A format that is not answered is missing."""
        found = {each.extension: await each.poll_once() for each in self.readers}
        return {extension: feed for extension, feed in found.items() if feed is not None}

    async def _list_all(self, asker: RecordingClient, path: str) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = []
        params: dict[str, Any] = {"year": self.window.year, "limit": 200}
        while True:
            answer = await asker.request("GET", path, params=params)
            if answer is None or not answer.is_success:
                await asyncio.sleep(0.5)
                continue
            page = answer.json()
            items += page["items"]
            if page["next"] is None:
                return items
            params["cursor"] = page["next"]

    def _is_of_window(self, event: Mapping[str, Any]) -> bool:
        return f" {self.window.name_token(0)[:-1]}" in event["title"]["pl"]

    def _has_title_of_window(self, entry: StoredSubmission) -> bool:
        return any(f" {self.window.name_token(0)[:-1]}" in title for title in entry.texts.values())


@asynccontextmanager
async def start_load(ways: Access, window: EventMonth, random: Random) -> AsyncIterator[Load]:
    """Nobody works yet."""
    history, counter = History(), count(1)

    def next_token() -> str:
        return window.name_token(next(counter))

    async with AsyncExitStack() as opened:

        async def asker(service: str, key: str | None = None) -> RecordingClient:
            return await opened.enter_async_context(RecordingClient(service, ways.addresses[service], history, key))

        organisations = [
            Organisation(slug, await asker("ingest", key), history, window, Random(random.random()), next_token)
            for slug, key in ways.editors.items()
        ]
        for one, other in zip(organisations, [*organisations[1:], organisations[0]], strict=True):
            one.neighbours = other.own
        curators = [
            Curator(number, CURATORS, await asker("calendar", ways.curator), history, window, Random(random.random()))
            for number in range(CURATORS)
        ]
        readers = [Reader(extension, await asker("distribution"), history, window) for extension in READERS]
        load = Load(history, window, organisations, curators, readers)
        try:
            yield load
        finally:
            await load.end()


def _create_submission(item: Mapping[str, Any]) -> StoredSubmission:
    return StoredSubmission(item["id"], {item["version"]: item["event"]["title"]["pl"]}, item["version"], item["state"])


def _create_entry(item: Mapping[str, Any]) -> StoredSubmission:
    parts = [part for part in (item["live"], item["proposal"]) if part]
    texts = {part["version"]: part["event"]["title"]["pl"] for part in parts}
    return StoredSubmission(item["id"], texts, max(texts, default=0), item["state"])


def read_clock() -> float:
    """The history's clock."""
    return time.monotonic()
