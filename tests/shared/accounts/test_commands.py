"""Invitations, resets and changes of passwords, in a real MongoDB."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from shared.accounts.accounts import Accounts, WrongPassword
from shared.accounts.commands import (
    AlreadyMember,
    accept_invitation,
    cancel_invitation,
    change_password,
    disable_person,
    find_offer,
    invite,
    invite_again,
    is_disabled,
    reset_password,
    take_role,
)
from shared.accounts.invitations import MAX_OPEN, AlreadyInvited, TooManyInvitations
from shared.accounts.login_throttle import LoginThrottled
from shared.accounts.model import LastAdministrator, Membership, Person, put_membership, remove_membership
from shared.accounts.organisations import OrganisationClosed, OrganisationRecord, OrganisationUnknown
from shared.accounts.passwords import PasswordTooShort
from shared.accounts.people import LEAVING_FOR
from shared.accounts.tokens import LIFETIMES, LinkExpired
from tests.shared.conftest import Clock
from tests.shared.web.example import CURATOR, PASSWORD

HOME = "192.0.2.7"
NEW = "inne-morze-i-wiatr"
DARLOT = Membership("darlot", "DARLOT", "editor", is_contact=True)
LIMITED = Membership("zrot", "ZROT", "curator", counties=("3213",), categories=("maritime",))


@pytest.fixture(autouse=True)
async def _organisations(accounts: Accounts) -> None:
    for slug, name in (("darlot", "DARLOT"), ("zrot", "ZROT"), ("lot-ekologiczny", "LOT Ekologiczny")):
        await accounts.organisations.add(OrganisationRecord(slug, name, "LOT", None))
    await put_administrator(accounts, "jan@zrot.example")


async def put_administrator(accounts: Accounts, email: str) -> None:
    await accounts.put_account(email=email, role="administrator", password=PASSWORD, **CURATOR)


async def id_of(accounts: Accounts, email: str) -> str:
    found = await accounts.find(email)
    assert found is not None
    return found.id


async def invited(accounts: Accounts, email: str, membership: Membership = DARLOT) -> tuple[str, str]:
    """Invite somebody; the invitation's id and the token of its link."""
    by = await id_of(accounts, "jan@zrot.example")
    invitation, token = await invite(accounts, email=email, name="Ewa Lis", language="en", membership=membership, by=by)
    return invitation.id, token


async def accept(accounts: Accounts, token: str) -> None:
    await accept_invitation(accounts, token, name="Ewa Lis", language="en", password=NEW)


async def acts(accounts: Accounts) -> list[str]:
    return [each.act for each in await accounts.audit.list()]


async def test_who_accepts_an_invitation_has_the_membership_with_its_limits(accounts: Accounts) -> None:
    _, token = await invited(accounts, " Ewa@LOT.example", LIMITED)

    person = await accept_invitation(accounts, token, name="Ewa Lis", language="en", password=NEW)

    assert (person.email, person.name, person.language) == ("ewa@lot.example", "Ewa Lis", "en")
    assert person.memberships == (LIMITED,)
    session = await accounts.log_in("ewa@lot.example", NEW, HOME)
    account = await accounts.find_by_session(session)
    assert account is not None
    assert (account.role, account.counties) == ("curator", ("3213",))
    assert await accounts.invitations.list() == []
    assert {"invited", "account_added"} <= set(await acts(accounts))


async def test_who_has_an_account_gets_the_membership_added_and_keeps_the_password(accounts: Accounts) -> None:
    _, token = await invited(accounts, "anna@lot.example")

    person = await accept_invitation(accounts, token, name="Somebody else", password=NEW)

    assert [each.key for each in person.memberships] == ["lot-ekologiczny:editor", "darlot:editor"]
    assert person.name == "Anna Wójcik"
    assert await accounts.log_in("anna@lot.example", PASSWORD, HOME)


async def test_an_invitation_is_accepted_once(accounts: Accounts) -> None:
    _, token = await invited(accounts, "ewa@lot.example")

    results = await asyncio.gather(*(accept(accounts, token) for _ in range(4)), return_exceptions=True)

    assert sorted(map(repr, results)) == [*["LinkExpired()"] * 3, "None"]
    assert len(await accounts.list_members("darlot")) == 1


async def test_two_invitations_of_one_address_make_one_person(accounts: Accounts) -> None:
    _, first = await invited(accounts, "ewa@lot.example")
    _, second = await invited(accounts, "ewa@lot.example", LIMITED)

    await asyncio.gather(accept(accounts, first), accept(accounts, second))

    person = await accounts.people.find_by_email("ewa@lot.example")
    assert person is not None
    assert {each.key for each in person.memberships} == {"darlot:editor", "zrot:curator"}


async def test_a_short_password_leaves_the_link_as_it_is(accounts: Accounts) -> None:
    _, token = await invited(accounts, "ewa@lot.example")

    with pytest.raises(PasswordTooShort):
        await accept_invitation(accounts, token, name="Ewa Lis", language="pl", password="krótkie")

    await accept(accounts, token)


async def test_an_old_invitation_is_renewed_by_a_new_link(accounts: Accounts, clock: Clock) -> None:
    invitation_id, old = await invited(accounts, "ewa@lot.example")
    clock.passes(LIFETIMES["invitation"])
    with pytest.raises(LinkExpired):
        await accept(accounts, old)

    renewed = await invite_again(accounts, invitation_id)

    assert renewed is not None
    await accept(accounts, renewed[1])
    assert await invite_again(accounts, invitation_id) is None


@pytest.mark.parametrize("loss", ["disabled", "role", "erased"])
async def test_an_invitation_ends_with_its_inviters_right_until_another_sends_it_again(
    accounts: Accounts, loss: str
) -> None:
    await put_administrator(accounts, "ola@zrot.example")
    jan, ola = [await id_of(accounts, f"{name}@zrot.example") for name in ("jan", "ola")]
    anna = await id_of(accounts, "anna@lot.example")
    invitation_id, token = await invited(accounts, "ewa@lot.example", Membership("zrot", "ZROT", "administrator"))
    if loss == "role":
        await accounts.change_person(jan, partial(remove_membership, key="zrot:administrator"))
    else:
        await accounts.disable("jan@zrot.example", by=ola)
    if loss == "erased":
        await accounts.erase(jan)

    with pytest.raises(LinkExpired):
        await find_offer(accounts, token)
    with pytest.raises(LinkExpired):
        await accept(accounts, token)
    assert await invite_again(accounts, invitation_id) is None
    assert await invite_again(accounts, invitation_id, by=anna) is None
    renewed = await invite_again(accounts, invitation_id, by=ola)

    assert renewed is not None
    assert renewed[0].invited_by == ola
    assert [each.by for each in await accounts.audit.list() if each.act == "invited_again"] == [ola]
    await accept(accounts, renewed[1])


async def test_an_invitation_changes_no_role_that_the_person_got_in_the_meantime(accounts: Accounts) -> None:
    anna = await id_of(accounts, "anna@lot.example")
    offers = (Membership("zrot", "ZROT", "curator"), replace(DARLOT, is_contact=False))
    tokens = [(await invited(accounts, "anna@lot.example", each))[1] for each in offers]
    for given in (LIMITED, DARLOT):
        await accounts.change_person(anna, partial(put_membership, membership=given))

    for token in tokens:
        await accept(accounts, token)

    person = await accounts.find_person(anna)
    assert person is not None
    assert person.memberships[1:] == (LIMITED, DARLOT)


async def test_an_invitation_taken_back_lets_nobody_in(accounts: Accounts) -> None:
    invitation_id, token = await invited(accounts, "ewa@lot.example")

    assert await cancel_invitation(accounts, invitation_id, by="jan") is True
    assert await cancel_invitation(accounts, invitation_id, by="jan") is False

    with pytest.raises(LinkExpired):
        await find_offer(accounts, token)
    assert (await acts(accounts)).count("invitation_cancelled") == 1


async def test_nobody_is_invited_twice_to_the_same(accounts: Accounts) -> None:
    await invited(accounts, "ewa@lot.example")

    with pytest.raises(AlreadyInvited):
        await invited(accounts, "EWA@lot.example")
    await invited(accounts, "ewa@lot.example", Membership("darlot", "DARLOT", "translator"))
    with pytest.raises(AlreadyMember):
        await invited(accounts, "anna@lot.example", Membership("lot-ekologiczny", "LOT Ekologiczny", "editor"))


async def test_invitations_of_an_organisation_are_bounded(accounts: Accounts) -> None:
    for number in range(MAX_OPEN - 3):
        await invited(accounts, f"ewa{number}@lot.example")
    at_once = (invited(accounts, f"jan{number}@lot.example") for number in range(12))
    await asyncio.gather(*at_once, return_exceptions=True)
    taken = len(await accounts.invitations.list("darlot"))
    assert taken <= MAX_OPEN
    for number in range(MAX_OPEN - taken):
        await invited(accounts, f"ola{number}@lot.example")

    with pytest.raises(TooManyInvitations):
        await invited(accounts, "ewa@lot.example")
    await invited(accounts, "ewa@lot.example", LIMITED)


async def test_a_closed_organisation_takes_nobody_in(accounts: Accounts) -> None:
    _, token = await invited(accounts, "ewa@lot.example")
    await accounts.organisations.close("darlot")

    with pytest.raises(LinkExpired):
        await accept(accounts, token)
    with pytest.raises(OrganisationClosed):
        await invited(accounts, "jan@lot.example")
    with pytest.raises(OrganisationUnknown):
        await invited(accounts, "jan@lot.example", Membership("nikt", "Nikt", "editor"))

    await accounts.organisations.reopen("darlot")
    await accept(accounts, token)


@pytest.mark.parametrize("way", ["role", "disable"])
async def test_of_administrators_who_remove_each_other_at_the_same_moment_one_stays(
    accounts: Accounts, way: str
) -> None:
    emails = [f"{name}@zrot.example" for name in ("jan", "ola", "piotr")]
    for email in emails[1:]:
        await put_administrator(accounts, email)
    people = await accounts.list_members(roles={"administrator"})

    async def remove(person: Person, by: Person) -> None:
        if way == "disable":
            await disable_person(accounts, person, by=by.id)
        else:
            await accounts.change_person(person.id, partial(put_membership, membership=DARLOT))
            changed = await accounts.find_person(person.id)
            assert changed
            await take_role(accounts, person.id, "zrot:administrator", seen=changed.version, by=by.id)

    pairs = zip(people, [*people[1:], people[0]], strict=True)
    results = await asyncio.gather(*(remove(*pair) for pair in pairs), return_exceptions=True)
    left = [each for each in await accounts.list_members(roles={"administrator"}) if not each.disabled]

    assert left
    assert {type(each) for each in results} <= {type(None), LastAdministrator}
    assert len(left) == sum(each is not None for each in results)
    for each in left[1:]:
        await remove(each, left[0])
    with pytest.raises(LastAdministrator):
        await remove(left[0], left[0])


async def test_a_removal_whose_process_died_holds_up_others_for_a_minute(accounts: Accounts, clock: Clock) -> None:
    await put_administrator(accounts, "ola@zrot.example")
    jan, ola = await accounts.list_members(roles={"administrator"})
    await accounts.people.mark_leaving(jan.id, "of a process that died")

    with pytest.raises(LastAdministrator):
        await disable_person(accounts, ola, by=jan.id)
    clock.passes(LEAVING_FOR)
    await disable_person(accounts, ola, by=jan.id)

    assert [each.id for each in await accounts.list_members(roles={"administrator"}) if not each.disabled] == [jan.id]


async def test_a_disabled_person_comes_in_by_no_link(accounts: Accounts) -> None:
    _, invitation = await invited(accounts, "anna@lot.example")
    password = await accounts.links.create("password", await id_of(accounts, "anna@lot.example"))
    await accounts.disable("anna@lot.example")

    with pytest.raises(LinkExpired):
        await accept(accounts, invitation)
    with pytest.raises(LinkExpired):
        await reset_password(accounts, password, NEW)
    assert await is_disabled(accounts, "Anna@lot.example") is True
    assert await is_disabled(accounts, "nobody@lot.example") is False


async def test_a_reset_sets_the_password_and_ends_all_sessions(accounts: Accounts) -> None:
    sessions = [await accounts.log_in("anna@lot.example", PASSWORD, HOME) for _ in range(2)]
    token = await accounts.links.create("password", await id_of(accounts, "anna@lot.example"))

    await reset_password(accounts, token, NEW)

    assert [await accounts.find_by_session(each) for each in sessions] == [None, None]
    assert await accounts.log_in("anna@lot.example", NEW, HOME)
    with pytest.raises(WrongPassword):
        await accounts.log_in("anna@lot.example", PASSWORD, HOME)
    with pytest.raises(LinkExpired):
        await reset_password(accounts, token, PASSWORD)
    assert "password_reset" in await acts(accounts)


async def test_an_own_change_asks_for_the_old_password_and_keeps_this_session(accounts: Accounts) -> None:
    here, elsewhere = [await accounts.log_in("anna@lot.example", PASSWORD, HOME) for _ in range(2)]
    anna = await id_of(accounts, "anna@lot.example")
    link = await accounts.links.create("password", anna)

    with pytest.raises(WrongPassword):
        await change_password(accounts, anna, old=NEW, new=NEW, address=HOME, session=here)
    await change_password(accounts, anna, old=PASSWORD, new=NEW, address=HOME, session=here)

    assert await accounts.find_by_session(here) is not None
    assert await accounts.find_by_session(elsewhere) is None
    with pytest.raises(LinkExpired):
        await reset_password(accounts, link, PASSWORD)


async def test_a_password_set_at_the_command_line_ends_the_links(accounts: Accounts) -> None:
    link = await accounts.links.create("password", await id_of(accounts, "jan@zrot.example"))

    await accounts.put_account(email="jan@zrot.example", role="curator", password=NEW, **CURATOR)

    with pytest.raises(LinkExpired):
        await reset_password(accounts, link, PASSWORD)


async def test_guesses_of_the_own_password_are_throttled_like_log_ins(accounts: Accounts, clock: Clock) -> None:
    anna = await id_of(accounts, "anna@lot.example")
    session = await accounts.log_in("anna@lot.example", PASSWORD, HOME)

    async def guess() -> None:
        await change_password(accounts, anna, old="to-nie-to-haslo", new=NEW, address=HOME, session=session)

    for _ in range(5):
        with pytest.raises(WrongPassword):
            await guess()
    with pytest.raises(LoginThrottled):
        await guess()
    clock.passes(timedelta(seconds=31))
    with pytest.raises(WrongPassword):
        await guess()
