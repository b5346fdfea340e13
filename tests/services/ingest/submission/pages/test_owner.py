"""An editor of two organisations, and one of an organisation that was closed."""

from __future__ import annotations

import re
from html import unescape

import httpx
import pytest
from fastapi.routing import RouteContext

from services.ingest.submission.owner import prefer_owner
from shared.accounts.model import Membership, put_membership
from shared.accounts.organisations import OrganisationRecord
from shared.web.auth.roles import get_roles, iterate_routes
from shared.web.csrf import CSRF_FIELD, derive_csrf_token
from shared.web.http.session_cookie import get_session_cookie_name
from tests.services.ingest.builders import make_event
from tests.services.ingest.conftest import PASSWORD, Ingest

API = "/ingest/api/v1/submissions"
NEW = "/ingest/submissions/new"
COOKIE = get_session_cookie_name(https=False)
SECOND = Membership("lot-inny", "LOT-INNY", "editor")
FORM = {
    "title.pl": "Żagle",
    "category": "maritime",
    "certainty": "exact",
    "start_date": "2027-08-14",
    "end_date": "2027-08-16",
    "venue.town": "Szczecin",
    "venue.county": "3262",
}


async def give_second(ingest: Ingest) -> str:
    """Make the editor of LOT-SZCZECIN an editor of LOT-INNY too."""
    account = await ingest.accounts.find("lot@example.pl")
    assert account
    await ingest.accounts.change_person(account.id, lambda person: put_membership(person, SECOND))
    return account.id


async def open_browser(ingest: Ingest) -> httpx.AsyncClient:
    token = await ingest.accounts.log_in("lot@example.pl", PASSWORD, "127.0.0.1")
    ingest.nobody.cookies.set(COOKIE, token)
    ingest.nobody.headers.update({"Sec-Fetch-Site": "same-origin", "Accept-Language": "pl"})
    return ingest.nobody


async def post(browser: httpx.AsyncClient, address: str, **fields: str) -> httpx.Response:
    return await browser.post(address, data={CSRF_FIELD: derive_csrf_token(browser.cookies[COOKIE]), **fields})


async def send_as_second(ingest: Ingest) -> str:
    sent = await ingest.other.post(API, json=make_event())
    assert sent.status_code == 201
    submission_id: str = sent.json()["id"]
    return submission_id


async def test_the_page_of_a_submission_acts_for_its_owner(ingest: Ingest) -> None:
    await give_second(ingest)
    submission_id = await send_as_second(ingest)
    browser = await open_browser(ingest)

    page = await browser.get(f"/ingest/submissions/{submission_id}")
    edited = await post(browser, f"/ingest/submissions/{submission_id}/edit", version="1", **FORM)
    withdrawn = await post(browser, f"/ingest/submissions/{submission_id}/withdraw", version="2")

    assert [each.status_code for each in (page, edited, withdrawn)] == [200, 303, 303]
    assert re.findall(r'value="([^"]*)" aria-current="true">', page.text) == ["lot-inny:editor"]
    after = (await ingest.other.get(f"{API}/{submission_id}")).json()
    assert (after["version"], after["state"]) == (3, "withdrawn")


async def test_every_route_of_a_submission_acts_for_its_owner(ingest: Ingest) -> None:
    without = [
        f"{sorted(route.methods or ())} {route.path}"
        for route in iterate_routes(ingest.app)
        if "{submission_id}" in (route.path or "")
        and "editor" in (get_roles(route) or ())
        and prefer_owner not in list_calls(route)
    ]

    assert without == []


def list_calls(route: RouteContext) -> list[object]:
    dependant = getattr(route, "dependant", None)
    return [each.call for each in dependant.dependencies] if dependant else []


async def test_the_submission_of_a_third_organisation_is_not_there(ingest: Ingest) -> None:
    submission_id = await send_as_second(ingest)
    browser = await open_browser(ingest)

    page = await browser.get(f"/ingest/submissions/{submission_id}")

    assert page.status_code == 404


async def test_a_key_of_one_organisation_does_not_reach_the_other(ingest: Ingest) -> None:
    await give_second(ingest)
    submission_id = await send_as_second(ingest)

    assert (await ingest.lot.get(f"{API}/{submission_id}")).status_code == 404


async def test_a_new_event_is_sent_for_the_organisation_its_form_was_opened_for(ingest: Ingest) -> None:
    await give_second(ingest)
    browser = await open_browser(ingest)
    form = re.search(r'<form[^>]*action="(/ingest/submissions/new[^"]*)"', (await browser.get(NEW)).text)
    assert form
    await post(browser, "/ingest/hat", hat=SECOND.key)  # in another tab

    sent = await post(browser, unescape(form[1]), key="zagle", **FORM)

    assert sent.status_code == 303
    assert len((await ingest.lot.get(API)).json()["items"]) == 1
    assert (await ingest.other.get(API)).json()["items"] == []


async def close(ingest: Ingest) -> None:
    organisations = ingest.app.state.accounts.organisations
    await organisations.add(OrganisationRecord("lot-szczecin", "LOT Szczecin", "LOT", "3262"))
    await organisations.close("lot-szczecin")


async def test_a_form_of_an_organisation_that_was_closed_comes_back_with_what_was_typed(ingest: Ingest) -> None:
    browser = await open_browser(ingest)
    await close(ingest)

    refused = await post(browser, NEW, key="zagle", **FORM)

    assert refused.status_code == 409
    assert "Twoja organizacja jest zamknięta" in refused.text
    assert 'value="2027-08-16"' in refused.text
    assert await ingest.database["submissions"].count_documents({}) == 0


@pytest.mark.parametrize("query", ["", "?again=true"])
async def test_the_api_says_that_the_organisation_is_closed(ingest: Ingest, query: str) -> None:
    await close(ingest)

    refused = await ingest.lot.post(f"{API}{query}", json=make_event())

    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/organisation_closed")


async def test_what_a_closed_organisation_has_sent_stays_and_is_not_changed(ingest: Ingest) -> None:
    submission_id = (await ingest.lot.post(API, json=make_event())).json()["id"]
    browser = await open_browser(ingest)
    await close(ingest)

    page = await browser.get(f"/ingest/submissions/{submission_id}")
    edited = await post(browser, f"/ingest/submissions/{submission_id}/edit", version="1", **FORM)
    withdrawn = await post(browser, f"/ingest/submissions/{submission_id}/withdraw", version="1")
    after = (await ingest.lot.get(f"{API}/{submission_id}")).json()

    assert [each.status_code for each in (page, edited, withdrawn)] == [200, 409, 409]
    assert (after["version"], after["state"]) == (1, "waiting")
