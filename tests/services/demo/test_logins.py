from __future__ import annotations

from collections.abc import AsyncIterator

import msgspec
import pytest

from services.demo.logins import load_logins, serialize_logins
from shared.accounts.accounts import Accounts, WrongPassword
from shared.accounts.passwords import PasswordHasher
from shared.region import Region, load_region
from tests.support.accounts import QUICK
from tests.support.databases import open_patiently
from tests.support.running import REGION


@pytest.fixture
def region() -> Region:
    """The region pack with three of its organisations: the curator's, a verified one, and one that is not."""
    whole = load_region(REGION)
    some = ("zrot", "um-szczecin", next(slug for slug, each in whole.organisations.items() if not each.verified))
    return msgspec.structs.replace(whole, organisations={slug: whole.organisations[slug] for slug in some})


@pytest.fixture
async def accounts(mongo_url: str, database_name: str) -> AsyncIterator[Accounts]:
    async with open_patiently(mongo_url, database_name) as database:
        opened = Accounts(database, passwords=PasswordHasher(QUICK))
        await opened.prepare()
        yield opened


async def test_each_verified_organisation_gets_a_way_in_and_the_curators_another(
    accounts: Accounts, region: Region
) -> None:
    logins = await load_logins(accounts, region)

    assert {slug: login.email for slug, login in logins.organisations.items()} == {
        "zrot": "zrot@kalendarium.example",
        "um-szczecin": "um-szczecin@kalendarium.example",
    }
    assert logins.curator.email == "zrot-curator@kalendarium.example"


async def test_passwords_and_keys_work_for_their_role_and_organisation(accounts: Accounts, region: Region) -> None:
    logins = await load_logins(accounts, region)

    for login, role in ((logins.organisations["um-szczecin"], "editor"), (logins.curator, "chief")):
        by_password = await accounts.find_by_session(await accounts.log_in(login.email, login.password, "127.0.0.1"))
        by_key = await accounts.find_by_key(login.api_key)
        assert by_password
        assert by_password == by_key
        assert (by_password.role, by_password.organisation) == (role, login.organisation)


async def test_repeat_gives_the_same(accounts: Accounts, region: Region) -> None:
    assert await load_logins(accounts, region) == await load_logins(accounts, region)


async def test_another_installation_gets_others(accounts: Accounts, region: Region, other: Accounts) -> None:
    ours, theirs = await load_logins(accounts, region), await load_logins(other, region)

    assert {ours.curator.password, ours.curator.api_key} & {theirs.curator.password, theirs.curator.api_key} == set()


@pytest.fixture
async def other(mongo_url: str, database_name: str) -> AsyncIterator[Accounts]:
    async with open_patiently(mongo_url, f"{database_name}_other") as database:
        yield Accounts(database, passwords=PasswordHasher(QUICK))


async def test_password_that_was_changed_and_key_that_was_revoked_stay_so(accounts: Accounts, region: Region) -> None:
    login = (await load_logins(accounts, region)).organisations["um-szczecin"]
    await accounts.put_account(
        email=login.email,
        name="Anna",
        organisation="um-szczecin",
        organisation_name="Urząd Miasta",
        role="editor",
        password="Wały Chrobrego 1913",
    )
    await accounts.revoke_key("um-szczecin")

    await load_logins(accounts, region)

    with pytest.raises(WrongPassword):
        await accounts.log_in(login.email, login.password, "127.0.0.1")
    assert await accounts.find_by_key(login.api_key) is None


async def test_log_ins_are_written_as_the_demo_keeps_them(accounts: Accounts, region: Region) -> None:
    logins = await load_logins(accounts, region)
    szczecin = logins.organisations["um-szczecin"]

    written = serialize_logins(logins)

    assert set(written) == {"organisations", "curator"}
    assert written["organisations"]["um-szczecin"] == {
        "email": szczecin.email,
        "password": szczecin.password,
        "api_key": szczecin.api_key,
    }
