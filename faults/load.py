"""The people of a row: twenty organisations, curators and readers, at work beside each other."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import Any, Final

from faults.asking import Asker
from faults.checker import Held
from faults.history import Feed, History
from faults.people.curators import REVIEWS, Curator
from faults.people.organisations import SUBMISSIONS, Organisation
from faults.people.readers import Reader
from faults.people.window import Window

ACTS_A_SECOND: Final = 14.0
PATIENT_ACTS_A_SECOND: Final = 6.0
"""In the long rows, where there would otherwise be nothing left to do."""
CURATORS: Final = 2
READERS: Final[Mapping[str, float]] = {"json": 0.15, "ics": 0.5, "rss": 0.5}
"""Seconds between two looks of each."""
SETTLE_SECONDS: Final = 120.0
EARLY: Final = 10
"""So many events are public before a fault begins."""


@dataclass(frozen=True, slots=True)
class Ways:
    """Where the services are, and the keys: each organisation's by its slug, and the curators'."""

    addresses: Mapping[str, str]
    editors: Mapping[str, str]
    curator: str


@dataclass(slots=True)
class Load:
    """A row's people and what they did."""

    history: History
    window: Window
    organisations: list[Organisation]
    curators: list[Curator]
    readers: list[Reader]
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    working: list[asyncio.Task[None]] = field(default_factory=list)
    deciding: list[asyncio.Task[None]] = field(default_factory=list)
    reading: list[asyncio.Task[None]] = field(default_factory=list)

    def begin(self, *, long: bool = False) -> None:
        """Let all begin."""
        pause = len(self.organisations) / (PATIENT_ACTS_A_SECOND if long else ACTS_A_SECOND)
        self.working = [asyncio.create_task(each.work(self.stop, pause)) for each in self.organisations]
        self.deciding = [asyncio.create_task(each.work()) for each in self.curators]
        self.reading = [asyncio.create_task(each.work(READERS[each.extension])) for each in self.readers]

    async def await_public(self, events: int = EARLY, *, within: float = 60.0) -> None:
        """Wait until some events stand in a feed, so that there is something to lose."""
        async with asyncio.timeout(within):
            while not any(poll.feed and len(poll.feed) >= events for poll in self.history.polls[-8:]):
                self._raise_what_failed()
                await asyncio.sleep(0.05)

    async def settle(self) -> None:
        """Let nobody begin anything more, and wait until what was begun is answered; what is not stays open."""
        for curator in self.curators:
            curator.resting = True
        self.stop.set()
        await self._finished(self.working)

    async def decide_the_rest(self) -> None:
        """Let the curators decide whatever still waits, once all of it has come to them."""
        for curator in self.curators:
            curator.resting = False
            curator.last_round = True
        await self._finished(self.deciding)

    async def _finished(self, tasks: Sequence[asyncio.Task[None]]) -> None:
        if tasks:
            _done, late = await asyncio.wait(tasks, timeout=SETTLE_SECONDS)
            for each in late:
                each.cancel()
        self._raise_what_failed()

    async def end(self) -> None:
        """Send everybody home."""
        tasks = [*self.working, *self.deciding, *self.reading]
        for each in tasks:
            each.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _raise_what_failed(self) -> None:
        for each in (*self.working, *self.deciding, *self.reading):
            if each.done() and not each.cancelled():
                each.result()

    async def submissions(self) -> list[Held]:
        """List what ingest shows to each organisation of this row's events."""
        lists = await asyncio.gather(*(self._all(each.asker, SUBMISSIONS) for each in self.organisations))
        return [_submission(item) for items in lists for item in items if self._is_ours(item["event"])]

    async def entries(self) -> list[Held]:
        """List the entries of this row's events, those too that no list shows because nothing of them is left."""
        curator = self.curators[0].asker
        found = {item["id"]: _entry(item) for item in await self._all(curator, REVIEWS)}
        known = {act.event_id for act in self.history.acts if act.event_id}
        for missing in sorted(known - found.keys()):
            answer = await curator.ask("GET", f"{REVIEWS}/{missing}")
            if answer is not None and answer.is_success:
                found[missing] = _entry(answer.json())
        return [each for each in found.values() if each.id in known or self._has_text_of_ours(each)]

    async def feeds(self) -> dict[str, Feed]:
        """Read each format once; one that is not answered is missing."""
        found = {each.extension: await each.look() for each in self.readers}
        return {extension: feed for extension, feed in found.items() if feed is not None}

    async def _all(self, asker: Asker, path: str) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = []
        params: dict[str, Any] = {"year": self.window.year, "limit": 200}
        while True:
            answer = await asker.ask("GET", path, params=params)
            if answer is None or not answer.is_success:
                await asyncio.sleep(0.5)
                continue
            page = answer.json()
            items += page["items"]
            if page["next"] is None:
                return items
            params["cursor"] = page["next"]

    def _is_ours(self, event: Mapping[str, Any]) -> bool:
        return f" {self.window.token(0)[:-1]}" in event["title"]["pl"]

    def _has_text_of_ours(self, entry: Held) -> bool:
        return any(f" {self.window.token(0)[:-1]}" in title for title in entry.texts.values())


@asynccontextmanager
async def people(ways: Ways, window: Window, random: Random) -> AsyncIterator[Load]:
    """Open everybody's connections and close them again; nobody works yet."""
    history, counter = History(), count(1)

    def next_token() -> str:
        return window.token(next(counter))

    async with AsyncExitStack() as opened:

        async def asker(service: str, key: str | None = None) -> Asker:
            return await opened.enter_async_context(Asker(service, ways.addresses[service], history, key))

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


def _submission(item: Mapping[str, Any]) -> Held:
    return Held(item["id"], {item["version"]: item["event"]["title"]["pl"]}, item["version"], item["state"])


def _entry(item: Mapping[str, Any]) -> Held:
    parts = [part for part in (item["live"], item["proposal"]) if part]
    texts = {part["version"]: part["event"]["title"]["pl"] for part in parts}
    return Held(item["id"], texts, max(texts, default=0), item["state"])


def moment() -> float:
    """Give the present moment of the clock that a history is written by."""
    return time.monotonic()
