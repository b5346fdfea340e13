"""How many requests somebody may send."""

from __future__ import annotations

import threading

import httpx
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.web.middleware.rate_limit import ADDRESS_LIMIT, KEY_LIMIT, RateLimits
from shared.web.middleware.rate_windows import FixedWindows
from shared.web.problems import TooManyRequests

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
    app = RateLimits(answers_all, pages=True)
    # Twice the budget: a minute may end on the way.
    error = await refused(app, "192.0.2.7", "kal_a_b", times=2 * KEY_LIMIT.amount + 1)

    assert error is not None
    assert error.status_code == 429
    assert error.retry_after in range(1, 61)
    assert await refused(app, "192.0.2.7", "kal_c_d") is None


async def test_a_key_has_one_budget_however_its_header_is_spelled() -> None:
    app = RateLimits(answers_all, pages=True)
    spellings = ["Bearer kal_a_b", "bearer kal_a_b", "beareR kal_a_b", "Bearer  kal_a_b"]

    async def send_many() -> None:
        async with program(app, "192.0.2.7") as client:
            for number in range(2 * KEY_LIMIT.amount + 1):  # twice the budget: a minute may end on the way
                await client.get(API, headers={"Authorization": spellings[number % len(spellings)]})

    with pytest.raises(TooManyRequests):
        await send_many()


async def test_keys_made_up_by_the_dozen_help_nobody() -> None:
    app = RateLimits(answers_all, pages=True)

    # Twice the budget: a minute may end on the way.
    errors = [await refused(app, "192.0.2.7", f"kal_{number}_x") for number in range(2 * ADDRESS_LIMIT.amount + 1)]

    assert any(errors)
    assert await refused(app, "192.0.2.8") is None


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
async def test_the_machine_itself_is_not_counted(address: str) -> None:
    async with program(RateLimits(answers_all, pages=True), address) as client:
        assert "ratelimit" not in (await client.get(API)).headers


async def test_counting_starts_no_thread() -> None:
    before = set(threading.enumerate())
    app = RateLimits(answers_all, pages=True)
    await refused(app, "192.0.2.7", "kal_a_b")

    assert [each for each in threading.enumerate() if isinstance(each, threading.Timer) and each not in before] == []


def test_a_window_ends_and_is_forgotten() -> None:
    now = 1_000_000.0
    windows = FixedWindows(lambda: now)

    assert [windows.count(key, 60) for key in ("a", "a", "b")] == [(1, now + 60), (2, now + 60), (1, now + 60)]

    now += 60
    assert (windows.count("a", 60), len(windows)) == ((1, now + 60), 1)
