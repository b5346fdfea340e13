"""Who may do what: every route of the three services, asked by everybody, for their own and for what is others'."""

from __future__ import annotations

import inspect
import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import Any, Final
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio
from _pytest.mark.structures import ParameterSet
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from pymongo import MongoClient
from structlog.testing import capture_logs

import services.calendar.app
import services.distribution.app
import services.ingest.app
from shared.web.auth.roles import SAFE_METHODS, get_roles, iterate_routes
from tests.access.doors import DOORS, Service
from tests.access.house import Caller, House, opened_house
from tests.access.rules import Rule
from tests.support.running import REGION

pytestmark = pytest.mark.asyncio(loop_scope="module")

NONE: Final[Mapping[str, str]] = {}


def cases(wanted: Callable[[str, Rule], bool]) -> list[ParameterSet]:
    """Give the routes that are wanted, by method and rule, each as a case of a test."""
    return [
        pytest.param(route, rule, id=f"{service} {route}")
        for service, rules in DOORS.items()
        for route, rule in rules.items()
        if wanted(route.split(maxsplit=1)[0], rule)
    ]


ALL: Final = cases(lambda _method, _rule: True)
CHANGES: Final = cases(lambda method, rule: rule.door != "open" and method not in SAFE_METHODS)
OWNED: Final = cases(lambda _method, rule: rule.owned)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(mongo_url: str, mongo_client: MongoClient[dict[str, Any]]) -> AsyncIterator[House]:
    prefix = f"test_{uuid4().hex[:16]}"
    async with opened_house(mongo_url, prefix) as opened:
        yield opened
    for database in mongo_client.list_database_names():
        if database.startswith(prefix):
            mongo_client.drop_database(database)


def apps() -> Iterator[tuple[Service, FastAPI]]:
    yield "ingest", services.ingest.app.create_app(services.ingest.app.Settings(region=REGION))
    yield "calendar", services.calendar.app.create_app(services.calendar.app.Settings(region=REGION))
    settings = services.distribution.app.Settings(region=REGION)
    yield "distribution", services.distribution.app.create_app(settings).fastapi


async def test_every_route_stands_in_the_table_with_its_role() -> None:
    roles = {
        service: {
            f"{method} {route.path}": get_roles(route)
            for route in iterate_routes(app)
            for method in route.methods or ()
            if method != "HEAD"  # asked like GET, by shared/web/middleware/head.py
        }
        for service, app in apps()
    }

    assert roles == {
        service: {route: rule.roles or None for route, rule in rules.items()} for service, rules in DOORS.items()
    }


async def test_no_dependency_of_a_route_takes_a_thread() -> None:
    """FastAPI runs whatever is no coroutine function in its thread pool, which costs more than most of them do."""
    found = {
        f"{service}: {depended.call}"
        for service, app in apps()
        for route in iterate_routes(app)
        if (dependant := getattr(route, "dependant", None))  # the documents' own routes have none
        for depended in dependencies_of(dependant)
        if not any(inspect.iscoroutinefunction(each) for each in (depended.call, type(depended.call).__call__))
    }

    assert found == set()


def dependencies_of(dependant: Dependant) -> Iterator[Dependant]:
    for each in dependant.dependencies:
        yield each
        yield from dependencies_of(each)


@pytest.mark.parametrize(("route", "rule"), ALL)
async def test_route_answers_everybody_as_the_table_says(route: str, rule: Rule, house: House) -> None:
    method = route.split(maxsplit=1)[0]
    stake = await at_stake(house, rule)

    refused = {who.name: await status(house, route, rule, who, stake) for who in house.callers if not rule.lets_in(who)}

    assert refused == {who.name: rule.status(method, who) for who in house.callers if not rule.lets_in(who)}
    assert await at_stake_now(house, stake) == stake, "somebody who was refused has changed something"
    for who in (each for each in house.callers if rule.lets_in(each)):
        fresh = stake if method in SAFE_METHODS else await at_stake(house, rule)
        assert (who.name, await status(house, route, rule, who, fresh)) == (who.name, rule.status(method, who))


@pytest.mark.parametrize(("route", "rule"), CHANGES)
async def test_session_changes_nothing_from_another_site(route: str, rule: Rule, house: House) -> None:
    stake = await at_stake(house, rule)
    sent_by = [each for each in house.callers if rule.lets_in(each) and each.way == "session"]
    elsewhere = {"Sec-Fetch-Site": "cross-site", "Origin": "https://elsewhere.example"}

    answers = [await ask(house, route, rule, who, stake, headers=elsewhere) for who in sent_by]

    assert {answer.status_code for answer in answers} == {403}
    assert await at_stake_now(house, stake) == stake


@pytest.mark.parametrize(("route", "rule"), OWNED)
async def test_what_is_foreign_is_answered_like_what_is_not_there(route: str, rule: Rule, house: House) -> None:
    stranger = house.caller("stranger", "key" if rule.door == "api" else "session")
    foreign = await at_stake(house, rule)
    nothing = foreign | {"id": str(uuid4())}

    answers = [await ask(house, route, rule, stranger, each) for each in (foreign, nothing)]

    assert answers[0].status_code == 404
    assert likeness(answers[0], foreign) == likeness(answers[1], nothing)


async def test_what_waits_is_seen_by_nobody_in_public(house: House) -> None:
    waiting = await house.waiting()

    for address in (f"/api/v1/events/{waiting}", f"/pl/events/{waiting}", f"/pl/events/{waiting}.ics"):
        answers = {who.name: (await house.ask("GET", address, who)).status_code for who in house.callers}
        assert answers == dict.fromkeys(answers, 404)


PAGES: Final = cases(lambda method, rule: rule.door == "page" and method == "GET")
HOMES: Final = {
    **dict.fromkeys(("owner", "stranger", "both"), "/ingest/"),
    **dict.fromkeys(("curator", "limited", "chief", "own"), "/calendar/"),
    "translator": "/",
}
"""Where each begins; an administrator in each service."""


@pytest.mark.parametrize(("route", "rule"), PAGES)
async def test_who_is_at_the_wrong_page_is_led_to_one_of_theirs(route: str, rule: Rule, house: House) -> None:
    stake, service = await at_stake(house, rule), route.split("/")[1]
    elsewhere = [who for who in house.callers if who.way == "session" and not rule.fits(who)]

    for who in elsewhere:
        answer = await ask(house, route, rule, who, stake)
        home = HOMES.get(who.person or "", f"/{service}/administration")
        assert (who.name, house.http.base_url.join(answer.headers["location"]).path) == (who.name, home)
        page = await house.ask("GET", answer.headers["location"], who, headers={"Accept-Language": "pl"})
        assert (who.name, page.status_code) == (who.name, 302 if home == "/" else 200)


SECRET: Final = "c2VjcmV0LW9mLWEtbGluaw"


async def test_no_token_in_an_address_is_logged(house: House) -> None:
    with_token = [route.split() for rules in DOORS.values() for route in rules if "{token}" in route]

    with capture_logs() as lines:
        for method, path in with_token:
            for ending in ("", "/", "/elsewhere"):
                await house.ask(method, path.replace("{token}", SECRET) + ending, house.callers[0])
        await house.ask("GET", "/ingest/password", house.callers[0])

    logged = [each["path"] for each in lines if each["event"] == "request"]
    assert {"/ingest/still-right/…", "/ingest/mail/unsubscribe/…/elsewhere", "/ingest/password"} <= set(logged)
    assert len(logged) == 3 * len(with_token) + 1
    assert SECRET not in str(lines)


PUBLIC_DATA: Final = frozenset(
    {
        "GET /api/v1/openapi.json",
        "GET /api/v1/events",
        "GET /api/v1/events/{event_id}",
        "GET /feeds/{file}",
        "GET /media/{file}",
        "GET /{lang}/events/{event_id}.ics",
    }
)
"""What scripts of every site may read."""


@pytest.mark.parametrize(("route", "rule"), ALL)
async def test_only_public_data_answers_scripts_of_other_origins(route: str, rule: Rule, house: House) -> None:
    elsewhere = {"Origin": "https://elsewhere.example"}
    preflight = elsewhere | {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"}
    stake = await at_stake(house, rule)
    address = (rule.address or route.split()[1]).format_map(
        {**stake, **dict.fromkeys(("submission_id", "entry_id", "event_id"), stake.get("id", "")), "fresh": "x"}
    )
    callers = (house.callers[0], house.caller("curator", "session"))

    answers = [await ask(house, route, rule, who, stake, headers=elsewhere) for who in callers]
    answers += [await house.ask("OPTIONS", address, who, headers=preflight) for who in callers]

    wanted = "*" if route in PUBLIC_DATA else None
    assert [answer.headers.get("access-control-allow-origin") for answer in answers] == [wanted] * 4
    assert [name for answer in answers for name in answer.headers if name == "access-control-allow-credentials"] == []


async def test_who_is_led_elsewhere_is_told_why(house: House) -> None:
    led = await house.ask("GET", "/ingest/", house.caller("curator", "session"), headers={"Accept-Language": "en"})

    assert "That+page" in led.headers["set-cookie"].replace("%20", "+")


async def test_key_that_is_revoked_is_no_key(house: House) -> None:
    account = await house.accounts.find("owner@kalendarium.example")
    assert account
    key = await house.accounts.create_key(account.id)
    await house.accounts.revoke_key(key.split("_")[1])

    answer = await house.ask("GET", "/ingest/api/v1/submissions", Caller("owner", "key", key=key))

    assert answer.status_code == 401


async def status(house: House, route: str, rule: Rule, who: Caller, stake: Mapping[str, str]) -> int:
    """Give the status with which somebody is answered; a page that is refused for want of a log-in must lead there."""
    answer = await ask(house, route, rule, who, stake)
    if rule.door == "page" and who.way != "session" and answer.status_code == 303:
        service = route.split("/")[1]
        assert answer.headers["location"].startswith(f"/{service}/login?next=")
    return answer.status_code


async def ask(
    house: House, route: str, rule: Rule, who: Caller, stake: Mapping[str, str], *, headers: Mapping[str, str] = NONE
) -> httpx.Response:
    """Ask a route as its rule says; ``headers`` are put on top."""
    method, path = route.split()
    if path.endswith("/logout"):
        who = await house.fresh(who)
    own = dict.fromkeys(("submission_id", "entry_id", "event_id"), stake.get("id", ""))
    named = {**stake, **own, "fresh": uuid4().hex}
    sent = dict(rule.sent) | {"headers": {**rule.sent.get("headers", {}), **headers}}
    if "data" in sent:
        sent["data"] = {name: value.format_map(named) for name, value in sent["data"].items()}
    return await house.ask(method, (rule.address or path).format_map(named), who, **sent)


async def at_stake(house: House, rule: Rule) -> dict[str, str]:
    """Make what a rule is about, and give its id and numbers."""
    if rule.stake is None:
        return {}
    event_id = await (house.waiting() if rule.stake == "waiting" else house.public())
    return await at_stake_now(house, {"id": event_id})


async def at_stake_now(house: House, stake: Mapping[str, str]) -> dict[str, str]:
    """Give the id and numbers of what is at stake as they are now."""
    if "id" not in stake:
        return dict(stake)
    version, review_number = await house.numbers(stake["id"])
    return {"id": stake["id"], "version": str(version), "review_number": str(review_number)}


def likeness(answer: httpx.Response, stake: Mapping[str, str]) -> tuple[int, str]:
    """Give what an answer says, without what must differ: the ids that were asked for and typed, and the request's."""
    said = re.sub(r"\b[0-9a-f]{32}\b", "…", answer.text.replace(stake["id"], "…"))
    return answer.status_code, said.replace(answer.headers.get("x-request-id", "…"), "…")
