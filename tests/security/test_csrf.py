"""Requests that another site makes a browser send: every unsafe page, found by the table of all routes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final

import httpx
import pytest
import pytest_asyncio
from starlette.types import ASGIApp

from shared.web.auth.roles import SAFE_METHODS
from shared.web.csrf import CSRF_FIELD, derive_csrf_token
from tests.access.doors import DOORS
from tests.access.house import PEOPLE, Person
from tests.security import holes
from tests.security.premises import COOKIE, Premises

pytestmark = pytest.mark.asyncio(loop_scope="module")

ONE_CLICK: Final = "/ingest/mail/unsubscribe/"
"""Mail programs send it without a page of ours (RFC 8058); the token in its address is the proof."""
UNSAFE: Final = [
    pytest.param(route, id=route)
    for rules in DOORS.values()
    for route in rules
    if route.split()[0] not in SAFE_METHODS and "/api/" not in route and ONE_CLICK not in route
]
FOREIGN: Final[Mapping[str, Mapping[str, str]]] = {
    "from another site": {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
    "from another host of ours": {"Sec-Fetch-Site": "same-site", "Origin": "https://blog.kalendarium.test"},
    "with a foreign origin": {"Origin": "https://evil.example"},
    "with an origin that only begins like ours": {"Origin": "https://kalendarium.test.evil.example"},
    "with no origin that could be read": {"Origin": "http://["},
    "from a sandbox": {"Origin": "null"},
}
"""What browsers say of a request that another site made them send; the token is right in each."""


WITHOUT_SESSION: Final = ("/ingest/password", "/ingest/invitation", "/ingest/still-right")
"""Forms of people who are not logged in: the link that was mailed is the proof, and the origin is checked."""


def is_without_session(route: str) -> bool:
    return route.endswith("login") or route.split()[1].startswith(WITHOUT_SESSION)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def waiting(premises: Premises) -> str:
    async with premises.people() as (editor, _curator, _reader):
        sent = await editor.send({**DOORS["ingest"]["POST /ingest/api/v1/submissions"].sent["json"]})
    await premises.waits(sent.id)
    return sent.id


def staff(route: str) -> Person:
    rule = next(rules[route] for rules in DOORS.values() if route in rules)
    return next((person for person, (_, role) in PEOPLE.items() if role in rule.roles), "owner")


async def send(
    premises: Premises, app: ASGIApp, route: str, waiting: str, *, token: str | None, headers: Mapping[str, str]
) -> httpx.Response:
    """Send a form as the person it is for; ``headers`` are all that is said of where it comes from."""
    method, path = route.split()
    named = defaultdict(lambda: waiting, year="2027")
    address = path.replace("{act:str}", "withdraw").format_map(named)
    data = {"decision": "reject", "review_number": "1", "version": "1", **({CSRF_FIELD: token} if token else {})}
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    cookie = {"Cookie": f"{COOKIE}={premises.sessions[staff(route)]}"}
    async with httpx.AsyncClient(transport=transport, base_url=premises.settings.public_url) as browser:
        return await browser.request(method, address, headers={**cookie, **headers}, data=data)


async def tokens_that_let_in(premises: Premises, app: ASGIApp, route: str, waiting: str) -> list[str]:
    """Complain of a form that is taken without the token of its own session; from our own page, as it were."""
    others = derive_csrf_token(premises.sessions["stranger"])
    wrong = {
        "no token": None,
        "another session's": others,
        "a made-up one": "0" * 64,
        "the cookie": premises.sessions["owner"],
    }
    asked = {
        name: await send(premises, app, route, waiting, token=token, headers={"Sec-Fetch-Site": site})
        for site in ("same-origin", "none")
        for name, token in wrong.items()
    }
    return [name for name, answer in asked.items() if answer.status_code != 403]


async def sites_that_get_in(premises: Premises, app: ASGIApp, route: str, waiting: str) -> list[str]:
    """Complain of a request from elsewhere that is taken."""
    token = derive_csrf_token(premises.sessions[staff(route)])
    asked: dict[str, Any] = {
        name: await send(premises, app, route, waiting, token=token, headers=headers)
        for name, headers in FOREIGN.items()
    }
    return [name for name, answer in asked.items() if answer.status_code != 403]


@pytest.mark.parametrize("route", UNSAFE)
async def test_no_other_site_sends_our_forms(route: str, waiting: str, premises: Premises) -> None:
    assert await sites_that_get_in(premises, premises.app, route, waiting) == []


@pytest.mark.parametrize("route", [each for each in UNSAFE if not is_without_session(str(each.values[0]))])
async def test_no_form_is_taken_without_its_own_token(route: str, waiting: str, premises: Premises) -> None:
    assert await tokens_that_let_in(premises, premises.app, route, waiting) == []


@pytest.mark.parametrize("route", UNSAFE)
async def test_a_door_that_trusts_everybody_is_noticed(route: str, waiting: str, premises: Premises) -> None:
    trusting = holes.trusting(premises.app)
    if route.endswith("logout"):  # as the table does: a session that may end
        premises.sessions["owner"] = await premises.accounts.log_in(
            "owner@kalendarium.example", "Wały Chrobrego 1913", "192.0.2.8"
        )

    assert await sites_that_get_in(premises, trusting, route, waiting) != []
