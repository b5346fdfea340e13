"""Who may do what."""

from __future__ import annotations

import httpx
import pytest
from fastapi import FastAPI

from shared.accounts.model import ROLES
from shared.database.client import Database
from shared.web.auth.roles import build_login_url, get_roles, iterate_routes
from tests.shared.web.example import PASSWORD, browser, program

API = "/ingest/api/v1"
THING = {"title": "Żagle", "dates": {"start": "2027-08-14", "end": "2027-08-16"}}
OPEN = {
    ("/ingest/api/v1/things", "GET"),
    ("/ingest/api/v1/filtered", "GET"),
    ("/ingest/api/v1/things/{number}", "GET"),
    ("/ingest/api/v1/things/{number}", "PUT"),
    ("/ingest/api/v1/broken", "GET"),
    ("/ingest/api/v1/away", "GET"),
    ("/ingest/api/v1/openapi.json", "GET"),
    ("/ingest/api/v1/rough", "GET"),
    ("/ingest/open", "GET"),
    ("/ingest/rough", "GET"),
    ("/ingest/broken", "GET"),
    ("/ingest/login", "GET"),
    ("/ingest/login", "POST"),
    ("/ingest/logout", "POST"),
    ("/livez", "GET"),
    ("/readyz", "GET"),
    ("/metrics", "GET"),
    ("/theme/{theme}", "GET"),
    ("/static/{path:path}", "GET"),
}


async def key_of(app: FastAPI, email: str) -> str:
    account = await app.state.accounts.find(email)
    key: str = await app.state.accounts.create_key(account.id)
    return key


async def log_in(visitor: httpx.AsyncClient, email: str = "anna@lot.example") -> None:
    answer = await visitor.post("/ingest/login", data={"email": email, "password": PASSWORD})
    assert answer.status_code == 303


def test_every_route_tells_whom_it_admits(app: FastAPI) -> None:
    found = {
        (route.path, method): get_roles(route)
        for route in iterate_routes(app)
        for method in (route.methods or set()) - {"HEAD"}
    }

    assert {route for route, roles in found.items() if roles is None} == OPEN
    assert {route: roles for route, roles in found.items() if roles is not None} == {
        ("/ingest/api/v1/things", "POST"): {"editor"},
        ("/ingest/api/v1/decisions", "GET"): {"curator", "chief"},
        ("/ingest/api/v1/me", "GET"): ROLES,
        ("/ingest/", "GET"): {"editor"},
        ("/ingest/queue", "GET"): {"curator", "chief"},
        ("/ingest/hat", "POST"): ROLES,
        ("/ingest/send", "POST"): {"editor"},
    }


async def test_the_api_takes_a_key_of_the_role(staffed_app: FastAPI) -> None:
    key = await key_of(staffed_app, "anna@lot.example")

    async with program(staffed_app, Authorization=f"Bearer {key}") as client:
        answer = await client.post(f"{API}/things", json=THING)

    assert (answer.status_code, answer.json()["by"]) == (201, "anna@lot.example")


async def test_the_api_without_a_key_says_how_to_send_one(staffed_app: FastAPI) -> None:
    async with program(staffed_app) as client:
        answer = await client.get(f"{API}/me")

    assert (answer.status_code, answer.json()["type"]) == (401, "/problems/login_needed")
    assert answer.headers["www-authenticate"] == 'Bearer realm="kalendarium"'


@pytest.mark.parametrize(
    "authorization",
    ["Bearer kal_nobody_0123456789abcdef", "Bearer", "Bearer ", "Basic YW5uYTpoYXM=", "kal_x_y", "Bearer a b"],
)
async def test_the_api_refuses_a_key_that_nobody_has(staffed_app: FastAPI, authorization: str) -> None:
    async with program(staffed_app, Authorization=authorization) as client:
        answer = await client.get(f"{API}/me")

    assert (answer.status_code, answer.json()["type"]) == (401, "/problems/unknown_key")
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]


async def test_the_api_refuses_another_role(staffed_app: FastAPI) -> None:
    key = await key_of(staffed_app, "jan@zrot.example")

    async with program(staffed_app, Authorization=f"Bearer {key}") as client:
        made, decided = await client.post(f"{API}/things", json=THING), await client.get(f"{API}/decisions")

    assert (made.status_code, made.json()["type"]) == (403, "/problems/wrong_role")
    assert decided.status_code == 200


async def test_a_wrong_key_is_not_saved_by_a_session(visitor: httpx.AsyncClient) -> None:
    await log_in(visitor)

    answer = await visitor.get(f"{API}/me", headers={"Authorization": "Bearer kal_nobody_0123456789abcdef"})

    assert answer.status_code == 401


async def test_the_api_takes_a_session_from_our_own_pages(visitor: httpx.AsyncClient) -> None:
    await log_in(visitor)

    answer = await visitor.post(f"{API}/things", json=THING)

    assert answer.status_code == 201


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": "none"}]
)
async def test_the_api_takes_no_change_by_session_from_another_site(
    visitor: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    await log_in(visitor)

    answer = await visitor.post(f"{API}/things", json=THING, headers=headers)

    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/foreign_request")


async def test_the_api_takes_no_change_by_session_from_nowhere(
    staffed_app: FastAPI, visitor: httpx.AsyncClient
) -> None:
    await log_in(visitor)

    async with program(staffed_app) as client:
        client.cookies = visitor.cookies
        read, made = await client.get(f"{API}/me"), await client.post(f"{API}/things", json=THING)

    assert (read.status_code, made.status_code) == (200, 403)


async def test_a_page_sends_strangers_to_the_log_in_and_back(visitor: httpx.AsyncClient) -> None:
    answer = await visitor.get("/ingest/?state=waiting&lang=pl")

    assert answer.status_code == 303
    assert answer.headers["location"] == "/ingest/login?next=/ingest/%3Fstate%3Dwaiting%26lang%3Dpl"


async def test_an_address_too_long_to_come_back_to_leads_to_the_beginning(visitor: httpx.AsyncClient) -> None:
    answer = await visitor.get("/ingest/", params={"state": "x" * 7_000})

    assert (answer.status_code, answer.headers["location"]) == (303, "/ingest/login?next=/ingest/")


async def test_a_page_leads_another_role_to_its_own(visitor: httpx.AsyncClient) -> None:
    await log_in(visitor)

    answer = await visitor.get("/ingest/queue")
    page = await visitor.get(answer.headers["location"])

    assert (answer.status_code, answer.headers["location"]) == (303, "http://kalendarium.test/ingest/")
    assert "Tamta strona jest dla innej roli." in page.text


async def test_a_change_that_is_another_roles_is_refused(staffed_app: FastAPI) -> None:
    async with browser(staffed_app) as curator:
        await log_in(curator, "jan@zrot.example")
        answer = await curator.post("/ingest/send")

    assert answer.status_code == 403
    assert "Brak uprawnień" in answer.text


async def test_a_form_that_is_another_roles_is_kept_for_an_account_that_may_send_it(staffed_app: FastAPI) -> None:
    async with browser(staffed_app) as curator:
        await log_in(curator, "jan@zrot.example")
        answer = await curator.post(
            "/ingest/send?county=3262", data={"title": "Żagle"}, headers={"Sec-Fetch-Site": "same-origin"}
        )

    assert answer.status_code == 403
    assert "nie może wysłać tego formularza" in answer.text
    assert '<input type="hidden" name="next" value="/ingest/send?county=3262">' in answer.text
    assert '<textarea name="kept.title" hidden aria-hidden="true">\nŻagle</textarea>' in answer.text


async def test_a_role_of_a_later_release_begins_on_the_public_pages(staffed_app: FastAPI, database: Database) -> None:
    later = {"role": "keeper", "memberships.0.role": "keeper"}
    await database["accounts"].update_one({"email": "anna@lot.example"}, {"$set": later})
    async with browser(staffed_app) as keeper:
        await log_in(keeper)
        answer = await keeper.get("/ingest/")

    assert (answer.status_code, answer.headers["location"]) == (303, "http://kalendarium.test/")


async def test_a_page_takes_no_key(staffed_app: FastAPI) -> None:
    key = await key_of(staffed_app, "anna@lot.example")

    async with program(staffed_app, Authorization=f"Bearer {key}") as client:
        assert (await client.get("/ingest/")).status_code == 303


async def test_a_session_that_was_ended_elsewhere_is_over_at_once(
    staffed_app: FastAPI, visitor: httpx.AsyncClient
) -> None:
    await log_in(visitor)

    await staffed_app.state.accounts.disable("anna@lot.example")

    assert (await visitor.get("/ingest/")).status_code == 303


def test_the_log_in_leads_on_to_what_was_wanted() -> None:
    assert build_login_url("calendar", "/calendar/reviews?x=ż") == "/calendar/login?next=/calendar/reviews%3Fx%3D%C5%BC"


async def test_two_browsers_are_two_sessions(staffed_app: FastAPI) -> None:
    async with browser(staffed_app) as first, browser(staffed_app) as second:
        await log_in(first)

        assert (await first.get("/ingest/")).status_code == 200
        assert (await second.get("/ingest/")).status_code == 303
