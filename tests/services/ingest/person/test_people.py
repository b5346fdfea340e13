"""The administrators' pages of people."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest

from shared.accounts.model import Person
from tests.services.ingest.conftest import PASSWORD, Ingest
from tests.services.ingest.visiting import browsing, get_mail, log_in, path_in, put_person, send, text_of, value_of
from tests.support.smtp import MailServer

ADMIN = "admin@example.pl"
PEOPLE = "/ingest/administration/people"
NEW = "Morze jest dziś spokojne"
GIVE = {"act": "give_role", "organisation": "darlot", "role": "editor"}


@pytest.fixture
async def admin(ingest: Ingest) -> AsyncIterator[httpx.AsyncClient]:
    await put_person(ingest.accounts, ADMIN, "administrator", "zrot", "Anna Maj")
    async with browsing(ingest.app) as browser:
        await log_in(browser, ingest.accounts, ADMIN)
        yield browser


async def lot(ingest: Ingest) -> Person:
    found = await ingest.accounts.people.find_by_email("lot@example.pl")
    assert found
    return found


async def change(admin: httpx.AsyncClient, person: Person, **form: str) -> httpx.Response:
    return await send(admin, f"{PEOPLE}/{person.id}", {"version": str(person.version), **form})


async def test_the_list_is_filtered_by_organisation_role_and_state(ingest: Ingest, admin: httpx.AsyncClient) -> None:
    await put_person(ingest.accounts, "piotr@example.pl", "editor", "darlot", "Piotr Sowa")
    await ingest.accounts.disable("piotr@example.pl")

    listed = {
        query: [
            email
            for email in ("lot@", "kurator@", "piotr@", "admin@")
            if email in (await admin.get(f"{PEOPLE}{query}")).text
        ]
        for query in ("", "?organisation=darlot", "?role=curator", "?state=disabled", "?state=never", "?state=nothing")
    }

    assert listed == {
        "": ["lot@", "kurator@", "piotr@", "admin@"],
        "?organisation=darlot": ["piotr@"],
        "?role=curator": ["kurator@"],
        "?state=disabled": ["piotr@"],
        "?state=never": ["lot@", "kurator@"],
        "?state=nothing": ["lot@", "kurator@", "piotr@", "admin@"],
    }


async def test_a_long_list_comes_in_pages_that_keep_the_filter(ingest: Ingest, admin: httpx.AsyncClient) -> None:
    template = await ingest.accounts.people._people.find_one({"email": "lot@example.pl"})  # noqa: SLF001 - quicker than sixty hashes
    assert template
    await ingest.accounts.people._people.insert_many(  # noqa: SLF001 - the same
        [template | {"_id": str(n), "email": f"{n:02}@example.pl", "name": f"Osoba {n:02}"} for n in range(60)]
    )

    first = await admin.get(f"{PEOPLE}?role=editor")
    second = await admin.get(f"{PEOPLE}?role=editor&page=2")

    assert "page 1 of 2" in text_of(first)
    assert f'href="{PEOPLE}?role=editor&amp;page=2"' in first.text
    assert ("Osoba 59" in first.text, "Osoba 59" in second.text) == (False, True)


async def test_roles_are_given_with_limits_and_taken_away(ingest: Ingest, admin: httpx.AsyncClient) -> None:
    given = await change(
        admin, await lot(ingest), act="give_role", organisation="zrot", role="curator", counties="3213"
    )
    page = await admin.get(f"{PEOPLE}/{(await lot(ingest)).id}")
    with_both = await lot(ingest)
    taken = await change(admin, with_both, act="remove_role", membership="lot-szczecin:editor")

    assert (given.status_code, taken.status_code) == (303, 303)
    assert ingest.state.region.counties["3213"].get_label("en") in text_of(page)
    assert [each.key for each in with_both.memberships] == ["lot-szczecin:editor", "zrot:curator"]
    assert [each.key for each in (await lot(ingest)).memberships] == ["zrot:curator"]
    last = await change(admin, await lot(ingest), act="remove_role", membership="zrot:curator")
    assert last.status_code == 409


async def test_of_two_administrators_the_second_is_told(ingest: Ingest, admin: httpx.AsyncClient) -> None:
    seen = await lot(ingest)
    await change(admin, seen, **GIVE)

    answers = [
        await change(admin, seen, act="give_role", organisation="ck105", role="editor"),
        await change(admin, seen, act="remove_role", membership="lot-szczecin:editor"),
        await change(admin, seen, act="disable"),
        await send(admin, f"{PEOPLE}/{seen.id}", {"act": "disable", "version": ""}),
    ]

    assert [each.status_code for each in answers] == [409] * 4
    assert "Somebody else has changed this person" in answers[0].text
    assert value_of(answers[0], "version") == str((await lot(ingest)).version)
    assert not (await lot(ingest)).disabled


async def test_a_disabled_person_is_out_at_once_and_comes_back(ingest: Ingest, admin: httpx.AsyncClient) -> None:
    async with browsing(ingest.app) as browser:
        await log_in(browser, ingest.accounts, "lot@example.pl")
        await change(admin, await lot(ingest), act="disable")
        out = await browser.get("/ingest/")
        page = await admin.get(f"{PEOPLE}/{(await lot(ingest)).id}")
        await change(admin, await lot(ingest), act="enable")

    assert out.headers["location"].startswith("/ingest/login")
    assert "This account is disabled" in page.text
    assert await ingest.accounts.log_in("lot@example.pl", PASSWORD, "192.0.2.9")


async def test_administrators_do_not_lock_themselves_out(ingest: Ingest, admin: httpx.AsyncClient) -> None:
    me = await ingest.accounts.people.find_by_email(ADMIN)
    assert me
    await change(admin, me, **GIVE)
    again = await ingest.accounts.people.find_by_email(ADMIN)
    assert again

    answers = [
        await change(admin, again, act="disable"),
        await change(admin, again, act="remove_role", membership="zrot:administrator"),
    ]

    assert [each.status_code for each in answers] == [404, 409]
    assert "another administrator can" in (await admin.get(f"{PEOPLE}/{me.id}")).text


async def test_two_administrators_do_not_remove_each_other(ingest: Ingest, admin: httpx.AsyncClient) -> None:
    await put_person(ingest.accounts, "ola@example.pl", "administrator", "zrot", "Ola Lis")
    anna, ola = [await ingest.accounts.people.find_by_email(each) for each in (ADMIN, "ola@example.pl")]
    assert anna
    assert ola
    async with browsing(ingest.app) as other:
        await log_in(other, ingest.accounts, "ola@example.pl")
        answers = await asyncio.gather(change(admin, ola, act="disable"), change(other, anna, act="disable"))

    found = [await ingest.accounts.people.find_enabled(each.id) for each in (anna, ola)]
    assert any(found)
    refused = [each for each in answers if each.status_code == 409]
    assert refused or any(each.is_redirect and "login" in each.headers["location"] for each in answers)
    assert all("Give another person the role first" in each.text for each in refused)


async def test_a_link_for_a_new_password_is_mailed(mailing: Ingest, mail_server: MailServer) -> None:
    await put_person(mailing.accounts, ADMIN, "administrator", "zrot", "Anna Maj")
    async with browsing(mailing.app) as browser:
        await log_in(browser, mailing.accounts, ADMIN)
        answer = await change(browser, await lot(mailing), act="password")
        path = path_in(await get_mail(mail_server, "lot@example.pl"))

        assert answer.status_code == 303
        assert (await browser.get(path)).status_code == 200


async def test_without_mail_the_link_for_a_new_password_is_shown_once(ingest: Ingest, admin: httpx.AsyncClient) -> None:
    answer = await change(admin, await lot(ingest), act="password")
    path = path_in(answer.text)
    shown = await admin.get(path)
    await send(admin, path, {"password": NEW, "repeated": NEW})
    audit = text_of(await admin.get("/ingest/administration/audit"))

    assert (answer.headers["cache-control"], shown.status_code) == ("no-store", 200)
    who = (await lot(ingest)).name
    assert f"Password set by a link {who} the holder of the link" in audit
    assert f"Link for a new password shown {who} Anna Maj" in audit


@pytest.mark.parametrize("person_id", ["nothing", "%00", "x" * 3000, "..%2F.."])
async def test_who_is_not_there_is_not_found(admin: httpx.AsyncClient, person_id: str) -> None:
    assert (await admin.get(f"{PEOPLE}/{person_id}")).status_code in {404, 414}


async def test_names_are_no_markup(ingest: Ingest, admin: httpx.AsyncClient) -> None:
    person = await lot(ingest)
    await ingest.accounts.change_person(person.id, lambda found: replace(found, name="<script>alert(1)</script>"))

    pages = [await admin.get(PEOPLE), await admin.get(f"{PEOPLE}/{person.id}")]

    assert not any("<script>alert" in each.text for each in pages)
