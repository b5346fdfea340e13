"""Reader: polls one feed."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

import msgspec

from faults.client import RecordingClient
from faults.feeds import parse_feed
from faults.history import Feed, History, Poll
from faults.workload.month import EventMonth
from shared.json_feed import find_next_page, has_known

OK: Final = 200


@dataclass(slots=True)
class Reader:
    # An unchanged body is not parsed again.

    extension: str
    asker: RecordingClient
    history: History
    window: EventMonth
    _body: bytes = b""
    _feed: Feed | None = None

    async def work(self, pause: float) -> None:
        while True:
            await self.poll_once()
            await asyncio.sleep(pause)

    async def poll_once(self) -> Feed | None:
        """None unless it was answered 200."""
        began = time.monotonic()
        path = f"/feeds/programme.{self.extension}?{urlencode(self.window.filters)}"
        answer = await self.asker.request("GET", path)
        status = None if answer is None else answer.status_code
        feed = self._parse_if_changed(answer.content) if answer is not None and status == OK else None
        if feed is not None and self.extension == "json":
            status, feed = await self._read_more_pages(path, feed)
        self.history.polls.append(Poll(self.extension, began, time.monotonic(), status, feed))
        return feed

    async def _read_more_pages(self, path: str, feed: Feed) -> tuple[int | None, Feed | None]:
        # As shared.json_feed.read_items does, but what stands twice in a page stays so.
        following = find_next_page(msgspec.json.decode(self._body), path)
        known: Feed = {}
        whole, count = dict(feed), 1
        while True:
            while following:
                answer = await self.asker.request("GET", following)
                if answer is None or answer.status_code != OK:
                    return (None if answer is None else answer.status_code), None
                page, count = parse_feed(self.extension, answer.content), count + 1
                whole |= page
                following = (
                    None if has_known(page, known) else find_next_page(msgspec.json.decode(answer.content), following)
                )
            if count == 1:
                return OK, whole
            known, following, count = dict(whole), path, 0

    def _parse_if_changed(self, body: bytes) -> Feed:
        if self._feed is None or body != self._body:
            self._body, self._feed = body, parse_feed(self.extension, body)
        return self._feed
