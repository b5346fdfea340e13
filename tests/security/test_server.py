"""The server as ``kalendarium`` starts it: heads that do not end, bodies that drip, requests in disguise, proxies."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import httpx
import pytest
import uvicorn
from pymongo import MongoClient

from deploy.local.polling import poll_until
from deploy.local.ports import LOOPBACK, find_free_port
from shared.accounts.login_throttle import LIMITS_PER_NEW_NETWORK
from tests.security.test_limits import UNLIMITED
from tests.support.clients import CERTIFICATES
from tests.support.running import together_process

pytestmark = [pytest.mark.slow]

ENOUGH: Final = 120.0
"""Seconds after which a connection that is still open is held for ever."""
SHORT: Final = 3.0
LONGEST: Final = 65_536
HOST: Final = b"Host: kalendarium.test\r\n"
NEW: Final = b"POST /ingest/login HTTP/1.1\r\n" + HOST + b"Content-Type: application/x-www-form-urlencoded\r\n"


@pytest.fixture(scope="module")
def port(
    mongo_url: str, mongo_client: MongoClient[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[int]:
    """Where the three services answer; no proxy is trusted."""
    prefix, port = f"test_{uuid4().hex[:16]}", find_free_port()
    folder: Path = tmp_path_factory.mktemp("together")
    settings = {"mongo_url": mongo_url, "database_prefix": prefix, "forwarded_allow_ips": "192.0.2.1"}
    with together_process(folder, port, **settings):
        yield port
    for database in mongo_client.list_database_names():
        if database.startswith(prefix):
            mongo_client.drop_database(database)


@asynccontextmanager
async def plain_server() -> AsyncIterator[int]:
    """A server without limits, in front of an application without any."""
    port = find_free_port()
    server = uvicorn.Server(uvicorn.Config(UNLIMITED, port=port, http="httptools", log_config=None, lifespan="off"))
    serving = asyncio.create_task(server.serve())
    assert await asyncio.to_thread(poll_until, lambda: server.started, within=ENOUGH)
    yield port
    server.force_exit = server.should_exit = True
    await serving


async def held(port: int, first: bytes, drop: bytes, *, within: float) -> bytes | None:
    """Send something and then drop by drop; gives what was answered, None if the connection is still open."""
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    writer.write(first)

    async def drip() -> None:
        while True:
            writer.write(drop)
            await writer.drain()
            await asyncio.sleep(0.2)

    dripping = asyncio.create_task(drip())
    try:
        async with asyncio.timeout(within):
            return await reader.read()
    except TimeoutError:
        return None
    except ConnectionError:
        return b""
    finally:
        dripping.cancel()
        await asyncio.gather(dripping, return_exceptions=True)
        writer.close()


DRIPS: Final[dict[str, tuple[bytes, bytes, bytes]]] = {
    "nothing": (b"", b"", b"408"),
    "blank lines": (b"", b"\r\n", b"408"),
    "a head that does not end": (b"GET / HTTP/1.1\r\n", b"X-A: b\r\n", b"408"),
    "a body that does not end": (NEW + b"Content-Length: 90000\r\n\r\n", b"a", b"408"),
    "pieces that do not end": (NEW + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n", b"408"),
    "a second request that does not come": (
        b"GET /livez HTTP/1.1\r\n" + HOST + b"\r\nGET / HTTP/1.1\r\n",
        b"X-A: b\r\n",
        b"200",
    ),
}


async def test_nobody_holds_a_connection_by_dripping(port: int) -> None:
    asked = [held(port, first, drop, within=ENOUGH) for first, drop, _ in DRIPS.values()]

    answers = dict(zip(DRIPS, await asyncio.gather(*asked), strict=True))

    for what, (_, _, status) in DRIPS.items():
        answer = answers[what]
        assert answer is not None, f"{what} holds a connection for ever"
        assert status in answer.split(b"\r\n")[0] or answer == b"", (what, answer[:100])


async def test_a_server_that_waits_for_ever_is_noticed() -> None:
    async with plain_server() as port:
        wanted = [each for each in DRIPS if each not in {"nothing", "a second request that does not come"}]
        answers = await asyncio.gather(*(held(port, *DRIPS[each][:2], within=SHORT) for each in wanted))

    assert answers == [None] * len(wanted)


async def test_a_head_without_an_end_is_cut_off(port: int) -> None:
    head = b"GET / HTTP/1.1\r\n" + HOST
    answer = await held(port, head, b"X-A: " + b"b" * 8_000 + b"\r\n", within=ENOUGH)
    async with plain_server() as plain:
        endless = await held(plain, head, b"X-A: " + b"b" * 8_000 + b"\r\n", within=SHORT)

    assert answer is not None
    assert b" 431 " in answer.split(b"\r\n")[0] or answer == b""
    assert endless is None


async def ask(port: int, request: bytes) -> list[bytes]:
    """Send bytes as they are; gives the status lines that came back until the connection was closed or fell silent."""
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    writer.write(request)
    answer = b""
    try:
        async with asyncio.timeout(ENOUGH):
            answer = await reader.read(LONGEST)
            with suppress(TimeoutError):  # one that is kept for a next request stays open for 75 seconds
                while piece := await asyncio.wait_for(reader.read(LONGEST), SHORT):
                    answer += piece
    finally:
        writer.close()
    return [line for line in answer.split(b"\r\n") if line.startswith(b"HTTP/1.1 ")]


GET: Final = b"GET /livez HTTP/1.1\r\n" + HOST
INSIDE: Final = b"0\r\n\r\nGET /livez HTTP/1.1\r\nHost: x\r\n\r\n"
DISGUISED: Final[dict[str, bytes]] = {
    "two lengths": NEW + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\naaaaaa",
    "a length and pieces": NEW + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n" + INSIDE,
    "pieces, written oddly": NEW + b"Transfer-Encoding: xchunked\r\n\r\n" + INSIDE,
    "pieces and something": NEW + b"Transfer-Encoding: chunked, identity\r\n\r\n" + INSIDE,
    "a blank before the colon": NEW + b"Transfer-Encoding : chunked\r\n\r\n" + INSIDE,
    "pieces, packed": NEW + b"Transfer-Encoding: gzip, chunked\r\n\r\n" + INSIDE[:5],
    "no host": b"GET /livez HTTP/1.1\r\n\r\n",
    "a length that is none": NEW + b"Content-Length: +5\r\n\r\naaaaa",
    "a folded header": GET + b"X-A: b\r\n Transfer-Encoding: chunked\r\n\r\n",
    "a line feed in a header": GET + b"X-A: b\nX-C: d\r\n\r\n",
    "a carriage return in a header": GET + b"X-A: b\rX-C: d\r\n\r\n",
    "nul in a header": GET + b"X-A: b\x00c\r\n\r\n",
    "a version that is none": b"GET /livez HTTP/9.9\r\n" + HOST + b"\r\n",
    "a method that is none": b"GE\x00T /livez HTTP/1.1\r\n" + HOST + b"\r\n",
}
"""Requests that two servers in a row might read differently."""


@pytest.mark.parametrize("what", DISGUISED)
async def test_a_request_in_disguise_is_one_request_or_none(what: str, port: int) -> None:
    answers = await ask(port, DISGUISED[what])

    assert len(answers) <= 1
    assert not [each for each in answers if b" 5" in each[:10] or b" 200" in each]


@pytest.mark.parametrize(
    "target", ["*", "http://evil.example/pl/", "//evil.example/pl/", "/%00", "/%ff%fe", "/pl/%0d%0aX-A:b", "/../x"]
)
@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
async def test_an_address_in_any_form_is_answered(method: str, target: str, port: int) -> None:
    request = f"{method} {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

    [status] = await ask(port, request.encode())

    assert status.split()[1][:1] in {b"2", b"3", b"4"}


@pytest.mark.parametrize("host", ["[", "a b", "x/../api/v1/", "evil.example", "", "user@evil.example", "x?y#z", "%00"])
@pytest.mark.parametrize("path", ["/", "/pl/", "/ingest/", "/ingest/login", "/nowhere", "/api/v1/events?x=y"])
async def test_no_link_is_made_from_the_host_that_a_request_names(host: str, path: str, port: int) -> None:
    async with httpx.AsyncClient(base_url=f"http://{LOOPBACK}:{port}", timeout=60, verify=CERTIFICATES) as client:
        answer = await client.get(path, headers={"Host": host})

    assert answer.status_code < 500
    assert "evil.example" not in answer.text + str(answer.headers)


async def statuses(port: int, addresses: Sequence[str]) -> list[int]:
    """Guess a password, each time by the word of a proxy from another address."""
    found, email = [], f"{uuid4().hex}@kalendarium.example"
    async with httpx.AsyncClient(base_url=f"http://{LOOPBACK}:{port}", timeout=60, verify=CERTIFICATES) as client:
        for each in addresses:
            headers = {"X-Forwarded-For": each, "X-Real-IP": each, "Forwarded": f"for={each}"}
            answer = await client.post("/ingest/login", data={"email": email, "password": "x"}, headers=headers)
            found.append(answer.status_code)
    return found


async def test_nobody_but_a_trusted_proxy_says_where_a_request_comes_from(
    port: int, mongo_url: str, database_name: str, tmp_path: Path
) -> None:
    # However slowly each is looked at, one more than a place has in a day.
    addresses = [f"203.0.113.{number}" for number in range(LIMITS_PER_NEW_NETWORK[-1][0] + 1)]
    trusting = find_free_port()

    by_anybody = await statuses(port, addresses)
    with together_process(tmp_path, trusting, mongo_url=mongo_url, database_prefix=database_name):  # as it comes
        by_proxy = await statuses(trusting, addresses)

    assert by_anybody[:5] == [422] * 5
    assert 429 in by_anybody
    assert by_proxy == [422] * len(addresses), "this is what would be noticed"
