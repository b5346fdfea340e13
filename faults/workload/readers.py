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
from shared.json_feed import find_next_page

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
            status, feed = await self._read_more_pages(path, status, feed)
        self.history.polls.append(Poll(self.extension, began, time.monotonic(), status, feed))
        return feed

    async def _read_more_pages(self, path: str, status: int | None, feed: Feed) -> tuple[int | None, Feed | None]:
        # What changes meanwhile moves to the front, so the first page is read again at the end.
        following = find_next_page(msgspec.json.decode(self._body), path)
        if following is None:
            return status, feed
        whole, address = dict(feed), following
        while True:
            answer = await self.asker.request("GET", address)
            if answer is None or answer.status_code != OK:
                return (None if answer is None else answer.status_code), None
            whole |= parse_feed(self.extension, answer.content)
            if address == path:
                return OK, whole
            address = find_next_page(msgspec.json.decode(answer.content), address) or path

    def _parse_if_changed(self, body: bytes) -> Feed:
        if self._feed is None or body != self._body:
            self._body, self._feed = body, parse_feed(self.extension, body)
        return self._feed
