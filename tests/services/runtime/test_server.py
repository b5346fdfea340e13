"""What an application is told of where a request came from, by the server as a service is started."""

from __future__ import annotations

import asyncio
import gc
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

import httpx
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from deploy.local.ports import LOOPBACK, find_free_port
from services.runtime.server import create_server
from shared.settings import CommonSettings

STRANGER: Final = "203.0.113.9"
FORWARDED: Final = {"X-Forwarded-For": STRANGER, "X-Forwarded-Proto": "https"}
ITSELF: Final = [LOOPBACK, "http"]


class Tells:
    """Answers what it was told about the client."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or live."""
        if scope["type"] == "lifespan":
            for _ in range(2):
                await send({"type": f"{(await receive())['type']}.complete"})
            return
        told = json.dumps([scope["client"][0], scope["scheme"]]).encode()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": told})


class Fronted(Tells):
    """Answers ``/front`` itself, and has another behind it for the rest."""

    def __init__(self) -> None:
        self._behind: ASGIApp = Tells()

    def wrap_behind(self, wrap: Callable[[ASGIApp], ASGIApp]) -> None:
        """Wrap the other."""
        self._behind = wrap(self._behind)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or hand it on."""
        itself = scope["type"] == "http" and scope["path"] == "/front"
        await (super().__call__ if itself else self._behind)(scope, receive, send)


@asynccontextmanager
async def serving(app: ASGIApp, *, proxies: str = LOOPBACK, alone: bool = False) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an application's server that trusts these proxies."""
    settings = CommonSettings(port=find_free_port(), forwarded_allow_ips=proxies)
    running = create_server(app, settings, name="a test", alone=alone)
    serving = asyncio.create_task(running.serve())
    try:
        while not running.started:
            assert not serving.done(), "the server did not start"
            await asyncio.sleep(0.01)
        async with httpx.AsyncClient(base_url=f"http://{LOOPBACK}:{settings.port}", headers=FORWARDED) as client:
            yield client
    finally:
        running.should_exit = True
        await serving


@pytest.mark.parametrize("alone", [True, False])
async def test_a_process_of_its_own_is_not_searched_for_garbage_again_and_again(*, alone: bool) -> None:
    gc.unfreeze()
    try:
        async with serving(Tells(), alone=alone) as client:
            answer, kept = await client.get("/"), gc.get_freeze_count()
    finally:
        gc.unfreeze()

    assert (answer.status_code, kept > 10_000) == (200, alone)


@pytest.mark.parametrize("app", [Tells, Fronted])
@pytest.mark.parametrize(
    ("proxies", "told"), [(LOOPBACK, [STRANGER, "https"]), ("192.0.2.1", ITSELF), ("127.0.0.0/8", [STRANGER, "https"])]
)
async def test_what_a_trusted_proxy_says_of_a_request_is_known_behind_a_front_as_anywhere(
    app: Callable[[], ASGIApp], proxies: str, told: list[str]
) -> None:
    async with serving(app(), proxies=proxies) as client:
        assert (await client.get("/")).json() == told


async def test_a_front_answers_without_finding_out_where_a_request_comes_from() -> None:
    async with serving(Fronted(), proxies="*") as client:
        assert (await client.get("/front")).json() == ITSELF
