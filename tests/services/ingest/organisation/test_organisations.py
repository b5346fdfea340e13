"""The administrators' pages of organisations, keys and who did what."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.organisation.organisation_form import make_slug
from tests.services.ingest.builders import make_event
from tests.services.ingest.conftest import Ingest
from tests.services.ingest.visiting import browsing, log_in, put_person, send, text_of, value_of

ADMIN = "admin@example.pl"
ORGANISATIONS = "/ingest/administration/organisations"
NEW = {"name": "Zamek Książąt Pomorskich", "slug": "", "kind": "institution", "county": "3262"}


@pytest.fixture
async def admin(ingest: Ingest) -> AsyncIterator[httpx.AsyncClient]:
    await put_person(ingest.accounts, ADMIN, "administrator", "zrot", "Anna Maj")
    async with browsing(ingest.app) as browser:
        await log_in(browser, ingest.accounts, ADMIN)
        yield browser


async def test_a_new_organisation_gets_a_short_name_and_takes_people_in(
    ingest: Ingest, admin: httpx.AsyncClient
) -> None:
    added = await send(admin, f"{ORGANISATIONS}/new", NEW)
    listed = await admin.get(ORGANISATIONS)
    invited = await send(
        admin,
        "/ingest/administration/people/invite",
        {"email": "ewa@example.pl", "language": "pl", "organisation": "zamek-ksiazat-pomorskich", "role": "editor"},
    )

    assert added.headers["location"] == f"{ORGANISATIONS}/zamek-ksiazat-pomorskich"
    assert "Zamek Książąt Pomorskich" in listed.text
    assert "kal_link_" in invited.text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": ""}, "Fill in this field"),
        ({"name": "N" * 201}, "At most 200 characters"),
        ({"slug": "Zamek Książąt"}, "Small letters without accents"),
        ({"slug": "a" * 81}, "Small letters without accents"),
        ({"slug": "darlot"}, "Another organisation has this short name"),
        ({"kind": "kingdom"}, "Choose a kind"),
        ({"county": "9999"}, "Choose a county"),
        ({"name": "!!!"}, "Small letters without accents"),
    ],
)
async def test_a_form_that_breaks_a_rule_is_shown_again(
    ingest: Ingest, admin: httpx.AsyncClient, change: dict[str, str], said: str
) -> None:
    before = len(await ingest.accounts.organisations.list())

    answer = await send(admin, f"{ORGANISATIONS}/new", NEW | change)

    assert (answer.status_code, said in answer.text) == (422, True)
    assert len(await ingest.accounts.organisations.list()) == before


async def test_of_two_who_rename_at_once_one_is_told(ingest: Ingest, admin: httpx.AsyncClient) -> None:
    was = value_of(await admin.get(f"{ORGANISATIONS}/darlot"), "was")

    answers = await asyncio.gather(
        *(send(admin, f"{ORGANISATIONS}/darlot", {"act": "rename", "was": was, "name": f"DARLOT {n}"}) for n in (1, 2))
    )

    assert sorted(each.status_code for each in answers) == [303, 409]
    late = next(each for each in answers if each.status_code == 409)
    assert "Somebody else has renamed" in late.text
    kept = await ingest.accounts.organisations.find("darlot")
    assert kept
    assert value_of(late, "was") == kept.name != was


async def test_closing_says_first_what_it_means_and_is_undone(ingest: Ingest, admin: httpx.AsyncClient) -> None:
    await ingest.lot.post("/ingest/api/v1/submissions", json=make_event())
    await send(admin, f"{ORGANISATIONS}/new", NEW | {"slug": "lot-szczecin", "name": "LOT Szczecin"})

    before = text_of(await admin.get(f"{ORGANISATIONS}/lot-szczecin"))
    await send(admin, f"{ORGANISATIONS}/lot-szczecin", {"act": "close"})
    closed = text_of(await admin.get(f"{ORGANISATIONS}/lot-szczecin"))
    await send(admin, f"{ORGANISATIONS}/lot-szczecin", {"act": "reopen"})
    after = text_of(await admin.get(f"{ORGANISATIONS}/lot-szczecin"))

    assert "1 person can no longer send anything" in before
    assert "1 submission that waits is still decided on" in before
    assert "0 events stay in the programme" in before
    assert ("This organisation is closed" in closed, "Close the organisation" in closed) == (True, False)
    assert "This organisation is closed" not in after


async def test_a_name_is_no_markup(ingest: Ingest, admin: httpx.AsyncClient) -> None:
    name = "<img src=x onerror=alert(1)>\u202eLOT"
    await send(admin, f"{ORGANISATIONS}/new", NEW | {"name": name, "slug": "lot-x"})

    pages = [await admin.get(path) for path in (ORGANISATIONS, f"{ORGANISATIONS}/lot-x")]

    assert not any("<img" in each.text or "\u202e" in each.text for each in pages)


@given(st.text(max_size=300))
def test_a_short_name_is_one_or_nothing(name: str) -> None:
    slug = make_slug(name)

    assert len(slug) <= 80
    assert slug == "" or all(part.isascii() and part.isalnum() for part in slug.split("-"))


async def test_an_administrator_sees_and_revokes_the_keys_of_all(ingest: Ingest, admin: httpx.AsyncClient) -> None:
    key = (await ingest.accounts.keys.list_records())[0].id

    page = await admin.get("/ingest/administration/keys")
    revoked = await send(admin, f"/ingest/administration/keys/{key}/revoke", {})
    after = await admin.get("/ingest/administration/keys")
    again = await send(admin, f"/ingest/administration/keys/{key}/revoke", {})

    assert f"kal_{key}_" in page.text
    assert f"kal_{key}_" not in after.text
    assert (revoked.status_code, again.status_code) == (303, 404)


async def test_who_did_what_names_people_and_comes_in_pages(ingest: Ingest, admin: httpx.AsyncClient) -> None:
    for number in range(60):
        await send(admin, f"{ORGANISATIONS}/darlot", {"act": "close" if number % 2 == 0 else "reopen"})

    first = await admin.get("/ingest/administration/audit")
    older = first.text.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0]
    second = await admin.get(older)

    assert text_of(first).count("Organisation opened again") == 25
    assert "Anna Maj" in text_of(first)
    assert "Account added" in text_of(second)
    assert "the command line" in text_of(second)
    assert (await admin.get("/ingest/administration/audit?before=%00nothing")).status_code == 200
