"""How much and how often: bodies, heads, nesting, fields, attempts and requests."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any, Final
from urllib.parse import urlencode

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.accounts.login_throttle import LIMITS_PER_NEW_NETWORK
from shared.web.middleware import rate_limit
from tests.security.premises import Premises, email_of
from tests.support.clients import PASSWORD

pytestmark = pytest.mark.asyncio(loop_scope="module")

SUBMISSIONS: Final = "/ingest/api/v1/submissions"
LONG: Final = 1_000_001
EDGE: Final = 4
COUNTED: Final = (SUBMISSIONS, "/calendar/api/v1/reviews", "/ingest/login", "/ingest/", "/api/v1/events")


async def reads_everything(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(len(await request.body())))


UNLIMITED: Final = Starlette(routes=[Route("/{path:path}", reads_everything, methods=["GET", "POST", "PUT"])])
"""An application that takes whatever comes."""


async def in_pieces(size: int) -> AsyncIterator[bytes]:
    for _ in range(0, size, 10_000):
        yield b" " * 10_000


async def too_much_taken(premises: Premises, app: ASGIApp) -> list[str]:
    """Complain of what is taken although it is too large: a body announced, one in pieces, an address, headers."""
    json_type = {"Content-Type": "application/json"}
    nested = b'{"title":' * 5_000 + b"1" + b"}" * 5_000
    fields = [(f"venue.{number}", "x") for number in range(2_000)]
    asked: dict[str, tuple[int, dict[str, Any]]] = {
        "a long body": (413, {"content": b" " * LONG, "headers": json_type}),
        "a long body in pieces": (413, {"content": in_pieces(LONG), "headers": json_type}),
        "a long form": (413, {"content": b"a=" + b"b" * LONG, "headers": {"Content-Type": FORM}}),
        "deep JSON": (400, {"content": nested, "headers": json_type}),
        "deep lists": (400, {"content": b"[" * 100_000, "headers": json_type}),
        "long headers": (431, {"content": b"{}", "headers": {**json_type, "X-Long": "x" * 40_000}}),
        "a long address": (414, {"content": b"{}", "params": {"x": "y" * 9_000}, "headers": json_type}),
        "many fields": (400, {"content": urlencode(fields).encode(), "headers": {"Content-Type": FORM}}),
    }
    found = []
    for what, (status, sent) in asked.items():
        is_form = sent["headers"]["Content-Type"] == FORM
        address = "/ingest/submissions/new" if is_form else SUBMISSIONS
        answer = await premises.ask("POST", address, "owner", by_key=not is_form, app=app, **sent)
        if answer.status_code != status:
            found.append(f"{what}: {answer.status_code}")
    return found


FORM: Final = "application/x-www-form-urlencoded"


async def test_what_is_too_large_is_refused(premises: Premises) -> None:
    assert await too_much_taken(premises, premises.app) == []


async def test_an_application_that_takes_everything_is_noticed(premises: Premises) -> None:
    assert len(await too_much_taken(premises, UNLIMITED)) == 8


async def guesses(premises: Premises, app: ASGIApp, *, places: int, each: int, email: str) -> list[int]:
    """Guess somebody's password from many places; gives how each try was answered."""
    found = []
    for place in range(places):
        async with premises.browser(app, address=f"198.51.100.{place}") as browser:
            for _ in range(each):
                answer = await browser.post("/ingest/login", data={"email": email, "password": "zgaduję-hasło"})
                found.append(answer.status_code)
    return found


async def test_guessing_is_slowed_down_and_keeps_nobody_out(premises: Premises) -> None:
    email = email_of("stranger")
    async with premises.browser(address="192.0.2.50") as browser:
        assert (await browser.post("/ingest/login", data={"email": email, "password": PASSWORD})).status_code == 303

    answers = await guesses(premises, premises.app, places=40, each=1, email=email)
    async with premises.browser(address="192.0.2.50") as browser:
        again = await browser.post("/ingest/login", data={"email": email, "password": PASSWORD})

    assert 0 < answers.count(422) <= 30
    assert answers.count(429) >= 10
    assert again.status_code == 303


async def test_guessing_from_one_place_is_slowed_down_and_says_how_long(premises: Premises) -> None:
    wanted = {"email": "nobody@kalendarium.example", "password": "zgaduję-hasło"}
    async with premises.browser(address="198.51.100.0") as browser:
        # However slowly each is looked at, one more than a place has in a day.
        answers = [await browser.post("/ingest/login", data=wanted) for _ in range(LIMITS_PER_NEW_NETWORK[-1][0] + 1)]

    assert [each.status_code for each in answers[:5]] == [422] * 5
    assert {each.status_code for each in answers[5:]} <= {422, 429}
    refused = [each for each in answers if each.status_code == 429]
    assert refused
    assert all(int(each.headers["retry-after"]) > 0 for each in refused)


async def test_a_log_in_that_may_be_tried_without_end_is_noticed(premises: Premises) -> None:
    answers = await guesses(premises, moving(premises.app), places=1, each=7, email="noone@kalendarium.example")

    assert 429 not in answers


def moving(app: ASGIApp) -> ASGIApp:
    """Let each request seem to come from another address, as if anybody's word for it were taken."""
    number = 0

    async def deceived(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal number
        number += 1
        await app({**scope, "client": (f"203.0.113.{number}", 1)}, receive, send)

    return deceived


@pytest.mark.parametrize("address", COUNTED)
async def test_answers_say_how_much_is_left(address: str, premises: Premises) -> None:
    async with premises.browser(address="192.0.2.120") as program:
        first = await program.get(address)
        second = await program.get(address)

    assert first.headers["ratelimit-policy"] == '"address";q=3000;w=60'
    assert left(second) in {left(first) - 1, 2999}


def left(answer: httpx.Response) -> int:
    return int(answer.headers["ratelimit"].split(";r=")[1].split(";")[0])


@pytest.mark.parametrize("address", ["/feeds/programme.ics", "/pl/", "/livez", "/static/x.css"])
async def test_feeds_and_public_pages_are_not_counted(address: str, premises: Premises) -> None:
    async with premises.browser(address="192.0.2.121") as program:
        assert "ratelimit" not in (await program.get(address)).headers


async def test_who_asks_too_often_is_told_to_wait(premises: Premises) -> None:
    async with premises.browser(address="192.0.2.122") as program:
        headers = {"Authorization": f"Bearer {premises.keys['owner']}"}
        often = range(rate_limit.KEY_LIMIT.amount + EDGE)
        answers = [await program.get(f"{SUBMISSIONS}?limit=1", headers=headers) for _ in often]

    refused = [each for each in answers if each.status_code == 429]
    # A minute may end on the way, and the counting begins again.
    assert refused or left(answers[-1]) > left(answers[0]) - len(answers) + 1
    for each in refused:
        assert each.headers["ratelimit-policy"] == '"key";q=1200;w=60'
        assert (left(each), int(each.headers["retry-after"]) > 0) == (0, True)
        assert each.headers["content-type"] == "application/problem+json"
        assert json.loads(each.text)["type"] == "/problems/too_many_requests"
