"""Invitations as people follow them: an administrator and a contact invite, the invited accept."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from services.ingest.invitation.invitation_form import has_address
from shared.accounts.commands import invite
from shared.accounts.invitations import Invitation
from shared.accounts.model import Membership
from shared.accounts.tokens import LIFETIMES
from shared.clock import utc_now
from tests.services.ingest.conftest import PASSWORD, Ingest
from tests.services.ingest.visiting import (
    COOKIE,
    browsing,
    get_mail,
    log_in,
    make_contact,
    path_in,
    put_person,
    send,
    text_of,
)
from tests.support.smtp import MailServer

ADMIN = "admin@example.pl"
EWA = "ewa@example.pl"
NEW = "Morze jest dziś spokojne"
INVITE = "/ingest/administration/people/invite"
OFFER = {"email": EWA, "name": "Ewa Lis", "language": "pl", "organisation": "darlot", "role": "editor"}
ACCEPT = {"name": "Ewa Lis-Maj", "language": "en", "password": NEW, "repeated": NEW}


async def administrator(ingest: Ingest, browser: httpx.AsyncClient) -> None:
    await put_person(ingest.accounts, ADMIN, "administrator", "zrot", "Anna Maj")
    await log_in(browser, ingest.accounts, ADMIN)


async def invitations(ingest: Ingest) -> list[Invitation]:
    return await ingest.accounts.invitations.list()


async def test_an_administrator_invites_and_the_person_sets_the_password(
    mailing: Ingest, mail_server: MailServer
) -> None:
    async with browsing(mailing.app) as admin, browsing(mailing.app) as ewa:
        await administrator(mailing, admin)
        sent = await send(admin, INVITE, OFFER | {"contact": "1"})
        text = await get_mail(mail_server, EWA)
        path = path_in(text)
        page = await ewa.get(path)
        accepted = await send(ewa, path, ACCEPT)
        entered = await send(ewa, "/ingest/login", {"email": EWA, "password": NEW})

        assert sent.headers["location"] == "/ingest/administration/people"
        assert "Anna Maj zaprasza Cię do Kalendarium" in text
        assert "DARLOT" in text_of(page) or "Darłow" in text_of(page)
        assert (accepted.status_code, accepted.headers["location"]) == (303, "/ingest/login")
        assert entered.cookies[COOKIE]
        assert (await ewa.get("/ingest/colleagues")).status_code == 200  # she is the contact
        assert (await ewa.get(path)).status_code == 410
        assert EWA in (await admin.get("/ingest/administration/people?organisation=darlot")).text
    (person,) = await mailing.accounts.list_members("darlot")
    assert (person.name, person.language, person.memberships[0].is_contact) == ("Ewa Lis-Maj", "en", True)
    assert await invitations(mailing) == []


async def test_a_curator_is_invited_with_limits(mailing: Ingest, mail_server: MailServer) -> None:
    limits: dict[str, str | list[str]] = {"role": "curator", "organisation": "zrot", "counties": ["3213", "3261"]}
    async with browsing(mailing.app) as browser:
        await administrator(mailing, browser)
        await send(browser, INVITE, OFFER | limits | {"categories": ["maritime", "nothing"]})
        path = path_in(await get_mail(mail_server, EWA))
        browser.cookies.clear()
        await send(browser, path, ACCEPT)

    person = await mailing.accounts.people.find_by_email(EWA)
    assert person
    assert (person.memberships[0].counties, person.memberships[0].categories) == (("3213", "3261"), ("maritime",))


async def test_who_has_an_account_only_accepts(mailing: Ingest, mail_server: MailServer) -> None:
    async with browsing(mailing.app) as admin, browsing(mailing.app) as lot:
        await administrator(mailing, admin)
        await send(admin, INVITE, OFFER | {"email": "lot@example.pl"})
        path = path_in(await get_mail(mail_server, "lot@example.pl"))
        page = await lot.get(path)
        await send(lot, path, {})

    assert 'type="password"' not in page.text
    person = await mailing.accounts.people.find_by_email("lot@example.pl")
    assert person
    assert [each.key for each in person.memberships] == ["lot-szczecin:editor", "darlot:editor"]
    assert await mailing.accounts.log_in("lot@example.pl", PASSWORD, "192.0.2.9")


async def test_used_link_leads_on_to_the_log_in_or_to_the_start_page(ingest: Ingest) -> None:
    async with browsing(ingest.app) as nobody, browsing(ingest.app) as lot:
        await log_in(lot, ingest.accounts, "lot@example.pl")
        addresses = ("/ingest/invitation/nothing", "/ingest/password/nothing")
        pages = [await browser.get(address) for browser in (nobody, lot) for address in addresses]

    assert [each.status_code for each in pages] == [410] * 4
    assert ["/ingest/login" in each.text for each in pages] == [True, True, False, False]
    assert ["Log in" in text_of(each) for each in pages] == [True, True, False, False]
    assert ["To your start page" in text_of(each) for each in pages] == [False, False, True, True]


@pytest.mark.parametrize(
    ("email", "said"), [("lot@example.pl", "is accepted."), ("inny@example.pl", "for another account than the one")]
)
async def test_who_is_logged_in_is_not_told_to_log_in_after_accepting(ingest: Ingest, email: str, said: str) -> None:
    inviter = await put_person(ingest.accounts, ADMIN, "administrator", "zrot", "Anna Maj")
    offer = Membership("darlot", "DARLOT", "editor")
    _, token = await invite(ingest.accounts, email=email, name="", language="pl", membership=offer, by=inviter.id)
    async with browsing(ingest.app) as lot:
        await log_in(lot, ingest.accounts, "lot@example.pl")
        accepted = await send(lot, f"/ingest/invitation/{token}", {})
        home = text_of(await lot.get(accepted.headers["location"]))

    assert accepted.headers["location"].endswith("/ingest/")
    assert said in home
    assert "Log in" not in home


async def test_the_contact_of_an_organisation_invites_editors_of_it_and_sees_them(
    mailing: Ingest, mail_server: MailServer
) -> None:
    await make_contact(mailing.accounts, await put_person(mailing.accounts, "jan@example.pl", "editor"))
    await put_person(mailing.accounts, "obcy@example.pl", "editor", "ck105")
    async with browsing(mailing.app) as jan, browsing(mailing.app) as ewa:
        await log_in(jan, mailing.accounts, "jan@example.pl")
        sent = await send(jan, "/ingest/colleagues/invite", OFFER | {"role": "administrator", "organisation": "zrot"})
        listed = await jan.get("/ingest/colleagues")
        await send(ewa, path_in(await get_mail(mail_server, EWA)), ACCEPT)
        after = await jan.get("/ingest/colleagues")

    assert sent.headers["location"] == "/ingest/colleagues"
    assert EWA in listed.text
    assert "Ewa Lis-Maj" in after.text
    assert "obcy@example.pl" not in after.text
    person = await mailing.accounts.people.find_by_email(EWA)
    assert person
    assert [each.key for each in person.memberships] == ["darlot:editor"]


async def test_an_editor_who_is_no_contact_invites_nobody(ingest: Ingest) -> None:
    await put_person(ingest.accounts, "jan@example.pl", "editor")
    async with browsing(ingest.app) as jan:
        await log_in(jan, ingest.accounts, "jan@example.pl")
        answers = [
            await jan.get("/ingest/colleagues"),
            await jan.get("/ingest/colleagues/invite"),
            await send(jan, "/ingest/colleagues/invite", OFFER),
            await send(jan, INVITE, OFFER),
        ]

    assert [each.status_code for each in answers] == [403] * 4
    assert await invitations(ingest) == []


async def test_a_contact_changes_no_invitation_of_others(ingest: Ingest) -> None:
    await make_contact(ingest.accounts, await put_person(ingest.accounts, "jan@example.pl", "editor"))
    offers = [Membership("ck105", "CK 105", "editor"), Membership("darlot", "DARLOT", "curator")]
    for offer in offers:
        await ingest.accounts.invitations.create(
            email=EWA, name="", language="pl", membership=offer, invited_by="somebody"
        )
    async with browsing(ingest.app) as jan:
        await log_in(jan, ingest.accounts, "jan@example.pl")
        answers = [
            await send(jan, f"/ingest/colleagues/{each.id}", {"act": act})
            for each in await invitations(ingest)
            for act in ("again", "cancel")
        ]

        assert EWA not in (await jan.get("/ingest/colleagues")).text
    assert [each.status_code for each in answers] == [404] * 4
    assert len(await invitations(ingest)) == 2


async def test_an_old_link_is_gone_and_a_new_one_comes_by_mail_only(mailing: Ingest, mail_server: MailServer) -> None:
    async with browsing(mailing.app) as admin, browsing(mailing.app) as ewa:
        await administrator(mailing, admin)
        await send(admin, INVITE, OFFER)
        old = path_in(await get_mail(mail_server, EWA))
        await mailing.accounts.invitations._invitations.database["links"].update_many(  # noqa: SLF001 - a week passes
            {}, {"$set": {"expires_at": utc_now() - timedelta(seconds=1)}}
        )
        gone = await ewa.get(old)
        asked = await send(ewa, f"{old}/again", {})
        invented = await send(ewa, f"/ingest/invitation/kal_link_{'A' * 43}/again", {})
        new = path_in(await get_mail(mail_server, EWA, 2))

        assert gone.status_code == 410
        assert f'action="{old}/again"' in gone.text
        assert (asked.status_code, text_of(asked)) == (200, text_of(invented))
        assert new.rpartition("_")[2] not in asked.text
        assert (await send(ewa, new, ACCEPT)).status_code == 303
    assert len(mail_server.taken) == 2


async def test_no_more_of_a_link_is_repeated_than_one_has(ingest: Ingest) -> None:
    async with browsing(ingest.app) as browser:
        gone = await browser.get(f"/ingest/invitation/{'z' * 6_000}")
        led = await browser.get(f"/ingest/invitation/{'z' * 6_000}/again")

    assert (gone.status_code, led.headers["location"]) == (410, f"/ingest/invitation/{'z' * 100}")
    assert "z" * 101 not in gone.text


async def test_new_links_are_throttled(mailing: Ingest) -> None:
    async with browsing(mailing.app) as browser:
        answers = [await send(browser, "/ingest/invitation/kal_link_x/again", {}) for _ in range(6)]

    assert [each.status_code for each in answers] == [200] * 5 + [429]


async def test_an_address_and_a_contact_cause_so_many_mails_a_day(mailing: Ingest, mail_server: MailServer) -> None:
    jan = await put_person(mailing.accounts, "jan@example.pl", "editor", "darlot", "ZROT: log in at evil.example/x")
    await make_contact(mailing.accounts, jan)
    async with browsing(mailing.app) as browser, browsing(mailing.app) as ewa:
        await log_in(browser, mailing.accounts, "jan@example.pl")
        await send(browser, "/ingest/colleagues/invite", OFFER)
        (invitation,) = await invitations(mailing)
        again = []
        for number in (1, 2, 3):
            link = path_in(await get_mail(mail_server, EWA, number))
            again.append(await send(browser, f"/ingest/colleagues/{invitation.id}", {"act": "again"}))
        by_herself = await send(ewa, f"{link}/again", {})
        still_open = await ewa.get(link)
        await send(browser, f"/ingest/colleagues/{invitation.id}", {"act": "cancel"})
        once_more = await send(browser, "/ingest/colleagues/invite", OFFER)
        others = [
            await send(browser, "/ingest/colleagues/invite", OFFER | {"email": f"ewa{number}@example.pl"})
            for number in range(20)
        ]

    assert [each.status_code for each in again] == [303, 303, 409]
    assert "invited three times" in again[-1].text
    assert (by_herself.status_code, still_open.status_code) == (200, 200)
    assert (once_more.status_code, "invited three times" in once_more.text) == (422, True)
    assert {each.status_code for each in others} == {303, 422}
    assert "You have sent 20 invitations" in others[-1].text
    assert "evil.example" not in await get_mail(mail_server, EWA, 3)


async def test_an_invitation_is_sent_again_and_taken_back(mailing: Ingest, mail_server: MailServer) -> None:
    async with browsing(mailing.app) as admin, browsing(mailing.app) as ewa:
        await administrator(mailing, admin)
        await send(admin, INVITE, OFFER)
        first = path_in(await get_mail(mail_server, EWA))
        (invitation,) = await invitations(mailing)
        folder = f"/ingest/administration/people/invitations/{invitation.id}"
        await send(admin, folder, {"act": "again"})
        second = path_in(await get_mail(mail_server, EWA, 2))
        statuses = [(await ewa.get(path)).status_code for path in (first, second)]
        cancelled = await send(admin, folder, {"act": "cancel"})

        assert statuses == [410, 200]
        assert cancelled.status_code == 303
        assert (await ewa.get(second)).status_code == 410
        assert (await send(admin, folder, {"act": "cancel"})).status_code == 404


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"email": "ewa"}, "Give an e-mail address"),
        ({"email": "ewa@example.pl\nBcc: all@example.pl"}, "Give an e-mail address"),
        ({"email": "inny@example.pl", "organisation": "lot-inny"}, "Choose an organisation"),
        ({"organisation": "nothing"}, "Choose an organisation"),
        ({"role": "king"}, "Choose a role"),
        ({"language": "xx"}, "Choose a language"),
        ({"name": "E" * 101}, "At most 100 characters"),
        ({"name": "ZROT: log in at https://evil.example/login now"}, "Write the name only"),
        ({"name": "Ewa evil.example now"}, "Write the name only"),
        ({"name": "Ewa t.co/x"}, "Write the name only"),
        ({"name": "Ewa, ewa@evil.example"}, "Write the name only"),
        ({"role": "curator", "contact": "1"}, "Only an editor can be the contact"),
        ({"role": "editor", "counties": "3213"}, "Only curators can be limited"),
    ],
)
async def test_a_form_that_breaks_a_rule_is_shown_again(ingest: Ingest, change: dict[str, str], said: str) -> None:
    async with browsing(ingest.app) as admin:
        await administrator(ingest, admin)
        answer = await send(admin, INVITE, OFFER | change)

    assert answer.status_code == 422
    assert said in answer.text
    assert 'value="Ewa Lis"' in answer.text or "name" in change
    assert await invitations(ingest) == []


@pytest.mark.parametrize("name", ["dr hab. J.K. Lis-Maj", "Ewa Lis, st. insp.", "O'Neill (LOT)", "Ż. Żak"])
def test_a_name_with_dots_is_a_name(name: str) -> None:
    assert not has_address(name)


async def test_a_second_invitation_and_a_disabled_person_are_told_to_administrators(ingest: Ingest) -> None:
    await ingest.accounts.disable("inny@example.pl")
    async with browsing(ingest.app) as admin:
        await administrator(ingest, admin)
        await send(admin, INVITE, OFFER)
        twice = await send(admin, INVITE, OFFER)
        disabled = await send(admin, INVITE, OFFER | {"email": "inny@example.pl"})

    assert (twice.status_code, "is invited already" in twice.text) == (422, True)
    assert (disabled.status_code, "is disabled" in disabled.text) == (422, True)


async def test_without_mail_the_link_is_shown_once(ingest: Ingest) -> None:
    async with browsing(ingest.app) as admin, browsing(ingest.app) as ewa:
        await administrator(ingest, admin)
        shown = await send(admin, INVITE, OFFER)
        path = path_in(shown.text)
        again = await send(ewa, f"{path}/again", {})  # who has a link cannot end it where no other can be sent
        page = await ewa.get(path)

    assert (shown.status_code, shown.headers["cache-control"]) == (200, "no-store")
    assert (again.status_code, page.status_code) == (200, 200)
    assert LIFETIMES["invitation"] == timedelta(days=7)


async def test_without_mail_a_contact_sees_no_link_and_ends_none_that_an_administrator_passed_on(
    ingest: Ingest,
) -> None:
    await make_contact(ingest.accounts, await put_person(ingest.accounts, "jan@example.pl", "editor"))
    async with browsing(ingest.app) as jan, browsing(ingest.app) as admin:
        await log_in(jan, ingest.accounts, "jan@example.pl")
        form = await jan.get("/ingest/colleagues/invite")
        sent = await send(jan, "/ingest/colleagues/invite", OFFER)
        told = await jan.get("/ingest/colleagues")
        (invitation,) = await invitations(ingest)
        await administrator(ingest, admin)
        passed_on = await send(admin, f"/ingest/administration/people/invitations/{invitation.id}", {"act": "again"})
        again = await send(jan, f"/ingest/colleagues/{invitation.id}", {"act": "again"})

        assert [each.status_code for each in (sent, again)] == [303, 303]
        assert [each for each in (form, sent, told, again) if "kal_link_" in each.text] == []
        assert "Ask an administrator to pass its link on" in told.text
        assert "for an administrator, who passes its link on" in text_of(form)
        assert (await jan.get(path_in(passed_on.text))).status_code == 200


async def test_words_of_people_are_no_markup_and_no_header(mailing: Ingest, mail_server: MailServer) -> None:
    async with browsing(mailing.app) as admin, browsing(mailing.app) as ewa:
        await administrator(mailing, admin)
        await send(admin, INVITE, OFFER | {"name": "<b>Ewa</b>\r\nBcc: all =?utf-8?q?=0d=0aBcc:_a=40b?="})
        path = path_in(await get_mail(mail_server, EWA))
        page = await ewa.get(path)
        people = await admin.get("/ingest/administration/people")

    assert "<b>Ewa" not in page.text + people.text
    assert mail_server.messages[0]["Bcc"] is None


async def test_an_invitation_to_an_organisation_closed_since_is_not_sent_again(ingest: Ingest) -> None:
    async with browsing(ingest.app) as admin:
        await administrator(ingest, admin)
        await send(admin, INVITE, OFFER)
        (invitation,) = await invitations(ingest)
        await ingest.accounts.organisations.close("darlot")

        again = await send(admin, f"/ingest/administration/people/invitations/{invitation.id}", {"act": "again"})

    assert again.status_code == 404


async def test_a_link_that_is_none_is_not_repeated_at_length(ingest: Ingest) -> None:
    answer = await ingest.nobody.get(f"/ingest/invitation/{'9' * 4_301}/again")

    assert answer.headers["location"] == f"/ingest/invitation/{'9' * 100}"
