"""What a script of another site may read of ours, in a real browser."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.browser.conftest import OpenWindow

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

FETCH = """async ([url, headers]) => {
  try {
    const answer = await fetch(url, {headers});
    return [answer.status, answer.headers.get("etag"), (await answer.text()).length > 0];
  } catch (error) {
    return [String(error), null, false];
  }
}"""


@asynccontextmanager
async def elsewhere() -> AsyncIterator[str]:
    """Another site: an empty page on a port of its own."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    finally:
        server.close()
        await server.wait_closed()


async def test_script_of_another_site_reads_public_data_and_nothing_else(open_window: OpenWindow) -> None:
    async with elsewhere() as site, open_window(visitor="curator") as window:
        await window.page.goto(site)

        read = {
            path: await window.page.evaluate(FETCH, [window.url + path, {"If-None-Match": '"x"'}])
            for path in ("/feeds/programme.ics", "/feeds/programme.json", "/api/v1/events", "/feeds/nobody.ics")
        }
        tag = read["/feeds/programme.ics"][1]
        again = await window.page.evaluate(FETCH, [f"{window.url}/feeds/programme.ics", {"If-None-Match": tag}])
        refused = [
            await window.page.evaluate(FETCH, [window.url + path, {}])
            for path in ("/pl/", "/calendar/", "/calendar/api/v1/reviews", "/ingest/api/v1/openapi.json")
        ]

    assert {path: (status, has_text) for path, (status, _, has_text) in read.items()} == {
        "/feeds/programme.ics": (200, True),
        "/feeds/programme.json": (200, True),
        "/api/v1/events": (200, True),
        "/feeds/nobody.ics": (404, True),
    }
    assert (tag.startswith('"'), again[0]) == (True, 304)
    assert {status for status, _, _ in refused} == {"TypeError: Failed to fetch"}
