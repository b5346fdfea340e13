"""A forgotten password: the same answer to everybody, a mail to who has an account."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from services.ingest.password.commands import PasswordLinks
from shared.accounts.tokens import LIFETIMES
from tests.services.ingest.conftest import PASSWORD, Ingest
from tests.services.ingest.visiting import COOKIE, browsing, get_mail, log_in, path_in, put_person, send, text_of
from tests.support.clients import eventually
from tests.support.smtp import MailServer

LOT = "lot@example.pl"
NEW = "Morze jest dziś spokojne"


async def test_who_forgot_the_password_sets_a_new_one_by_mail(mailing: Ingest, mail_server: MailServer) -> None:
    async with browsing(mailing.app) as there, browsing(mailing.app) as here:
        await log_in(there, mailing.accounts, LOT)
        asked = await send(here, "/ingest/password", {"email": " LOT@example.pl"})
        path = path_in(await get_mail(mail_server, LOT))
        form = await here.get(path)

        done = await send(here, path, {"password": NEW, "repeated": NEW})

        assert (asked.status_code, form.status_code) == (200, 200)
        assert (done.status_code, done.headers["location"]) == (303, "/ingest/login")
        assert "The new password is set" in (await here.get("/ingest/login")).text
        assert (await there.get("/ingest/")).status_code == 303  # its session has ended
        assert (await send(here, "/ingest/login", {"email": LOT, "password": NEW})).cookies[COOKIE]
        told = await get_mail(mail_server, LOT, 2)
        assert "zostało zmienione" in told
        assert "http://ingest.test/ingest/profile#keys" in told  # a key of theirs goes on working


@pytest.mark.parametrize("keys", [0, 1])
async def test_who_has_keys_is_told_that_they_go_on_working(
    mailing: Ingest, mail_server: MailServer, keys: int
) -> None:
    ewa = await put_person(mailing.accounts, "ewa@example.pl", "editor")
    made = [await mailing.accounts.create_key(ewa.id) for _ in range(keys)]
    path = f"/ingest/password/{await mailing.accounts.links.create('password', ewa.id)}"
    async with browsing(mailing.app) as browser:
        await send(browser, path, {"password": NEW, "repeated": NEW})
        login = await browser.get("/ingest/login")

    assert ("Your keys for programs go on working" in login.text) is bool(keys)
    assert ("/ingest/profile#keys" in await get_mail(mail_server, "ewa@example.pl")) is bool(keys)
    assert all([await mailing.accounts.find_by_key(each) for each in made])


async def test_nobody_learns_whether_an_address_has_an_account(mailing: Ingest, mail_server: MailServer) -> None:
    await mailing.accounts.disable("inny@example.pl")
    async with browsing(mailing.app) as browser:
        answers = [
            await send(browser, "/ingest/password", {"email": email})
            for email in (LOT, "inny@example.pl", "nobody@example.pl")
        ]
        await get_mail(mail_server, LOT)

    assert {(each.status_code, text_of(each)) for each in answers} == {(200, text_of(answers[0]))}

    async def done() -> int:
        return await mailing.database["jobs"].count_documents({"kind": "password_link", "state": "done"})

    assert await eventually(done, 3) == 3
    assert len(mail_server.taken) == 1


async def test_a_repeated_request_of_a_job_mails_no_second_link(mailing: Ingest, mail_server: MailServer) -> None:
    async with browsing(mailing.app) as browser:
        await send(browser, "/ingest/password", {"email": LOT})
        path = path_in(await get_mail(mail_server, LOT))

        (job,) = await mailing.state.jobs.list(kind="password_link")
        await PasswordLinks(mailing.accounts, mailing.state.mail).handle(job)

        assert (await browser.get(path)).status_code == 200
    assert len(mail_server.taken) == 1


@pytest.mark.parametrize("email", ["", "lot", "lot@", "a" * 300 + "@example.pl", "lot@example.pl\r\nBcc: x@y.example"])
async def test_what_is_no_address_is_refused(mailing: Ingest, email: str) -> None:
    async with browsing(mailing.app) as browser:
        answer = await send(browser, "/ingest/password", {"email": email})

    assert answer.status_code == 422
    assert "Give an e-mail address" in answer.text


async def test_requests_are_throttled_like_log_ins(mailing: Ingest) -> None:
    async with browsing(mailing.app) as browser:
        answers = [await send(browser, "/ingest/password", {"email": "nobody@example.pl"}) for _ in range(6)]

    assert [each.status_code for each in answers] == [200] * 5 + [429]
    assert int(answers[5].headers["retry-after"]) > 0
    assert 'value="nobody@example.pl"' in answers[5].text


async def test_a_used_an_old_and_an_invented_link_are_gone_alike(mailing: Ingest) -> None:
    lot = await mailing.accounts.find(LOT)
    assert lot
    links = mailing.accounts.links
    used, replaced = await links.create("password", lot.id), await links.create("password", "somebody else")
    await links.use("password", used)
    await links.create("password", "somebody else")

    async with browsing(mailing.app) as browser:
        paths = [f"/ingest/password/{token}" for token in (used, replaced, "kal_link_" + "A" * 43, "x")]
        pages = [await browser.get(path) for path in paths]
        sent = [await send(browser, path, {"password": NEW, "repeated": NEW}) for path in paths]

    assert {(each.status_code, text_of(each)) for each in (*pages, *sent)} == {(410, text_of(pages[0]))}
    assert 'href="/ingest/password"' in pages[0].text
    assert await mailing.accounts.log_in(LOT, PASSWORD, "192.0.2.9")


@pytest.mark.parametrize(
    ("password", "repeated", "said"),
    [
        ("krótkie", "krótkie", "at least 12 characters"),
        ("d" * 257, "d" * 257, "at most 256 characters"),
        ("Kalendarium2027", "Kalendarium2027", "guessed too easily"),
        ("lot@example.pl", "lot@example.pl", "guessed too easily"),
        (NEW, NEW + "!", "must be the same"),
    ],
)
async def test_a_password_that_is_refused_leaves_the_link(
    ingest: Ingest, password: str, repeated: str, said: str
) -> None:
    lot = await ingest.accounts.find(LOT)
    assert lot
    path = f"/ingest/password/{await ingest.accounts.links.create('password', lot.id)}"
    async with browsing(ingest.app) as browser:
        answer = await send(browser, path, {"password": password, "repeated": repeated})

        assert answer.status_code == 422
        assert said in answer.text
        assert password not in answer.text
        assert (await browser.get(path)).status_code == 200


async def test_without_mail_the_page_says_what_to_do(ingest: Ingest) -> None:
    async with browsing(ingest.app, language="pl") as browser:
        page = await browser.get("/ingest/password")
        answer = await send(browser, "/ingest/password", {"email": LOT})

    assert "napisz lub zadzwoń do administratora" in text_of(page).casefold()
    assert "<form" not in page.text.partition("<main")[2]
    assert answer.status_code == 409
    assert await ingest.database["jobs"].count_documents({"kind": "password_link"}) == 0


async def test_another_site_sends_no_form(mailing: Ingest) -> None:
    elsewhere = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
    async with browsing(mailing.app) as browser:
        answers = [
            await browser.post(path, data={"email": LOT}, headers=elsewhere)
            for path in ("/ingest/password", "/ingest/password/x", "/ingest/invitation/x", "/ingest/invitation/x/again")
        ]

    assert {each.status_code for each in answers} == {403}


async def test_the_log_in_leads_to_it(ingest: Ingest) -> None:
    async with browsing(ingest.app) as browser:
        page = await browser.get("/ingest/login")

    assert '<a href="http://ingest.test/ingest/password">Forgot your password?</a>' in page.text
    assert LIFETIMES["password"].total_seconds() == 3600


async def test_no_line_of_a_log_holds_an_address_a_token_or_a_password(
    mailing: Ingest, mail_server: MailServer
) -> None:
    with capture_logs() as lines:
        async with browsing(mailing.app) as browser:
            await send(browser, "/ingest/password", {"email": LOT})
            path = path_in(await get_mail(mail_server, LOT))
            await browser.get(path)
            await send(browser, path, {"password": "Kalendarium2027", "repeated": NEW})
            await send(browser, path, {"password": NEW, "repeated": NEW})
            await browser.get(path)
            await get_mail(mail_server, LOT, 2)

    written = repr(lines)
    assert written.count("/ingest/password/…") == 4
    assert [each for each in (LOT, path.rpartition("/")[2], NEW, "Kalendarium2027") if each in written] == []
