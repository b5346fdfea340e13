"""What a connection takes: bodies after their answer, trailers, requests at once, heads; over a real socket."""

from __future__ import annotations

import asyncio
import json
import logging
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
from starlette.types import ASGIApp, Receive, Scope, Send

from deploy.local.polling import poll_until
from deploy.local.ports import LOOPBACK, find_free_port
from deploy.local.probes import probe_http
from deploy.local.processes import Child
from shared.media.model import MAX_UPLOAD
from shared.web.middleware.connection import (
    FRAMING_BYTES,
    HEAD_BYTES,
    HEAD_FIELDS,
    MAX_PIPELINED,
    PIECES_PER_TURN,
    REST_BYTES,
    UPLOAD_REST_BYTES,
    Connection,
)
from tests.support.running import ROOT

ENOUGH: Final = 120.0
KEEP_SECONDS: Final = 60
"""How long the server lets a connection idle: longer than a head may take."""
PIECE: Final = b"a" * 20_000
PIECES: Final = 100
LET_GO: Final = 0
POST: Final = b"POST / HTTP/1.1\r\nHost: kalendarium.test\r\n"
UPLOAD: Final = b"POST /ingest/api/v1/media HTTP/1.1\r\nHost: kalendarium.test\r\n"
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


class Hasty(Connection):
    """One that waits no longer than a test does."""

    head_seconds = rest_seconds = 1.0
    upload_seconds = 3.0
    check_seconds = 0.2


LONGER_THAN_A_HEAD: Final = Hasty.head_seconds + 2 * Hasty.check_seconds


@asynccontextmanager
async def connected(
    http: type[Connection] = Connection, *, app: ASGIApp | None = None
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection to a server; it answers early if no application is given."""
    port = find_free_port()
    config = uvicorn.Config(
        app or refuses_early, port=port, http=http, log_config=None, lifespan="off", timeout_keep_alive=KEEP_SECONDS
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    assert await asyncio.to_thread(poll_until, lambda: server.started, within=ENOUGH)
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


async def test_an_upload_that_is_refused_early_may_be_sent_to_its_end_and_in_its_time() -> None:
    async with connected(Hasty) as (reader, writer):
        writer.write(UPLOAD + b"Content-Length: %d\r\n\r\n" % MAX_UPLOAD)
        answer = await reader.readuntil(b"\r\n\r\n")
        await asyncio.sleep(Hasty.rest_seconds + 3 * Hasty.check_seconds)
        for _ in range(MAX_UPLOAD // len(PIECE)):
            writer.write(PIECE)
            await writer.drain()
        writer.write(GET)

        assert answer.startswith(b"HTTP/1.1 413 ")
        assert await statuses(reader) == [200]


@pytest.mark.parametrize(
    ("request_line", "most"), [(POST, REST_BYTES), (UPLOAD, UPLOAD_REST_BYTES)], ids=["others", "an upload"]
)
async def test_a_body_without_end_is_cut_off_without_a_word(request_line: bytes, most: int) -> None:
    head, piece, _ = BODIES["in pieces"]
    async with connected() as (reader, writer):
        writer.write(request_line + head)
        await reader.readuntil(b"\r\n\r\n")
        answers = asyncio.create_task(statuses(reader))
        sent = 0
        while not answers.done() and sent < 4 * most:
            writer.write(piece)
            sent += len(piece)
            try:
                await writer.drain()
            except ConnectionError:
                break

        assert await answers == []
        assert sent < 4 * most, "it was cut off for what it sent, not for how long it took"


async def test_a_broken_body_after_its_answer_is_cut_off_without_a_word() -> None:
    async with connected() as (reader, writer):
        writer.write(POST + BODIES["in pieces"][0])
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"no length\r\n")

        assert await statuses(reader) == []


@pytest.mark.parametrize("request_line", [POST, UPLOAD], ids=["others", "an upload"])
async def test_a_body_that_drips_after_its_answer_is_cut_off_without_a_word(request_line: bytes) -> None:
    async with connected(Hasty) as (reader, writer):
        writer.write(request_line + BODIES["announced"][0])
        await reader.readuntil(b"\r\n\r\n")
        answers = asyncio.create_task(statuses(reader))
        while not answers.done():
            writer.write(b"a")
            await asyncio.wait([answers], timeout=0.2)

        assert answers.result() == []


async def test_who_idles_after_an_answer_is_not_called_slow_and_may_ask_again() -> None:
    """A proxy keeps connections for the next request, whenever it comes."""
    async with connected(Hasty) as (reader, writer):
        writer.write(POST + b"Content-Length: 0\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")
        await asyncio.sleep(LONGER_THAN_A_HEAD)
        writer.write(GET)

        assert await statuses(reader) == [200]


@pytest.mark.parametrize("begun", [b"G", b"\r\n", POST + b"Content-Length: 5\r\n\r\naa"])
async def test_who_began_something_after_an_answer_has_to_end_it_in_time(begun: bytes) -> None:
    """A head, a blank line before it, or a body that is answered already: the first byte ends the idling."""
    async with connected(Hasty) as (reader, writer):
        writer.write(POST + b"Content-Length: 0\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")
        await asyncio.sleep(Hasty.check_seconds)
        writer.write(begun)
        since = asyncio.get_running_loop().time()

        answers = await statuses(reader)

        assert answers == ([413] if b"POST" in begun else [408])
        assert asyncio.get_running_loop().time() - since < KEEP_SECONDS / 2


async def tells(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer what was asked: the path, the names of the headers and the length of the body."""
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size += len(message["body"])
        more = message["more_body"]
    told = {"path": scope["path"], "headers": [name.decode() for name, _ in scope["headers"]], "size": size}
    content = json.dumps(told).encode() + b"\n"
    length = (b"content-length", str(len(content)).encode())
    await send({"type": "http.response.start", "status": 200, "headers": [length]})
    await send({"type": "http.response.body", "body": content})


async def told(reader: asyncio.StreamReader) -> list[dict[str, object]]:
    """Read until the connection ends; gives what its answers tell."""
    return [json.loads(line) for line in (await reader.read()).splitlines() if line.startswith(b"{")]


CHUNKED: Final = POST + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize("packets", [1, 2])
async def test_fields_of_a_trailer_are_no_headers(packets: int) -> None:
    trailer = b"Authorization: Bearer x\r\nX-Forwarded-For: 203.0.113.7\r\nExpect: 100-continue\r\n\r\n"
    async with connected(app=tells) as (reader, writer):
        for each in ([CHUNKED + b"5\r\naaaaa\r\n0\r\n" + trailer], [CHUNKED + b"5\r\naaaaa\r\n0\r\n", trailer])[
            packets - 1
        ]:
            writer.write(each)
            await asyncio.sleep(0.1)
        writer.write(GET)

        asked = [(each["headers"], each["size"]) for each in await told(reader)]

        assert asked == [(["host", "transfer-encoding"], 5), (["host", "connection"], 0)]


ENDLESS: Final[dict[str, tuple[bytes, bytes]]] = {
    "fields": (b"0\r\n", b"X-A: " + b"z" * 8_000 + b"\r\n"),
    "small fields": (b"0\r\n", b"a:b\r\n" * 100),
    "one field": (b"0\r\nX-A: ", b"z" * 8_000),
    "a chunk's extension": (b"5;a=", b"z" * 8_000),
}


@pytest.mark.parametrize("what", ENDLESS)
async def test_what_is_no_content_of_a_body_is_cut_off_where_it_does_not_end(what: str) -> None:
    begin, piece = ENDLESS[what]
    async with connected(app=tells) as (reader, writer):
        writer.write(CHUNKED + b"5\r\nemail\r\n" + begin)
        answers, sent = asyncio.create_task(statuses(reader)), 0
        while not answers.done() and sent < 16 * FRAMING_BYTES:
            writer.write(piece)
            sent += len(piece)
            await asyncio.sleep(0.01)
        writer.close()

        assert await answers == [431]


async def test_a_head_of_very_many_headers_is_refused_as_they_come() -> None:
    async with connected(app=tells) as (reader, writer):
        writer.write(b"GET / HTTP/1.1\r\n" + b"a:b\r\n" * (HEAD_FIELDS + 2))

        assert await statuses(reader) == [431]


class Watched(Connection):
    """One that tells how many requests waited at once, and how often it parsed."""

    most_waiting = 0
    turns = 0

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        Watched.most_waiting = max(Watched.most_waiting, len(self.pipeline))

    def _feed_unread(self) -> None:
        Watched.turns += 1
        super()._feed_unread()


async def test_of_very_many_requests_at_once_few_wait_and_all_are_answered_in_order() -> None:
    Watched.most_waiting = 0
    paths = [f"/{number}" for number in range(3_000)]
    async with connected(Watched, app=tells) as (reader, writer):
        writer.write(b"".join(f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n".encode() for path in paths) + GET)

        asked = [each["path"] for each in await told(reader)]

        assert asked == [*paths, "/"]
        assert Watched.most_waiting <= MAX_PIPELINED


async def test_of_large_forms_at_once_each_is_read_whole() -> None:
    """Their heads, their bodies and the answers before theirs each hold the reading back."""
    async with connected(app=tells) as (reader, writer):
        form = POST + b"Content-Length: 150000\r\n\r\n" + b"a\r\n\r\n" * 30_000
        writer.write(form * (2 * MAX_PIPELINED) + CHUNKED + b"5\r\naaaaa\r\n0\r\n\r\n" + GET)

        sizes = [each["size"] for each in await told(reader)]

        assert sizes == [150_000] * (2 * MAX_PIPELINED) + [5, 0]


async def test_others_have_a_turn_while_what_was_read_is_parsed() -> None:
    Watched.turns = 0
    pieces = 40 * PIECES_PER_TURN
    async with connected(Watched, app=tells) as (reader, writer):
        writer.write(POST + b"Content-Length: %d\r\n\r\n" % (4 * pieces) + b"\r\n\r\n" * pieces + GET)

        assert [each["size"] for each in await told(reader)] == [4 * pieces, 0]
        assert Watched.turns >= 40


@pytest.mark.parametrize("broken", [b"nonsense\r\n\r\n", b"GET / HTTP/1.1\r\n" + b"a:b\r\n" * 300])
async def test_a_refusal_is_not_taken_for_the_answer_to_the_request_before(broken: bytes) -> None:
    async with connected(app=tells) as (reader, writer):
        writer.write(b"GET /first HTTP/1.1\r\nHost: a\r\n\r\nGET /second HTTP/1.1\r\nHost: a\r\n\r\n" + broken)

        assert [each["path"] for each in await told(reader)] == ["/first", "/second"]


@pytest.mark.parametrize("protocol", ["websocket", "h2c", "kalendarium"])
@pytest.mark.parametrize("body", [b"", b"aaaaa"])
async def test_an_upgrade_is_ignored_without_a_word_in_the_log(
    protocol: str, body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    head = f"Connection: upgrade\r\nUpgrade: {protocol}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    async with connected(app=tells) as (reader, writer):
        writer.write(POST + head + body + GET)

        assert [each["size"] for each in await told(reader)] == [len(body), 0]
    assert [each.message for each in caplog.records if each.levelno >= logging.WARNING] == []


SERVER: Final = """
import sys
import uvicorn
from tests.shared.web.middleware.test_connection import Hasty, refuses_early
uvicorn.run(refuses_early, port=int(sys.argv[1]), http=Hasty, loop="uvloop", log_config=None, lifespan="off")
"""


def test_a_request_that_came_while_the_process_stood_still_is_not_called_slow(tmp_path: Path) -> None:
    """A process that wakes looks at its clocks before it looks at its sockets."""
    port = find_free_port()
    address = f"http://{LOOPBACK}:{port}"
    command = [sys.executable, "-c", SERVER, str(port)]
    ready = partial(probe_http, address)
    with Child("server", command, log=tmp_path / "log", ready=ready, folder=ROOT) as server, httpx.Client() as client:
        assert client.get(address).is_success
        server.suspend()
        resuming = threading.Timer(LONGER_THAN_A_HEAD, server.resume)
        resuming.start()

        assert status_of(client, address) in {200, LET_GO}


def status_of(client: httpx.Client, address: str) -> int:
    """What a client is answered; a connection that idled longer than uvicorn keeps one is let go without a word."""
    try:
        return client.get(address, timeout=ENOUGH).status_code
    except httpx.TransportError:
        return LET_GO
