"""People with several memberships, in a real MongoDB."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.accounts.accounts import Account, Accounts, Role
from shared.accounts.model import (
    MAX_MEMBERSHIPS,
    ROLES,
    LastMembership,
    Membership,
    MembershipUnknown,
    Person,
    TooManyMemberships,
    add_membership,
    choose_memberships,
    make_account,
    may_invite,
    put_membership,
    remove_membership,
)
from shared.accounts.people import PersonOutdated
from shared.accounts.sessions import TOUCH_INTERVAL
from shared.database.client import Database
from shared.email_address import encode_address, normalize_email
from tests.shared.conftest import Clock
from tests.shared.web.example import PASSWORD

EDITOR = Membership("lot-ekologiczny", "LOT Ekologiczny", "editor")
CURATOR = Membership("zrot", "ZROT", "curator", counties=("3262",))


async def anna(accounts: Accounts) -> Account:
    found = await accounts.find("anna@lot.example")
    assert found is not None
    return found


def _put(membership: Membership, person: Person) -> Person:
    return put_membership(person, membership)


async def give_anna(accounts: Accounts, *memberships: Membership) -> Person:
    account = await anna(accounts)
    person = await accounts.find_person(account.id)
    for each in memberships:
        person = await accounts.change_person(account.id, partial(_put, each))
    assert person is not None
    return person


async def test_an_account_of_the_release_before_has_one_membership(accounts: Accounts, database: Database) -> None:
    memberships = {"memberships": "", "version": ""}
    await database["accounts"].update_one({"email": "anna@lot.example"}, {"$unset": memberships})

    before = await accounts.list_members("lot-ekologiczny", {"editor"})
    await accounts.prepare()
    after = await accounts.list_members("lot-ekologiczny", {"editor"})

    assert before == after
    assert [each.memberships for each in after] == [(EDITOR,)]
    stored = await database["accounts"].find_one({"email": "anna@lot.example"})
    assert stored
    assert [each["organisation"] for each in stored["memberships"]] == ["lot-ekologiczny"]


async def test_preparing_a_second_time_writes_nothing(accounts: Accounts, database: Database) -> None:
    await give_anna(accounts, CURATOR)
    before = [each async for each in database["accounts"].find()]

    await accounts.prepare()

    assert [each async for each in database["accounts"].find()] == before


async def test_the_release_before_finds_the_first_membership(accounts: Accounts, database: Database) -> None:
    await give_anna(accounts, CURATOR)

    stored = await database["accounts"].find_one({"email": "anna@lot.example"})

    assert stored
    assert (stored["organisation"], stored["organisation_name"], stored["role"]) == (
        "lot-ekologiczny",
        "LOT Ekologiczny",
        "editor",
    )


@pytest.mark.parametrize("at_start", [False, True])
async def test_a_role_that_the_release_before_took_away_does_not_come_back(
    accounts: Accounts, database: Database, *, at_start: bool
) -> None:
    await give_anna(accounts, CURATOR)
    jan = await accounts.find("jan@zrot.example")
    assert jan
    moved = {"organisation": "dok", "organisation_name": "DOK", "role": "editor"}
    for email in ("anna@lot.example", "jan@zrot.example"):
        await database["accounts"].update_one({"email": email}, {"$set": moved})

    if at_start:
        await accounts.prepare()
        members = await accounts.list_members("zrot", ["curator"])
        assert [each.email for each in members] == ["anna@lot.example"]
    after = [await accounts.find(email) for email in ("anna@lot.example", "jan@zrot.example")]

    assert [[each.key for each in found.memberships] for found in after if found] == [
        ["dok:editor", "zrot:curator"],
        ["dok:editor"],
    ]


async def test_a_key_of_the_release_before_stays_with_the_membership_it_had(
    accounts: Accounts, database: Database
) -> None:
    account = await anna(accounts)
    key = await accounts.create_key(account.id)
    await database["keys"].update_many({}, {"$unset": {"membership": ""}})
    await database["accounts"].update_one({"_id": account.id}, {"$unset": {"memberships": ""}})
    await accounts.prepare()

    await give_anna(accounts, CURATOR)
    await accounts.change_person(account.id, lambda person: remove_membership(person, EDITOR.key))

    assert await accounts.find_by_key(key) is None


async def test_putting_an_account_for_another_organisation_adds_a_membership(accounts: Accounts) -> None:
    account = await accounts.put_account(
        email="anna@lot.example",
        name="Anna Wójcik",
        organisation="dok",
        organisation_name="DOK",
        role="editor",
        password=PASSWORD,
    )

    assert account.organisation == "dok"
    assert [each.key for each in account.memberships] == ["lot-ekologiczny:editor", "dok:editor"]
    assert (await anna(accounts)).organisation == "lot-ekologiczny"


async def test_putting_an_account_again_keeps_the_limits_of_its_membership(accounts: Accounts) -> None:
    await give_anna(accounts, CURATOR)

    again = await accounts.put_account(
        email="anna@lot.example",
        name="Anna Wójcik",
        organisation="zrot",
        organisation_name="ZROT",
        role="curator",
        password=PASSWORD,
    )

    assert again.counties == ("3262",)


async def test_a_session_acts_by_the_membership_that_was_chosen(accounts: Accounts) -> None:
    await give_anna(accounts, CURATOR)
    token = await accounts.log_in("anna@lot.example", PASSWORD, "192.0.2.7")
    begun = await accounts.find_by_session(token)
    assert begun

    await accounts.choose_membership(token, begun, CURATOR.key)
    after = await accounts.find_by_session(token)

    assert after
    assert (begun.role, after.role, after.organisation, after.counties) == ("editor", "curator", "zrot", ("3262",))


async def test_a_session_cannot_act_by_a_membership_of_somebody_else(accounts: Accounts) -> None:
    token = await accounts.log_in("anna@lot.example", PASSWORD, "192.0.2.7")

    with pytest.raises(MembershipUnknown):
        await accounts.choose_membership(token, await anna(accounts), CURATOR.key)


async def test_a_session_whose_membership_was_taken_away_acts_by_the_first(accounts: Accounts) -> None:
    person = await give_anna(accounts, CURATOR)
    token = await accounts.log_in("anna@lot.example", PASSWORD, "192.0.2.7")
    await accounts.choose_membership(token, await anna(accounts), CURATOR.key)

    await accounts.change_person(person.id, lambda found: remove_membership(found, CURATOR.key))
    after = await accounts.find_by_session(token)

    assert after
    assert after.role == "editor"


async def test_a_key_acts_by_its_membership_and_by_no_other(accounts: Accounts) -> None:
    person = await give_anna(accounts, CURATOR)

    key = await accounts.create_key(person.id, membership=CURATOR.key)
    account = await accounts.find_by_key(key)

    assert account
    assert account.role == "curator"
    assert account.memberships == (CURATOR,)
    assert account.edits == {"lot-ekologiczny"}


async def test_a_key_stops_with_its_membership(accounts: Accounts) -> None:
    person = await give_anna(accounts, CURATOR)
    key = await accounts.create_key(person.id, membership=CURATOR.key)
    assert await accounts.find_by_key(key)

    await accounts.change_person(person.id, lambda found: remove_membership(found, CURATOR.key))

    assert await accounts.find_by_key(key) is None


async def test_a_change_of_a_person_who_has_changed_since_is_refused(accounts: Accounts) -> None:
    person = await give_anna(accounts)
    await accounts.change_person(person.id, lambda found: replace(found, language="en"), seen=person.version)

    with pytest.raises(PersonOutdated):
        await accounts.change_person(person.id, lambda found: put_membership(found, CURATOR), seen=person.version)

    after = await accounts.find_person(person.id)
    assert after
    assert (after.language, after.memberships) == ("en", (EDITOR,))


async def test_memberships_given_at_the_same_moment_are_all_there(accounts: Accounts) -> None:
    account = await anna(accounts)
    given_ = [replace(EDITOR, organisation=f"lot-{number}") for number in range(6)]

    async with asyncio.TaskGroup() as group:
        for each in given_:
            group.create_task(accounts.change_person(account.id, partial(_put, each)))

    person = await accounts.find_person(account.id)
    assert person
    assert set(person.memberships) == {EDITOR, *given_}


async def test_members_are_listed_by_organisation_and_role_of_one_membership(accounts: Accounts) -> None:
    await give_anna(accounts, CURATOR)

    async def list_emails(organisation: str | None, *roles: Role) -> list[str]:
        return [each.email for each in await accounts.list_members(organisation, roles)]

    assert await list_emails("zrot", "curator") == ["anna@lot.example", "jan@zrot.example"]
    assert await list_emails("zrot", "editor") == []
    assert await list_emails("zrot") == ["anna@lot.example", "jan@zrot.example"]
    assert await list_emails(None, "editor", "chief") == ["anna@lot.example"]


async def test_a_person_was_last_seen_when_their_session_was_last_written(accounts: Accounts, clock: Clock) -> None:
    account = await anna(accounts)
    token = await accounts.log_in("anna@lot.example", PASSWORD, "192.0.2.7")
    logged_in = clock.now
    clock.passes(TOUCH_INTERVAL - timedelta(seconds=1))
    await accounts.find_by_session(token)
    soon = await accounts.find_person(account.id)
    clock.passes(timedelta(seconds=1))
    await accounts.find_by_session(token)
    later = await accounts.find_person(account.id)

    assert soon
    assert later
    assert (soon.last_seen, later.last_seen) == (logged_in, clock.now)


async def test_the_list_has_a_line_for_each_membership_with_its_keys(accounts: Accounts) -> None:
    person = await give_anna(accounts, CURATOR)
    await accounts.put_key(person.id, "of-editor", "a" * 20)
    await accounts.put_key(person.id, "of-curator", "b" * 20, membership=CURATOR.key)

    listed = [
        (each.account.membership_key, each.keys) for each in await accounts.list() if each.account.id == person.id
    ]

    assert listed == [("lot-ekologiczny:editor", ("of-editor",)), ("zrot:curator", ("of-curator",))]


PERSON = Person("1", "a@b.example", "A", "", disabled=False, memberships=(EDITOR, CURATOR))
CHIEF = replace(CURATOR, role="chief", counties=())
CONTACT = replace(EDITOR, is_contact=True)
OTHER = replace(EDITOR, organisation="dok", organisation_name="DOK")


def test_a_membership_is_put_once_and_taken_away() -> None:
    wider = replace(CURATOR, counties=())

    assert put_membership(PERSON, wider).memberships == (EDITOR, wider)
    assert remove_membership(PERSON, EDITOR.key).memberships == (CURATOR,)
    with pytest.raises(MembershipUnknown):
        remove_membership(PERSON, CHIEF.key)
    with pytest.raises(LastMembership):
        remove_membership(remove_membership(PERSON, EDITOR.key), CURATOR.key)


def test_a_membership_that_is_there_is_not_added_again() -> None:
    assert add_membership(PERSON, replace(CURATOR, counties=())) == PERSON
    assert add_membership(PERSON, CHIEF).memberships == (EDITOR, CURATOR, CHIEF)


@pytest.mark.parametrize(
    ("own", "offered", "may"),
    [
        (replace(CURATOR, role="administrator"), EDITOR, True),
        (replace(CURATOR, role="administrator"), replace(CURATOR, role="administrator"), True),
        (CONTACT, EDITOR, True),
        (CONTACT, CONTACT, False),
        (CONTACT, OTHER, False),
        (CONTACT, replace(EDITOR, role="curator"), False),
        (EDITOR, EDITOR, False),
        (CHIEF, EDITOR, False),
    ],
)
def test_who_invites_to_what(own: Membership, offered: Membership, *, may: bool) -> None:
    person = replace(PERSON, memberships=(own,))

    assert may_invite(person, offered) is may
    assert not may_invite(replace(person, disabled=True), offered)
    assert not may_invite(None, offered)


def test_memberships_of_one_person_are_bounded() -> None:
    many = tuple(replace(EDITOR, organisation=f"lot-{number}") for number in range(MAX_MEMBERSHIPS))

    with pytest.raises(TooManyMemberships):
        put_membership(replace(PERSON, memberships=many), CURATOR)


@pytest.mark.parametrize(
    ("memberships", "roles", "wanted", "chosen"),
    [
        ((EDITOR, CURATOR), {"editor"}, "", (EDITOR,)),
        ((EDITOR, CURATOR), {"curator", "chief"}, "", (CURATOR,)),
        ((EDITOR, CURATOR), {"administrator"}, "", ()),
        ((EDITOR, OTHER), {"editor"}, "", (EDITOR,)),  # the one they act by
        ((EDITOR, OTHER), {"editor"}, "dok", (OTHER,)),
        ((EDITOR, OTHER), {"editor"}, "dok:editor", (OTHER,)),
        ((EDITOR, OTHER), {"editor"}, "foreign", (EDITOR,)),
        ((CURATOR, EDITOR, OTHER), {"editor"}, "", (EDITOR, OTHER)),  # to be asked about
        ((EDITOR, CURATOR, CHIEF), {"curator", "chief"}, "", (CHIEF,)),
    ],
)
def test_the_membership_that_may_is_chosen(
    memberships: tuple[Membership, ...], roles: set[str], wanted: str, chosen: tuple[Membership, ...]
) -> None:
    first = memberships[0]
    account = Account(
        "1", "a@b.example", "A", first.organisation, first.organisation_name, first.role, memberships=memberships
    )

    assert choose_memberships(account, roles, wanted) == chosen  # type: ignore[arg-type]


ROLE = st.sampled_from(sorted(ROLES))
MEMBERSHIPS = st.lists(
    st.builds(Membership, st.sampled_from(["lot", "dok", "zrot"]), st.just("X"), ROLE),
    min_size=1,
    max_size=6,
    unique_by=lambda each: each.key,
)


@given(MEMBERSHIPS, st.integers(0, 5), st.sets(ROLE, min_size=1), st.sampled_from(["", "lot", "zrot:chief", "nobody"]))
def test_nobody_acts_by_a_membership_that_may_not(
    memberships: list[Membership], present: int, roles: set[Role], wanted: str
) -> None:
    acting = memberships[present % len(memberships)]
    person = Person("1", "a@b.example", "A", "", disabled=False, memberships=tuple(memberships))
    account = make_account(person, acting, frozenset(), may_change=True)

    chosen = choose_memberships(account, roles, wanted)

    fitting = [each for each in memberships if each.role in roles]
    assert set(chosen) <= set(fitting)
    assert bool(chosen) == bool(fitting)
    named = [each for each in fitting if wanted in {each.key, each.organisation}]
    assert not named or set(chosen) <= set(named)
    assert named or acting not in fitting or chosen == (acting,)


@given(MEMBERSHIPS, st.integers(0, 5), st.sets(ROLE, min_size=1))
def test_a_key_has_no_other_membership(memberships: list[Membership], present: int, roles: set[Role]) -> None:
    acting = memberships[present % len(memberships)]
    person = Person("1", "a@b.example", "A", "", disabled=False, memberships=tuple(memberships))
    account = make_account(person, acting, frozenset(), may_change=False)

    assert choose_memberships(account, roles, "lot") == ((acting,) if acting.role in roles else ())


async def test_domains_that_mail_tells_apart_are_two_accounts(accounts: Accounts) -> None:
    first, second = [
        await accounts.put_account(
            email=email, name="A", organisation="zrot", organisation_name="ZROT", role="editor", password=PASSWORD
        )
        for email in ("anna@strasse.example", "Anna@Straße.example")
    ]

    assert (first.email, second.email) == ("anna@strasse.example", "anna@straße.example")
    assert encode_address(second.email) == "anna@xn--strae-oqa.example"
    assert await accounts.log_in("ANNA@STRASSE.example", PASSWORD, "192.0.2.1")


async def test_an_address_that_an_earlier_release_stored_still_lets_in(accounts: Accounts) -> None:
    account = await accounts.put_account(
        email="jan@strasse.example",
        name="J",
        organisation="zrot",
        organisation_name="ZROT",
        role="editor",
        password=PASSWORD,
    )

    assert await accounts.log_in("jan@straße.example", PASSWORD, "192.0.2.1")
    found = await accounts.people.find_by_email("jan@straße.example", typed=True)
    assert found is not None
    assert found.id == account.id
    assert await accounts.people.find_by_email("jan@straße.example") is None  # whom an invitation would reach


@given(st.emails() | st.text(max_size=60))
def test_normalized_address_stays_as_it_is(email: str) -> None:
    assert normalize_email(normalize_email(email)) == normalize_email(email)


@pytest.mark.parametrize(
    ("email", "normalized"),
    [
        (" Anna@LOT.example ", "anna@lot.example"),
        ("anna@ŻÓŁW.pl", "anna@żółw.pl"),
        ("anna@straße.example", "anna@straße.example"),
        ("nobody", "nobody"),
        ("", ""),
    ],
)
def test_address_is_normalized(email: str, normalized: str) -> None:
    assert normalize_email(email) == normalized
