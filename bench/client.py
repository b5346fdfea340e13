"""HTTP/1.1 client: one request at a time on each connection, every response awaited and timed.

``python -m bench.client`` reads a :class:`Task` as JSON and writes a :class:`ClientResult`: a separate program, so that
it can be pinned to its own core. It costs some 40 µs a request, so ``wrk`` is preferred where that matters.
"""

from __future__ import annotations

import asyncio
import secrets
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from itertools import count, cycle
from typing import NamedTuple, cast
from urllib.parse import urlsplit

import httptools
import msgspec
import uvloop

PATIENCE_SECONDS = 60.0
REFUSED = 400


# Placeholder of a number that is unique in each body: a repeat of the same event within a day is no new one.
SERIAL = "0" * 12


class Request(msgspec.Struct, frozen=True):
    """Several bodies are sent in turn, each with its :data:`SERIAL` counted."""

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = {}
    bodies: tuple[str, ...] = ()

    @property
    def is_counted(self) -> bool:
        return any(SERIAL in body for body in self.bodies)

    def encode(self) -> Sequence[bytes]:
        """As it goes over the wire, once for each body."""
        return [self._encode(body.encode()) for body in self.bodies or ("",)]

    def _encode(self, body: bytes) -> bytes:
        parts = urlsplit(self.url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        headers = {"Host": parts.netloc, **self.headers}
        if body:
            headers["Content-Length"] = str(len(body))
        lines = [f"{self.method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        return "\r\n".join([*lines, "", ""]).encode() + body


class Task(msgspec.Struct, frozen=True):
    """Until ``seconds`` are over or ``count`` requests are answered, whichever comes first."""

    request: Request
    connections: int
    seconds: float
    count: int | None = None


class ClientResult(msgspec.Struct, frozen=True):
    """Times in milliseconds, in the order of the responses; ``cpu_seconds`` are the client's own."""

    seconds: float
    failures: int
    milliseconds: list[float]
    cpu_seconds: float = 0


class Response(NamedTuple):
    """The names of the headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def without(self, header: str) -> Response:
        return self._replace(headers={name: value for name, value in self.headers.items() if name != header})


class ConnectionLost(Exception):
    """The server closed a connection before it had answered."""


class Connection(asyncio.Protocol):
    def __init__(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._headers: dict[str, str] = {}
        self._body: list[bytes] = []
        self._answered: asyncio.Future[Response] | None = None
        self._transport: asyncio.Transport | None = None
        self._bodiless = False

    async def ask(self, raw: bytes) -> Response:
        """Raises ConnectionLost."""
        if self._transport is None or self._transport.is_closing():
            raise ConnectionLost
        self._answered = asyncio.get_running_loop().create_future()
        self._bodiless = raw.startswith(b"HEAD ")
        self._transport.write(raw)
        return await self._answered

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answered is not None and not self._answered.done():
            self._answered.set_exception(ConnectionLost(str(exc or "")))

    def on_message_begin(self) -> None:
        self._headers, self._body = {}, []

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        # A response to HEAD has the Content-Length of a body that does not come.
        if self._bodiless:
            self.on_message_complete()

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        status = self._parser.get_status_code()
        if self._answered is not None and not self._answered.done():
            self._answered.set_result(Response(status, self._headers, b"".join(self._body)))
        self._parser = httptools.HttpResponseParser(self)


@asynccontextmanager
async def open_connection(url: str) -> AsyncIterator[Connection]:
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or 80
    _, connection = await asyncio.get_running_loop().create_connection(Connection, host, port)
    try:
        yield connection
    finally:
        connection.close()


def ask(request: Request) -> Response:
    """On a connection of its own; raises ConnectionLost, OSError, TimeoutError."""

    async def once() -> Response:
        async with asyncio.timeout(PATIENCE_SECONDS), open_connection(request.url) as connection:
            return await connection.ask(request.encode()[0])

    return asyncio.run(once())


async def apply_load(task: Task) -> ClientResult:
    """Raises TimeoutError if the server takes a minute longer than it was given."""
    raws = _cycle_raw(task.request)
    left = iter(range(task.count)) if task.count is not None else None
    began = time.perf_counter()
    async with asyncio.timeout(task.seconds + PATIENCE_SECONDS):
        each = [_load_one(task.request.url, raws, left, until=began + task.seconds) for _ in range(task.connections)]
        outcomes = await asyncio.gather(*each)
    milliseconds = [value for outcome in outcomes for value in outcome.milliseconds]
    return ClientResult(time.perf_counter() - began, sum(outcome.failures for outcome in outcomes), milliseconds)


def _cycle_raw(request: Request) -> Iterator[bytes]:
    raws = cycle(request.encode())
    if not request.is_counted:
        return raws
    return (
        raw.replace(SERIAL.encode(), f"{serial:012}".encode())
        for serial, raw in zip(count(choose_first_serial()), raws, strict=False)
    )


def choose_first_serial() -> int:
    # At random, so that no two counts overlap.
    return secrets.randbelow(9 * 10**11)


async def _load_one(url: str, raws: Iterator[bytes], left: Iterator[int] | None, *, until: float) -> ClientResult:
    milliseconds, failures = [], 0
    async with open_connection(url) as connection:
        while (now := time.perf_counter()) < until and (left is None or next(left, None) is not None):
            answer = await connection.ask(next(raws))
            milliseconds.append((time.perf_counter() - now) * 1000)
            failures += answer.status >= REFUSED
    return ClientResult(0, failures, milliseconds)


def main() -> None:
    task = msgspec.json.decode(sys.stdin.buffer.read(), type=Task)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        sys.stdout.buffer.write(msgspec.json.encode(runner.run(apply_load(task))))


if __name__ == "__main__":
    main()
