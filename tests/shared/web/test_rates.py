"""How many requests somebody may send."""

from __future__ import annotations

import threading

import httpx
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.web.problems import TooManyRequests
from shared.web.rates import OF_ADDRESS, OF_KEY, Rates
from shared.web.windows import Windows

API = "/ingest/api/v1/submissions"


async def answers_all(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def program(app: ASGIApp, address: str, key: str | None = None) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    transport = httpx.ASGITransport(app, client=(address, 1))
    return httpx.AsyncClient(transport=transport, base_url="http://kalendarium.test", headers=headers)


async def refused(app: ASGIApp, address: str, key: str | None = None, *, times: int = 1) -> TooManyRequests | None:
    async with program(app, address, key) as client:
        for _ in range(times):
            try:
                await client.get(API)
            except TooManyRequests as error:
                return error
    return None


async def test_a_key_has_a_budget_that_ends() -> None:
    app = Rates(answers_all, pages=True)
    # Twice the budget: a minute may end on the way.
    error = await refused(app, "192.0.2.7", "kal_a_b", times=2 * OF_KEY.amount + 1)

    assert error is not None
    assert error.status_code == 429
    assert error.retry_after in range(1, 61)
    assert await refused(app, "192.0.2.7", "kal_c_d") is None


async def test_keys_made_up_by_the_dozen_help_nobody() -> None:
    app = Rates(answers_all, pages=True)

    # Twice the budget: a minute may end on the way.
    errors = [await refused(app, "192.0.2.7", f"kal_{number}_x") for number in range(2 * OF_ADDRESS.amount + 1)]

    assert any(errors)
    assert await refused(app, "192.0.2.8") is None


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
async def test_the_machine_itself_is_not_counted(address: str) -> None:
    async with program(Rates(answers_all, pages=True), address) as client:
        assert "ratelimit" not in (await client.get(API)).headers


async def test_counting_starts_no_thread() -> None:
    before = set(threading.enumerate())
    app = Rates(answers_all, pages=True)
    await refused(app, "192.0.2.7", "kal_a_b")

    assert [each for each in threading.enumerate() if isinstance(each, threading.Timer) and each not in before] == []


def test_a_window_ends_and_is_forgotten() -> None:
    now = 1_000_000.0
    windows = Windows(lambda: now)
    counts = [windows.incr(key, 60) for key in ("a", "a", "b")]

    assert (counts, windows.get("a"), windows.get_expiry("a")) == ([1, 2, 1], 2, now + 60)

    now += 60
    assert (windows.get("a"), windows.incr("a", 60), windows.get("a"), len(windows)) == (0, 1, 1, 1)
