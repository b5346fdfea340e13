"""A person with several memberships in the browser: each page by the one that may open it, and no other."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from html import unescape
from urllib.parse import urlsplit

import httpx
import pytest
from fastapi import FastAPI

from shared.accounts.model import Membership, Person, Role, put_membership, remove_membership
from shared.web.csrf import CSRF_FIELD, derive_csrf_token
from shared.web.http.session_cookie import get_session_cookie_name
from tests.shared.web.example import PASSWORD, program

CURATOR = Membership("zrot", "ZROT", "curator")
OTHER = Membership("dok", "Ośrodek Kultury", "editor")
ADMINISTRATOR = Membership("zrot", "ZROT", "administrator")
COOKIE = get_session_cookie_name(https=False)


async def give(app: FastAPI, *memberships: Membership) -> str:
    """Give Anna, an editor of LOT Ekologiczny, further memberships."""
    account = await app.state.accounts.find("anna@lot.example")
    for each in memberships:
        await app.state.accounts.change_person(account.id, partial(_put, each))
    person_id: str = account.id
    return person_id


def _put(membership: Membership, person: Person) -> Person:
    return put_membership(person, membership)


async def log_in(visitor: httpx.AsyncClient) -> None:
    answer = await visitor.post("/ingest/login", data={"email": "anna@lot.example", "password": PASSWORD})
    assert answer.status_code == 303


async def change(visitor: httpx.AsyncClient, key: str, **fields: str) -> httpx.Response:
    return await visitor.post("/ingest/hat", data={CSRF_FIELD: token(visitor), "hat": key, **fields})


def token(visitor: httpx.AsyncClient) -> str:
    return derive_csrf_token(visitor.cookies[COOKIE])


def list_hats(page: httpx.Response) -> list[str]:
    return re.findall(r'<button type="submit" name="hat" value="([^"]*)"', page.text)


async def start_as_administrator(app: FastAPI, visitor: httpx.AsyncClient) -> None:
    """Let Anna act by a membership that may open neither page of the example."""
    await give(app, OTHER, ADMINISTRATOR)
    await log_in(visitor)
    assert (await change(visitor, ADMINISTRATOR.key)).status_code == 303


async def test_the_header_offers_every_membership_and_marks_the_present_one(
    staffed_app: FastAPI, visitor: httpx.AsyncClient
) -> None:
    await give(staffed_app, CURATOR)
    await log_in(visitor)

    page = await visitor.get("/ingest/")

    assert list_hats(page) == ["lot-ekologiczny:editor", "zrot:curator"]
    assert re.findall(r'value="([^"]*)" aria-current="true">', page.text) == ["lot-ekologiczny:editor"]


async def test_one_membership_needs_no_switch(staffed_app: FastAPI, visitor: httpx.AsyncClient) -> None:
    await log_in(visitor)

    page = await visitor.get("/ingest/")

    assert list_hats(page) == []
    assert "LOT Ekologiczny" in page.text


async def test_the_switch_leads_to_the_start_of_the_role(staffed_app: FastAPI, visitor: httpx.AsyncClient) -> None:
    await give(staffed_app, CURATOR)
    await log_in(visitor)

    changed = await change(visitor, CURATOR.key)
    account = await staffed_app.state.accounts.find_by_session(visitor.cookies[COOKIE])

    assert (changed.status_code, urlsplit(changed.headers["location"]).path) == (303, "/calendar/")
    assert (account.role, account.organisation) == ("curator", "zrot")


@pytest.mark.parametrize("key", ["zrot:chief", "nobody:editor", "", "zrot:curator\x00", "x" * 5_000])
async def test_a_membership_that_one_does_not_have_is_refused(
    staffed_app: FastAPI, visitor: httpx.AsyncClient, key: str
) -> None:
    await give(staffed_app, CURATOR)
    await log_in(visitor)

    refused = await change(visitor, key)
    account = await staffed_app.state.accounts.find_by_session(visitor.cookies[COOKIE])

    assert (refused.status_code, account.role) == (409, "editor")


async def test_the_switch_needs_the_token_of_our_pages(staffed_app: FastAPI, visitor: httpx.AsyncClient) -> None:
    await give(staffed_app, CURATOR)
    await log_in(visitor)

    elsewhere = {"Sec-Fetch-Site": "cross-site", "Origin": "https://elsewhere.example"}
    refused = await visitor.post("/ingest/hat", data={"hat": CURATOR.key}, headers=elsewhere)
    account = await staffed_app.state.accounts.find_by_session(visitor.cookies[COOKIE])

    assert (refused.status_code, account.role) == (403, "editor")


async def test_the_switch_leads_to_no_other_site(staffed_app: FastAPI, visitor: httpx.AsyncClient) -> None:
    await give(staffed_app, CURATOR)
    await log_in(visitor)

    changed = await change(visitor, CURATOR.key, next="//elsewhere.example/")

    assert urlsplit(changed.headers["location"]).path == "/calendar/"


async def test_a_page_of_another_role_acts_by_the_membership_that_may_open_it(
    staffed_app: FastAPI, visitor: httpx.AsyncClient
) -> None:
    await give(staffed_app, CURATOR)
    await log_in(visitor)

    queue = await visitor.get("/ingest/queue")
    home = await visitor.get("/ingest/")

    assert (queue.status_code, home.status_code) == (200, 200)
    assert re.findall(r'value="([^"]*)" aria-current="true">', queue.text) == ["zrot:curator"]
    assert re.findall(r'value="([^"]*)" aria-current="true">', home.text) == ["lot-ekologiczny:editor"]


async def test_several_that_may_are_asked_about_and_the_choice_stays(
    staffed_app: FastAPI, visitor: httpx.AsyncClient
) -> None:
    await start_as_administrator(staffed_app, visitor)

    asked = await visitor.get("/ingest/?page=2")
    next_ = re.search(r'name="next" value="([^"]*)"', asked.text)
    chosen = await change(visitor, OTHER.key, next=unescape(next_[1]) if next_ else "")
    account = await staffed_app.state.accounts.find_by_session(visitor.cookies[COOKIE])

    assert asked.status_code == 200
    assert "Wybierz, w czyim imieniu" in asked.text
    assert (chosen.status_code, chosen.headers["location"]) == (303, "/ingest/?page=2")
    assert account.organisation == "dok"


async def test_a_form_that_several_may_send_comes_back_with_what_was_typed(
    staffed_app: FastAPI, visitor: httpx.AsyncClient
) -> None:
    await start_as_administrator(staffed_app, visitor)

    asked = await visitor.post("/ingest/send", data={CSRF_FIELD: token(visitor), "title": "Żagle & <b>"})
    actions = [unescape(each) for each in re.findall(r'formaction="([^"]*)"', asked.text)]
    sent = await visitor.post(actions[1], data={CSRF_FIELD: token(visitor), "title": "Żagle & <b>"})

    assert asked.status_code == 403
    assert "Żagle &amp; &lt;b&gt;" in asked.text
    assert actions == ["/ingest/send?as=lot-ekologiczny:editor", "/ingest/send?as=dok:editor"]
    assert sent.status_code == 303


async def test_a_form_of_another_site_is_not_asked_about(staffed_app: FastAPI, visitor: httpx.AsyncClient) -> None:
    await start_as_administrator(staffed_app, visitor)
    elsewhere = {"Sec-Fetch-Site": "cross-site", "Origin": "https://elsewhere.example"}

    refused = await visitor.post("/ingest/send", data={"title": "Żagle"}, headers=elsewhere)

    assert refused.status_code == 403
    assert "Żagle" not in refused.text


async def test_a_form_for_an_organisation_one_has_left_is_not_sent_for_another(
    staffed_app: FastAPI, visitor: httpx.AsyncClient
) -> None:
    person_id = await give(staffed_app, OTHER)
    await log_in(visitor)
    await staffed_app.state.accounts.change_person(person_id, lambda person: remove_membership(person, OTHER.key))

    refused = await visitor.post(f"/ingest/send?as={OTHER.key}", data={CSRF_FIELD: token(visitor), "title": "Żagle"})

    assert refused.status_code == 403
    assert "Żagle" in refused.text


async def test_no_membership_that_may_is_as_ever(staffed_app: FastAPI, visitor: httpx.AsyncClient) -> None:
    await give(staffed_app, OTHER)
    await log_in(visitor)

    led = await visitor.get("/ingest/queue")

    assert (led.status_code, urlsplit(led.headers["location"]).path) == (303, "/ingest/")


async def test_the_api_by_a_session_needs_a_choice_too(staffed_app: FastAPI, visitor: httpx.AsyncClient) -> None:
    await start_as_administrator(staffed_app, visitor)

    refused = await visitor.post("/ingest/api/v1/things", json={})

    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/membership_needed")


async def test_a_key_does_not_change_to_another_membership(staffed_app: FastAPI) -> None:
    person_id = await give(staffed_app, CURATOR)
    key = await staffed_app.state.accounts.create_key(person_id)

    async with program(staffed_app, Authorization=f"Bearer {key}") as client:
        refused = await client.get("/ingest/api/v1/decisions")

    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/wrong_role")


@pytest.mark.parametrize(("role", "status"), [("chief", 200), ("curator", 200), ("translator", 303)])
async def test_a_chief_opens_what_a_curator_may(
    staffed_app: FastAPI, visitor: httpx.AsyncClient, role: Role, status: int
) -> None:
    person_id = await give(staffed_app, replace(CURATOR, role=role))
    await staffed_app.state.accounts.change_person(
        person_id, lambda person: remove_membership(person, "lot-ekologiczny:editor")
    )
    await log_in(visitor)

    assert (await visitor.get("/ingest/queue")).status_code == status
