"""Files of pictures, read from their database: kept in memory within bounds, with a circuit breaker for its outages."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from hashlib import blake2b
from typing import Final, NamedTuple

import structlog

from shared.aio.backoff import backoff
from shared.database.client import PyMongoError
from shared.media.model import WIDTHS

AT_ONCE: Final = 8
"""Reads of the database: as many files are in memory that nobody counts yet, of up to a megabyte each."""
WAITING: Final = 100
FIRST_PAUSE: Final = 2.0
LONGEST_PAUSE: Final = 60.0
"""Seconds in which nothing is read after a failure."""
READ_TIMEOUT_MS: Final = 3_000
"""Shorter than for who uploads: a visitor does without the picture."""
Read = Callable[[str, str], Awaitable[bytes | None]]
_log = structlog.get_logger(__name__)


class PictureFile(NamedTuple):
    """``etag`` is a strong one, with its quotes."""

    content: bytes
    etag: str


class PicturesUnreadable(Exception):
    """The database of pictures does not answer, or too many wait for it; ask again after some seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = max(1, round(seconds))


class PictureFiles:
    """``read`` gives a file by the name of its picture and its own; ``now`` are seconds that only rise."""

    def __init__(self, read: Read, *, max_bytes: int, now: Callable[[], float] = time.monotonic) -> None:
        self._read = read
        self._max_bytes = max_bytes
        self._now = now
        self._kept: OrderedDict[tuple[str, str], PictureFile] = OrderedDict()
        self._under_way: dict[tuple[str, str], asyncio.Task[PictureFile | None]] = {}
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._failures = 0
        self._paused_until = 0.0
        self.size = 0
        """Bytes that are kept."""

    async def get(self, media: str, name: str) -> PictureFile | None:
        """Return the file; the next smaller one where the picture is too small for it. Raises PicturesUnreadable."""
        key = (media, name)
        if found := self._kept.get(key):
            self._kept.move_to_end(key)
            return found
        if key not in self._under_way:
            self._check_open()
            self._under_way[key] = task = asyncio.create_task(self._load(key))
            task.add_done_callback(lambda done: self._finish(key, done))
        return await asyncio.shield(self._under_way[key])

    def describe_problem(self) -> str | None:
        """For operators; None while all is well."""
        return (
            "the database of pictures does not answer: pages and feeds go on, without pictures" * (self._failures > 0)
            or None
        )

    def _check_open(self) -> None:
        """After an outage one request at a time tries whether it is over."""
        left = self._paused_until - self._now()
        if left > 0 or (self._failures and self._under_way):
            raise PicturesUnreadable(left)
        if len(self._under_way) >= WAITING:
            raise PicturesUnreadable(1.0)

    async def _load(self, key: tuple[str, str]) -> PictureFile | None:
        media, name = key
        async with self._slots:
            if self._paused_until > self._now():  # it failed while this one waited
                raise PicturesUnreadable(self._paused_until - self._now())
            try:
                content = await self._read_largest(media, name)
            except PyMongoError as error:
                self._pause(error)
                raise PicturesUnreadable(self._paused_until - self._now()) from error
        self._failures = 0
        if content is None:
            return None
        found = PictureFile(content, f'"{blake2b(content, digest_size=16).hexdigest()}"')
        self._keep(key, found)
        return found

    async def _read_largest(self, media: str, name: str) -> bytes | None:
        width, _, kind = name.partition(".")
        for each in sorted((each for each in WIDTHS if each <= int(width)), reverse=True):
            if (content := await self._read(media, f"{each}.{kind}")) is not None:
                return content
        return None

    def _pause(self, error: PyMongoError) -> None:
        if not self._failures:
            _log.warning("pictures_unreadable", error=type(error).__name__)
        self._failures += 1
        self._paused_until = self._now() + backoff(self._failures, first=FIRST_PAUSE, longest=LONGEST_PAUSE)

    def _keep(self, key: tuple[str, str], found: PictureFile) -> None:
        if len(found.content) > self._max_bytes:
            return
        self._kept[key] = found
        self.size += len(found.content)
        while self.size > self._max_bytes:
            _oldest, gone = self._kept.popitem(last=False)
            self.size -= len(gone.content)

    def _finish(self, key: tuple[str, str], done: asyncio.Task[PictureFile | None]) -> None:
        del self._under_way[key]
        if not done.cancelled():
            done.exception()  # what nobody waits for any more would be reported as never retrieved
