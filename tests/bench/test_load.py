"""Loads: what wrk says, and what our own client sends and counts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bench.client import SERIAL, ConnectionLost, Request, Task, apply_load, open_connection
from bench.load import LoadResult, parse_wrk

SAID = """\
Running 1s test @ http://127.0.0.1:20000/whole
  1 threads and 16 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     1.50ms    2.00ms   20.00ms   90.00%
    Req/Sec     5.00k   100.00     6.00k    70.00%
  5000 requests in 1.01s, 700.00MB read
{more}Requests/sec:   4950.50
Transfer/sec:    690.00MB
p50 1.250ms
p95 4.000ms
p99 9.125ms
"""


def test_wrks_figures_are_read() -> None:
    assert parse_wrk(SAID.format(more="")) == LoadResult(5_000, 4950.5, 1.25, 4.0, 9.125, 0)


def test_refusals_and_broken_connections_are_failures() -> None:
    more = "  Socket errors: connect 1, read 2, write 3, timeout 4\n  Non-2xx or 3xx responses: 20\n"

    assert parse_wrk(SAID.format(more=more)).failures == 30


def test_a_request_is_written_once_for_each_body() -> None:
    request = Request("http://127.0.0.1:8000/a?b=c", "POST", {"X-Who": "me"}, ("ż", "{}"))

    assert request.encode() == [
        "POST /a?b=c HTTP/1.1\r\nHost: 127.0.0.1:8000\r\nX-Who: me\r\nContent-Length: 2\r\n\r\nż".encode(),
        b"POST /a?b=c HTTP/1.1\r\nHost: 127.0.0.1:8000\r\nX-Who: me\r\nContent-Length: 2\r\n\r\n{}",
    ]


@asynccontextmanager
async def answering(*answers: bytes) -> AsyncIterator[str]:
    """A server that gives these answers in turn, and then hangs up at the next request."""
    ended = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer in answers:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer)
        await reader.read(1)
        writer.close()
        ended.set()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()
        yield f"http://{host}:{port}/"
        await ended.wait()


OK = b"HTTP/1.1 200 OK\r\nETag: W\r\nContent-Length: 2\r\n\r\nhi"
REFUSED = b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"
UNCHANGED = b"HTTP/1.1 304 Not Modified\r\nETag: W\r\n\r\n"


async def test_one_connection_is_used_for_many_answers() -> None:
    async with answering(OK, UNCHANGED, OK) as url, open_connection(url) as connection:
        raw = Request(url).encode()[0]
        answers = [await connection.ask(raw) for _ in range(3)]

    assert [(each.status, each.headers["etag"], each.body) for each in answers] == [
        (200, "W", b"hi"),
        (304, "W", b""),
        (200, "W", b"hi"),
    ]


async def test_an_answer_to_head_has_no_body_to_wait_for() -> None:
    head = OK.removesuffix(b"hi")

    async with answering(head, head, OK) as url, open_connection(url) as connection:
        raws = [Request(url, method).encode()[0] for method in ("HEAD", "HEAD", "GET")]
        answers = [await connection.ask(raw) for raw in raws]

    assert [(each.status, each.headers["content-length"], each.body) for each in answers] == [
        (200, "2", b""),
        (200, "2", b""),
        (200, "2", b"hi"),
    ]


async def test_every_answer_is_timed_and_refusals_are_counted() -> None:
    async with answering(OK, REFUSED, OK) as url:
        outcome = await apply_load(Task(Request(url), connections=1, seconds=5, count=3))

    assert (len(outcome.milliseconds), outcome.failures) == (3, 1)


async def test_a_serial_is_another_one_each_time() -> None:
    sent: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(4):
            head = await reader.readuntil(b"\r\n\r\n")
            sent.append(await reader.readexactly(int(head.split(b"Content-Length: ")[1].split(b"\r\n")[0])))
            writer.write(OK)
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()
        request = Request(f"http://{host}:{port}/", "POST", bodies=(f"a {SERIAL}", f"b {SERIAL}"))
        await apply_load(Task(request, connections=1, seconds=5, count=4))

    assert [body[:2] for body in sent] == [b"a ", b"b ", b"a ", b"b "]
    assert len({body[2:] for body in sent}) == 4


async def test_a_connection_that_ends_is_told_to_whoever_waits() -> None:
    async with answering(OK) as url, open_connection(url) as connection:
        raw = Request(url).encode()[0]
        await connection.ask(raw)

        with pytest.raises(ConnectionLost):
            await connection.ask(raw)
