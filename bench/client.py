"""A small HTTP/1.1 client: one request at a time on each connection, every answer awaited, every time taken.

``python -m bench.client`` reads a :class:`Task` as JSON and writes an :class:`Outcome`; it is a program of its own so
that it can be kept to its own core. It costs some 40 µs a request, so ``wrk`` is taken where that matters.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from itertools import cycle
from typing import NamedTuple, cast
from urllib.parse import urlsplit

import httptools
import msgspec
import uvloop

PATIENCE_SECONDS = 60.0
REFUSED = 400


class Request(msgspec.Struct, frozen=True):
    """What to ask; with several bodies they are sent in turn."""

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = {}
    bodies: tuple[str, ...] = ()

    def raw(self) -> Sequence[bytes]:
        """Write it as it goes over the wire, once for each body."""
        return [self._raw(body.encode()) for body in self.bodies or ("",)]

    def _raw(self, body: bytes) -> bytes:
        parts = urlsplit(self.url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        headers = {"Host": parts.netloc, **self.headers}
        if body:
            headers["Content-Length"] = str(len(body))
        lines = [f"{self.method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        return "\r\n".join([*lines, "", ""]).encode() + body


class Task(msgspec.Struct, frozen=True):
    """How hard to ask: until ``seconds`` are over or ``count`` requests are answered, whichever comes first."""

    request: Request
    connections: int
    seconds: float
    count: int | None = None


class Outcome(msgspec.Struct, frozen=True):
    """What came of it: times in milliseconds, in the order of the answers; ``cpu_seconds`` are the client's own."""

    seconds: float
    failures: int
    milliseconds: list[float]
    cpu_seconds: float = 0


class Answer(NamedTuple):
    """An answer; the names of its headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def without(self, header: str) -> Answer:
        """Give the same answer less a header."""
        return self._replace(headers={name: value for name, value in self.headers.items() if name != header})


class ConnectionLost(Exception):
    """The server ended a connection before it had answered."""


class Connection(asyncio.Protocol):
    """A connection that stays open."""

    def __init__(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._headers: dict[str, str] = {}
        self._body: list[bytes] = []
        self._answered: asyncio.Future[Answer] | None = None
        self._transport: asyncio.Transport | None = None
        self._bodiless = False

    async def ask(self, raw: bytes) -> Answer:
        """Send a request and wait for the whole answer.

        Raises:
            ConnectionLost: if there will be none.

        """
        if self._transport is None or self._transport.is_closing():
            raise ConnectionLost
        self._answered = asyncio.get_running_loop().create_future()
        self._bodiless = raw.startswith(b"HEAD ")
        self._transport.write(raw)
        return await self._answered

    def close(self) -> None:
        """End it."""
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport (asyncio's callback, as the next two)."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Parse what came."""
        self._parser.feed_data(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell whoever waits."""
        if self._answered is not None and not self._answered.done():
            self._answered.set_exception(ConnectionLost(str(exc or "")))

    def on_message_begin(self) -> None:
        """Begin an answer (httptools' callback, as the next four)."""
        self._headers, self._body = {}, []

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header."""
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        """End an answer to HEAD, whose Content-Length is that of a body that does not come."""
        if self._bodiless:
            self.on_message_complete()

    def on_body(self, body: bytes) -> None:
        """Keep a piece of the body."""
        self._body.append(body)

    def on_message_complete(self) -> None:
        """Hand the answer out."""
        status = self._parser.get_status_code()
        if self._answered is not None and not self._answered.done():
            self._answered.set_result(Answer(status, self._headers, b"".join(self._body)))
        self._parser = httptools.HttpResponseParser(self)


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Connection]:
    """Open a connection to the server of an address, and close it afterwards."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or 80
    _, connection = await asyncio.get_running_loop().create_connection(Connection, host, port)
    try:
        yield connection
    finally:
        connection.close()


def ask(request: Request) -> Answer:
    """Ask once, on a connection of its own.

    Raises:
        ConnectionLost, OSError, TimeoutError: if there is no answer.

    """

    async def once() -> Answer:
        async with asyncio.timeout(PATIENCE_SECONDS), connected(request.url) as connection:
            return await connection.ask(request.raw()[0])

    return asyncio.run(once())


async def press(task: Task) -> Outcome:
    """Ask on all connections at once, each for itself, until there is enough.

    Raises:
        TimeoutError: if the server takes a minute longer than it was given.

    """
    raws = cycle(task.request.raw())
    left = iter(range(task.count)) if task.count is not None else None
    began = time.perf_counter()
    async with asyncio.timeout(task.seconds + PATIENCE_SECONDS):
        each = [_press_one(task.request.url, raws, left, until=began + task.seconds) for _ in range(task.connections)]
        outcomes = await asyncio.gather(*each)
    milliseconds = [value for outcome in outcomes for value in outcome.milliseconds]
    return Outcome(time.perf_counter() - began, sum(outcome.failures for outcome in outcomes), milliseconds)


async def _press_one(url: str, raws: Iterator[bytes], left: Iterator[int] | None, *, until: float) -> Outcome:
    milliseconds, failures = [], 0
    async with connected(url) as connection:
        while (now := time.perf_counter()) < until and (left is None or next(left, None) is not None):
            answer = await connection.ask(next(raws))
            milliseconds.append((time.perf_counter() - now) * 1000)
            failures += answer.status >= REFUSED
    return Outcome(0, failures, milliseconds)


def main() -> None:
    """Do the task that stands on the standard input."""
    task = msgspec.json.decode(sys.stdin.buffer.read(), type=Task)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        sys.stdout.buffer.write(msgspec.json.encode(runner.run(press(task))))


if __name__ == "__main__":
    main()
