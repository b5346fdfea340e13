"""A reader who polls one feed all the time."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Final

from faults.asking import Asker
from faults.feeds import read_feed
from faults.history import Feed, History, Poll
from faults.people.window import Window

OK: Final = 200


@dataclass(slots=True)
class Reader:
    """Looks at a row's events in one format; what is the same as before is not read twice."""

    extension: str
    asker: Asker
    history: History
    window: Window
    _body: bytes = b""
    _feed: Feed | None = None

    async def work(self, pause: float) -> None:
        """Poll until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(pause)

    async def look(self) -> Feed | None:
        """Look once; None unless it was answered 200."""
        began = time.monotonic()
        answer = await self.asker.ask("GET", f"/feeds/programme.{self.extension}", params=self.window.filters)
        status = None if answer is None else answer.status_code
        feed = self._read(answer.content) if answer is not None and status == OK else None
        self.history.polls.append(Poll(self.extension, began, time.monotonic(), status, feed))
        return feed

    def _read(self, body: bytes) -> Feed:
        if self._feed is None or body != self._body:
            self._body, self._feed = body, read_feed(self.extension, body)
        return self._feed
