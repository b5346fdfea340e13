"""One's own profile."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import httpx
import pytest

from shared.accounts.model import Person
from shared.accounts.sessions import derive_session_id
from tests.services.ingest.conftest import PASSWORD, Ingest
from tests.services.ingest.visiting import COOKIE, browsing, get_mail, log_in, send, text_of
from tests.support.nesting import list_blocks_in_spans
from tests.support.smtp import MailServer

LOT = "lot@example.pl"
NEW = "Morze jest dziś spokojne"
PROFILE = "/ingest/profile"
ABOUT = {"name": "Ewa Lis", "language": "en", "digest": "weekly"}


@pytest.fixture
async def browser(ingest: Ingest) -> AsyncIterator[httpx.AsyncClient]:
    async with browsing(ingest.app, language="pl") as opened:
        await log_in(opened, ingest.accounts, LOT)
        yield opened


async def lot(ingest: Ingest) -> Person:
    found = await ingest.accounts.people.find_by_email(LOT)
    assert found
    return found


async def test_name_language_and_digest_are_saved_and_the_language_holds_at_once(
    ingest: Ingest, browser: httpx.AsyncClient
) -> None:
    before = await browser.get(PROFILE)
    saved = await send(browser, PROFILE, ABOUT | {"version": str((await lot(ingest)).version)})
    after = await browser.get("/ingest/")

    assert (before.headers["content-language"], after.headers["content-language"]) == ("pl", "en")
    assert saved.status_code == 303
    person = await lot(ingest)
    assert (person.name, person.language, person.digest) == ("Ewa Lis", "en", "weekly")


async def test_a_change_made_elsewhere_is_told_and_what_was_typed_is_kept(
    ingest: Ingest, browser: httpx.AsyncClient
) -> None:
    seen = str((await lot(ingest)).version)
    await send(browser, PROFILE, ABOUT | {"version": seen})

    late = await send(browser, PROFILE, ABOUT | {"version": seen, "name": "Ewa Maj"})
    without = await send(browser, PROFILE, ABOUT)

    assert (late.status_code, without.status_code) == (409, 409)
    assert 'value="Ewa Maj"' in late.text
    assert (await lot(ingest)).name == "Ewa Lis"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": " \u200b "}, "Uzupełnij to pole"),
        ({"name": "E" * 101}, "Najwyżej 100 znaków"),
        ({"language": "de"}, "Wybierz język"),
        ({"digest": "never"}, "Wybierz, jak często"),
    ],
)
async def test_a_form_that_breaks_a_rule_is_shown_again(
    ingest: Ingest, browser: httpx.AsyncClient, change: dict[str, str], said: str
) -> None:
    answer = await send(browser, PROFILE, ABOUT | {"version": str((await lot(ingest)).version)} | change)

    assert (answer.status_code, said in text_of(answer)) == (422, True)


async def test_a_new_password_needs_the_old_one_and_ends_other_sessions(
    mailing: Ingest, mail_server: MailServer
) -> None:
    async with browsing(mailing.app) as here, browsing(mailing.app) as there:
        await log_in(here, mailing.accounts, LOT)
        await log_in(there, mailing.accounts, LOT)
        wrong = await send(here, f"{PROFILE}/password", {"old": NEW, "password": NEW, "repeated": NEW})
        right = await send(here, f"{PROFILE}/password", {"old": PASSWORD, "password": NEW, "repeated": NEW})

        assert (wrong.status_code, "not your present password" in wrong.text) == (422, True)
        assert right.status_code == 303
        assert (await here.get(PROFILE)).status_code == 200
        assert (await there.get(PROFILE)).status_code == 303
        assert "zostało zmienione" in await get_mail(mail_server, LOT)


async def test_guesses_of_the_old_password_are_throttled(browser: httpx.AsyncClient) -> None:
    form = {"old": "to-nie-to-haslo", "password": NEW, "repeated": NEW}

    answers = [await send(browser, f"{PROFILE}/password", form) for _ in range(6)]

    assert [each.status_code for each in answers] == [422] * 5 + [429]


async def test_sessions_are_seen_and_ended_one_by_one_or_all_others(ingest: Ingest, browser: httpx.AsyncClient) -> None:
    others = [await ingest.accounts.log_in(LOT, PASSWORD, "192.0.2.9", browser="Firefox, Linux") for _ in range(2)]
    jan = await ingest.accounts.log_in("inny@example.pl", PASSWORD, "192.0.2.9")
    page = await browser.get(PROFILE)

    await send(browser, f"{PROFILE}/sessions", {"session": derive_session_id(others[0])})
    await send(browser, f"{PROFILE}/sessions", {"session": derive_session_id(jan)})
    one = [await ingest.accounts.find_by_session(each) is not None for each in (*others, jan)]
    await send(browser, f"{PROFILE}/sessions", {"session": "others"})
    rest = [await ingest.accounts.find_by_session(each) is not None for each in (*others, jan)]

    assert text_of(page).count("Firefox, Linux") >= 2
    assert "ta sesja" in text_of(page)
    assert (one, rest) == ([False, True, True], [False, False, True])
    assert (await browser.get(PROFILE)).status_code == 200
    assert not any(token in page.text for token in (*others, browser.cookies[COOKIE]))


async def test_a_key_is_shown_once_works_and_is_revoked(ingest: Ingest, browser: httpx.AsyncClient) -> None:
    await ingest.accounts.revoke_key((await ingest.accounts.keys.list_records((await lot(ingest)).id))[0].id)
    form = {"label": "strona darlowo.pl", "membership": "lot-szczecin:editor"}
    shown = await send(browser, f"{PROFILE}/keys", form)
    key = re.search(r"kal_[0-9a-f]{12}_[A-Za-z0-9_-]{43}", shown.text)
    assert key
    page = await browser.get(PROFILE)
    headers = {"Authorization": f"Bearer {key[0]}"}
    used = await ingest.nobody.get("/ingest/api/v1/submissions", headers=headers)
    second = await send(browser, f"{PROFILE}/keys", form)
    third = await send(browser, f"{PROFILE}/keys", form)
    revoked = await send(browser, f"{PROFILE}/keys/{key[0].split('_')[1]}/revoke", {})

    assert (shown.headers["cache-control"], used.status_code) == ("no-store", 200)
    assert "strona darlowo.pl" in page.text
    assert list_blocks_in_spans(page.text) == []
    assert key[0] not in page.text
    assert (second.status_code, third.status_code, revoked.status_code) == (200, 422, 303)
    after = await ingest.nobody.get("/ingest/api/v1/submissions", headers=headers)
    assert after.status_code == 401


async def test_nobody_revokes_the_key_of_another(ingest: Ingest, browser: httpx.AsyncClient) -> None:
    other = await ingest.accounts.people.find_by_email("inny@example.pl")
    assert other
    (key,) = await ingest.accounts.keys.list_records(other.id)

    answer = await send(browser, f"{PROFILE}/keys/{key.id}/revoke", {})

    assert answer.status_code == 404
    assert await ingest.accounts.keys.list_records(other.id)


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"label": "", "membership": "lot-szczecin:editor"}, "do czego jest klucz"),
        ({"label": "x" * 61, "membership": "lot-szczecin:editor"}, "Najwyżej 60 znaków"),
        ({"label": "strona", "membership": "zrot:administrator"}, "Wybierz jedną ze swoich ról"),
    ],
)
async def test_a_key_that_breaks_a_rule_is_not_made(
    ingest: Ingest, browser: httpx.AsyncClient, form: dict[str, str], said: str
) -> None:
    before = len(await ingest.accounts.keys.list_records())

    answer = await send(browser, f"{PROFILE}/keys", form)

    assert (answer.status_code, said in text_of(answer)) == (422, True)
    assert len(await ingest.accounts.keys.list_records()) == before


async def test_every_page_leads_to_the_profile(browser: httpx.AsyncClient) -> None:
    assert 'href="http://ingest.test/ingest/profile"' in (await browser.get("/ingest/")).text
