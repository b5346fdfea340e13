"""Headers, policy and pages: what a browser may do with any answer of ours."""

from __future__ import annotations

import re
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
import pytest
import pytest_asyncio

from shared.web.auth.roles import SAFE_METHODS
from tests.access.doors import DOORS
from tests.access.house import PEOPLE, Person
from tests.access.rules import Rule
from tests.security import holes
from tests.security.checks import (
    inline_code,
    loose_file_headers,
    loose_headers,
    open_to_other_sites,
    tells_of_inside,
)
from tests.security.premises import Premises

pytestmark = pytest.mark.asyncio(loop_scope="module")

FORM: Final = "application/x-www-form-urlencoded"
JSON: Final = "application/json"
FEEDS: Final = tuple(f"/feeds/programme.{extension}" for extension in ("ics", "rss", "json"))
TROUBLES: Final[tuple[tuple[str, str, dict[str, Any]], ...]] = (
    ("GET", "/nowhere", {}),
    ("GET", "/pl/nowhere", {}),
    ("GET", "/ingest/nowhere", {}),
    ("GET", "/calendar/nowhere", {}),
    ("GET", "/api/v1/nowhere", {}),
    ("GET", "/feeds/nowhere.ics", {}),
    ("GET", "/feeds/programme.ics?county=x", {}),
    ("DELETE", "/pl/", {}),
    ("DELETE", "/ingest/", {}),
    ("TRACE", "/calendar/", {}),
    ("GET", "/api/v1/events?limit=x", {}),
    ("GET", f"/pl/{'a' * 9000}", {}),
    ("GET", "/pl/", {"headers": {"X-Long": "a" * 40_000}}),
    ("POST", "/ingest/login", {"content": b"a" * 1_000_001}),
    ("POST", "/ingest/login", {"content": b"a" * 1_000_001, "headers": {"Content-Type": FORM}}),
    ("POST", "/ingest/api/v1/submissions", {"content": b"a" * 1_000_001, "headers": {"Content-Type": JSON}}),
    ("POST", "/ingest/login", {"data": {"email": "x"}, "headers": {"Sec-Fetch-Site": "cross-site"}}),
    ("GET", "/pl/events/x%0d%0aSet-Cookie:%20a=b", {}),
)
"""Requests that are refused, each in its way."""


def person_of(rule: Rule) -> Person | None:
    return next((person for person, (_, role) in PEOPLE.items() if role in rule.roles), None)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def answers(premises: Premises) -> list[httpx.Response]:
    """What every route answers to whom it is for and to nobody, every feed, and every kind of refusal."""
    public, other = await premises.public(), await premises.public()
    found = []
    for rules in DOORS.values():
        for route, rule in rules.items():
            method, path = route.split()
            at_stake = public if method in SAFE_METHODS else other
            names = dict.fromkeys(("submission_id", "entry_id", "event_id", "id"), at_stake) | {"fresh": "zagle-1"}
            address = (rule.address or path).format_map(names)
            sent = {"data": {"decision": "accept"}} if "data" in rule.sent else dict(rule.sent)
            people = {None, person_of(rule)} if not path.endswith("logout") else {None}
            found += [await premises.ask(method, address, who, **sent) for who in people]
    found += [await premises.ask("GET", feed) for feed in FEEDS]
    found += [await premises.ask(method, address, **sent) for method, address, sent in TROUBLES]
    return found


def is_feed(answer: httpx.Response) -> bool:
    return answer.request.url.path in FEEDS and answer.status_code == 200


def named(answer: httpx.Response) -> str:
    return f"{answer.request.method} {answer.request.url.raw_path[:80].decode()} {answer.status_code}"


async def test_every_answer_keeps_browsers_strict(answers: list[httpx.Response]) -> None:
    assert {each.status_code for each in answers} >= {
        200,
        201,
        302,
        303,
        400,
        401,
        403,
        404,
        405,
        413,
        414,
        415,
        422,
        431,
    }
    assert {
        named(each): wrong
        for each in answers
        if (wrong := loose_file_headers(each) if is_feed(each) else loose_headers(each, https=True))
    } == {}


@pytest.mark.parametrize(
    "name",
    [
        "content-security-policy",
        "x-content-type-options",
        "referrer-policy",
        "cross-origin-opener-policy",
        "strict-transport-security",
    ],
)
async def test_a_header_that_is_missing_is_noticed(name: str, premises: Premises) -> None:
    for address in ("/pl/", "/nowhere", "/ingest/login", "/api/v1/events"):
        answer = await premises.ask("GET", address, app=holes.without_header(premises.app, name))

        assert loose_headers(answer, https=True)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("script-src 'self'", "script-src 'self' 'unsafe-inline'"),
        ("style-src 'self'", "style-src https://cdn.example"),
        ("frame-ancestors 'none'", "frame-ancestors *"),
        ("object-src 'none'", "object-src 'self'"),
        ("base-uri 'none'", ""),
    ],
)
async def test_a_policy_that_lets_more_in_is_noticed(old: str, new: str, premises: Premises) -> None:
    spoiled = holes.headers_written(premises.app, "content-security-policy", old, new)

    assert loose_headers(await premises.ask("GET", "/pl/", app=spoiled), https=True)


@pytest.mark.parametrize("name", ["content-security-policy", "x-content-type-options"])
async def test_a_feed_without_its_headers_is_noticed(name: str, premises: Premises) -> None:
    answer = await premises.ask("GET", FEEDS[1], app=holes.without_header(premises.app, name))

    assert loose_file_headers(answer)


async def test_no_page_runs_or_draws_anything_inline(answers: list[httpx.Response]) -> None:
    pages = [each for each in answers if "html" in each.headers.get("content-type", "") and each.content]

    assert len({urlsplit(str(each.url)).path for each in pages}) > 25
    assert {named(each): wrong for each in pages if (wrong := inline_code(each.text))} == {}


@pytest.mark.parametrize(
    "planted",
    [
        "<script>alert(1)</script>",
        '<p style="color: red">',
        '<a href="/" onclick="go()">',
        "<style>p {}</style>",
        '<a href=" JAVA\tscript:alert(1)">',
        '<script src="https://cdn.example/x.js"></script>',
        '<iframe src="/static/x"></iframe>',
    ],
)
async def test_inline_code_is_noticed(planted: str, premises: Premises) -> None:
    spoiled = holes.body_written(premises.app, "</main>", f"{planted}</main>")

    assert inline_code((await premises.ask("GET", "/pl/", app=spoiled)).text)


async def test_no_answer_tells_how_we_work_inside(answers: list[httpx.Response]) -> None:
    assert {named(each): wrong for each in answers if (wrong := tells_of_inside(each))} == {}


@pytest.mark.parametrize("said", ['File "/app/shared/web/pages.py", line 7', "pymongo.errors.AutoReconnect"])
async def test_an_answer_that_tells_is_noticed(said: str, premises: Premises) -> None:
    spoiled = holes.body_written(premises.app, "</main>", f"{said}</main>")

    assert tells_of_inside(await premises.ask("GET", "/nowhere", app=spoiled))
    assert tells_of_inside(await premises.ask("GET", "/pl/", app=holes.with_header(premises.app, "server", "x/1.0")))


async def test_only_what_is_public_is_open_to_other_sites(answers: list[httpx.Response]) -> None:
    opened = {named(each): wrong for each in answers if (wrong := open_to_other_sites(each))}

    data = re.compile(r"/feeds/|/media/|/api/v1/|/[a-z]{2}/events/[^/]+\.ics$")
    assert opened
    assert [each for each in opened if not data.match(each.split()[1])] == []
    assert {each for wrong in opened.values() for each in wrong if "expose-headers" not in each} == {
        "access-control-allow-origin: *"
    }


async def test_a_staff_answer_open_to_other_sites_is_noticed(premises: Premises) -> None:
    spoiled = holes.with_header(premises.app, "access-control-allow-origin", "https://evil.example")

    assert open_to_other_sites(await premises.ask("GET", "/ingest/", "owner", app=spoiled))
