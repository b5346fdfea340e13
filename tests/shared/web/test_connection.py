"""What a connection does with a body that comes after its answer, over a real socket."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Final

import httpx
import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from deploy.local.answers import says_ok
from deploy.local.ports import LOOPBACK, free_port
from deploy.local.processes import Child
from deploy.local.waiting import becomes_true
from shared.web.connection import HEAD_BYTES, HEAD_SECONDS, LOOK_SECONDS, REST_BYTES, Connection
from tests.running import ROOT

ENOUGH: Final = 120.0
KEEP_SECONDS: Final = 60
"""How long the server lets a connection idle: longer than a head may take."""
PIECE: Final = b"a" * 20_000
PIECES: Final = 100
LET_GO: Final = 0
POST: Final = b"POST / HTTP/1.1\r\nHost: kalendarium.test\r\n"
GET: Final = b"GET / HTTP/1.1\r\nHost: kalendarium.test\r\nConnection: close\r\n\r\n"
BODIES: Final[dict[str, tuple[bytes, bytes, bytes]]] = {
    "announced": (b"Content-Length: 2000000\r\n\r\n", PIECE, b""),
    "in pieces": (b"Transfer-Encoding: chunked\r\n\r\n", b"%x\r\n%b\r\n" % (len(PIECE), PIECE), b"0\r\n\r\n"),
}


async def refuses_early(scope: Scope, _receive: Receive, send: Send) -> None:
    """Answer without a look at the body, as is done with who sends too much or too often."""
    status = 413 if scope["method"] == "POST" else 200
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


@asynccontextmanager
async def connected() -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection to a server that answers early."""
    port = free_port()
    config = uvicorn.Config(
        refuses_early, port=port, http=Connection, log_config=None, lifespan="off", timeout_keep_alive=KEEP_SECONDS
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    assert await asyncio.to_thread(becomes_true, lambda: server.started, within=ENOUGH)
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    try:
        async with asyncio.timeout(ENOUGH):
            yield reader, writer
    finally:
        writer.close()
        server.force_exit = server.should_exit = True
        await serving


async def statuses(reader: asyncio.StreamReader) -> list[int]:
    """Read until the connection ends; gives the statuses of the answers."""
    answers = b""
    try:
        while more := await reader.read(65_536):
            answers += more
    except ConnectionError:
        pass
    return [int(line.split()[1]) for line in answers.split(b"\r\n") if line.startswith(b"HTTP/1.1 ")]


@pytest.mark.parametrize("body", BODIES)
async def test_a_body_that_comes_after_its_answer_is_not_taken_for_a_head(body: str) -> None:
    head, piece, end = BODIES[body]
    assert len(PIECE) * PIECES > HEAD_BYTES
    async with connected() as (reader, writer):
        writer.write(POST + head)
        answer = await reader.readuntil(b"\r\n\r\n")
        for _ in range(PIECES):
            writer.write(piece)
            await writer.drain()
        writer.write(end + GET)

        assert answer.startswith(b"HTTP/1.1 413 ")
        assert await statuses(reader) == [200], "the next request is answered, and nothing else"


@pytest.mark.parametrize("body", BODIES)
async def test_after_a_body_that_came_late_a_head_may_be_as_large_as_any_and_no_larger(body: str) -> None:
    """What ended the body is not counted; what begins the head is, though it ends nothing."""
    head, piece, end = BODIES[body]
    async with connected() as (reader, writer):
        writer.write(POST + head)
        await reader.readuntil(b"\r\n\r\n")
        writer.write(piece * PIECES + end + b"GET / HTTP/1.1\r\n")
        await writer.drain()
        line = b"X-A: " + b"a" * 8_000 + b"\r\n"
        answers = asyncio.create_task(statuses(reader))
        sent = 0
        while not answers.done() and sent < 16 * HEAD_BYTES:
            writer.write(line)
            sent += len(line)
            await asyncio.sleep(0.01)

        assert await answers == [431]
        assert sent > HEAD_BYTES


async def test_of_requests_that_come_at_once_each_is_answered_though_bodies_come_late() -> None:
    """A connection serves on after a late body, and knows where it ended."""
    length = b"Content-Length: 5\r\n\r\n"
    async with connected() as (reader, writer):
        for late in (b"", b"aaaaa"):
            writer.write(POST + length + b"aaaaa"[len(late) :])
            await reader.readuntil(b"\r\n\r\n")
            writer.write(late + (POST + length + b"aaaaa") * 2)
            for _ in range(2):
                assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 413 ")
        writer.write(GET)

        assert await statuses(reader) == [200]


async def test_a_body_without_end_is_cut_off_without_a_word() -> None:
    head, piece, _ = BODIES["in pieces"]
    async with connected() as (reader, writer):
        writer.write(POST + head)
        await reader.readuntil(b"\r\n\r\n")
        answers = asyncio.create_task(statuses(reader))
        sent = 0
        while not answers.done() and sent < 4 * REST_BYTES:
            writer.write(piece)
            sent += len(piece)
            try:
                await writer.drain()
            except ConnectionError:
                break

        assert await answers == []
        assert sent < 4 * REST_BYTES, "it was cut off for what it sent, not for how long it took"


async def test_a_broken_body_after_its_answer_is_cut_off_without_a_word() -> None:
    async with connected() as (reader, writer):
        writer.write(POST + BODIES["in pieces"][0])
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"no length\r\n")

        assert await statuses(reader) == []


@pytest.mark.slow
async def test_a_body_that_drips_after_its_answer_is_cut_off_without_a_word() -> None:
    async with connected() as (reader, writer):
        writer.write(POST + BODIES["announced"][0])
        await reader.readuntil(b"\r\n\r\n")
        answers = asyncio.create_task(statuses(reader))
        while not answers.done():
            writer.write(b"a")
            await asyncio.wait([answers], timeout=0.2)

        assert answers.result() == []


@pytest.mark.slow
async def test_who_idles_after_an_answer_is_not_called_slow_and_may_ask_again() -> None:
    """A proxy keeps connections for the next request, whenever it comes."""
    async with connected() as (reader, writer):
        writer.write(POST + b"Content-Length: 0\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")
        await asyncio.sleep(HEAD_SECONDS + 2 * LOOK_SECONDS)
        writer.write(GET)

        assert await statuses(reader) == [200]


@pytest.mark.slow
@pytest.mark.parametrize("begun", [b"G", b"\r\n", POST + b"Content-Length: 5\r\n\r\naa"])
async def test_who_began_something_after_an_answer_has_to_end_it_in_time(begun: bytes) -> None:
    """A head, a blank line before it, or a body that is answered already: the first byte ends the idling."""
    async with connected() as (reader, writer):
        writer.write(POST + b"Content-Length: 0\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")
        await asyncio.sleep(LOOK_SECONDS)
        writer.write(begun)
        since = asyncio.get_running_loop().time()

        answers = await statuses(reader)

        assert answers == ([413] if b"POST" in begun else [408])
        assert asyncio.get_running_loop().time() - since < KEEP_SECONDS / 2


SERVER: Final = """
import sys
import uvicorn
from shared.web.connection import Connection
from tests.shared.web.test_connection import refuses_early
uvicorn.run(refuses_early, port=int(sys.argv[1]), http=Connection, loop="uvloop", log_config=None, lifespan="off")
"""


@pytest.mark.slow
def test_a_request_that_came_while_the_process_stood_still_is_not_called_slow(tmp_path: Path) -> None:
    """A process that wakes looks at its clocks before it looks at its sockets."""
    port = free_port()
    address = f"http://{LOOPBACK}:{port}"
    command = [sys.executable, "-c", SERVER, str(port)]
    ready = partial(says_ok, address)
    with Child("server", command, log=tmp_path / "log", ready=ready, folder=ROOT) as server, httpx.Client() as client:
        assert client.get(address).is_success
        server.suspend()
        resuming = threading.Timer(HEAD_SECONDS + 2 * LOOK_SECONDS, server.resume)
        resuming.start()

        assert status_of(client, address) in {200, LET_GO}


def status_of(client: httpx.Client, address: str) -> int:
    """What a client is answered; a connection that idled longer than uvicorn keeps one is let go without a word."""
    try:
        return client.get(address, timeout=ENOUGH).status_code
    except httpx.TransportError:
        return LET_GO
