"""Accounts, sessions and keys, in a real MongoDB."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from shared.accounts.accounts import (
    Account,
    Accounts,
    AccountUnknown,
    WrongPassword,
    derive_demo_key_secret,
    derive_demo_password,
    derive_secret,
)
from shared.accounts.api_keys import KeyMalformed
from shared.accounts.login_throttle import LoginThrottled
from shared.accounts.passwords import PasswordTooLong, PasswordTooShort
from shared.accounts.sessions import IDLE_TIMEOUT, MAX_AGE, TOUCH_INTERVAL
from shared.database.client import Database
from tests.shared.conftest import Clock
from tests.shared.web.example import EDITOR, PASSWORD

HOME = "192.0.2.7"


async def anna(accounts: Accounts) -> Account:
    found = await accounts.find("anna@lot.example")
    assert found is not None
    return found


async def put_anna(accounts: Accounts, *, password: str = PASSWORD, name: str = "Anna Wójcik") -> Account:
    return await accounts.put_account(
        email="Anna@LOT.example ", role="editor", password=password, **EDITOR | {"name": name}
    )


async def test_an_account_is_found_by_its_address_however_it_is_written(accounts: Accounts) -> None:
    found = await accounts.find(" ANNA@lot.example")

    assert found == await anna(accounts)
    assert (found.name, found.organisation, found.organisation_name, found.role) == (
        "Anna Wójcik",
        "lot-ekologiczny",
        "LOT Ekologiczny",
        "editor",
    )


async def test_putting_the_same_account_again_changes_nothing(accounts: Accounts, database: Database) -> None:
    before = await database["accounts"].find_one({"email": "anna@lot.example"})

    again = await put_anna(accounts)

    assert again == await anna(accounts)
    assert await database["accounts"].find_one({"email": "anna@lot.example"}) == before


async def test_an_account_takes_a_new_name_and_keeps_its_id_and_sessions(accounts: Accounts) -> None:
    before = await anna(accounts)
    token = await accounts.log_in("anna@lot.example", PASSWORD, HOME)

    after = await put_anna(accounts, name="Anna Wójcik-Lis")

    assert (after.id, after.name) == (before.id, "Anna Wójcik-Lis")
    assert await accounts.find_by_session(token) == after


async def test_a_new_password_ends_the_sessions_of_the_old_one(accounts: Accounts) -> None:
    token = await accounts.log_in("anna@lot.example", PASSWORD, HOME)

    await put_anna(accounts, password="inne-morze-2027")

    assert await accounts.find_by_session(token) is None
    with pytest.raises(WrongPassword):
        await accounts.log_in("anna@lot.example", PASSWORD, HOME)
    assert await accounts.log_in("anna@lot.example", "inne-morze-2027", HOME)


@pytest.mark.parametrize(("password", "refusal"), [("za krótkie1", PasswordTooShort), ("d" * 257, PasswordTooLong)])
async def test_a_password_that_is_too_short_or_too_long_is_refused(
    accounts: Accounts, password: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        await put_anna(accounts, password=password)


async def test_passwords_tokens_and_keys_are_not_kept_as_they_are(accounts: Accounts, database: Database) -> None:
    token = await accounts.log_in("anna@lot.example", PASSWORD, HOME)
    key = await accounts.create_key((await anna(accounts)).id)

    kept = [str(each) for name in ("accounts", "sessions", "keys") async for each in database[name].find()]

    assert not any(secret in text for text in kept for secret in (PASSWORD, token, key.split("_", 2)[2]))
    assert any("$argon2id$" in text for text in kept)


async def test_a_log_in_begins_a_session_of_its_own(accounts: Accounts) -> None:
    first = await accounts.log_in("anna@lot.example", PASSWORD, HOME)
    second = await accounts.log_in("anna@lot.example", PASSWORD, HOME)

    assert first != second
    assert await accounts.find_by_session(first) == await accounts.find_by_session(second) == await anna(accounts)


@pytest.mark.parametrize(
    ("email", "password"), [("anna@lot.example", "inne-morze-2027"), ("nikt@lot.example", PASSWORD), ("", "")]
)
async def test_a_log_in_that_does_not_fit_is_refused(accounts: Accounts, email: str, password: str) -> None:
    with pytest.raises(WrongPassword):
        await accounts.log_in(email, password, HOME)


async def test_a_session_ends_with_the_log_out_and_no_other_does(accounts: Accounts) -> None:
    first = await accounts.log_in("anna@lot.example", PASSWORD, HOME)
    second = await accounts.log_in("anna@lot.example", PASSWORD, HOME)

    await accounts.log_out(first)

    assert await accounts.find_by_session(first) is None
    assert await accounts.find_by_session(second) is not None


@pytest.mark.parametrize("token", [None, "", "nonsense", "\ud800"])
async def test_nobody_is_behind_a_token_that_never_was(accounts: Accounts, token: str | None) -> None:
    assert await accounts.find_by_session(token) is None


async def test_a_session_that_is_not_used_ends(accounts: Accounts, clock: Clock) -> None:
    token = await accounts.log_in("anna@lot.example", PASSWORD, HOME)

    clock.passes(IDLE_TIMEOUT - timedelta(seconds=1))
    used_in_time = await accounts.find_by_session(token)
    clock.passes(IDLE_TIMEOUT - timedelta(seconds=1))
    used_again = await accounts.find_by_session(token)
    clock.passes(IDLE_TIMEOUT)

    assert used_in_time is not None
    assert used_again is not None
    assert await accounts.find_by_session(token) is None


async def test_a_session_ends_after_its_longest_time_however_much_it_is_used(accounts: Accounts, clock: Clock) -> None:
    token = await accounts.log_in("anna@lot.example", PASSWORD, HOME)
    step = timedelta(hours=7)

    for _ in range(MAX_AGE // step):
        assert await accounts.find_by_session(token) is not None
        clock.passes(step)
    clock.passes(MAX_AGE % step)

    assert await accounts.find_by_session(token) is None


async def test_the_use_of_a_session_is_not_written_with_every_request(
    accounts: Accounts, database: Database, clock: Clock
) -> None:
    token = await accounts.log_in("anna@lot.example", PASSWORD, HOME)
    begun = await database["sessions"].find_one()

    clock.passes(TOUCH_INTERVAL - timedelta(seconds=1))
    await accounts.find_by_session(token)
    soon_after = await database["sessions"].find_one()
    clock.passes(timedelta(seconds=1))
    await accounts.find_by_session(token)

    assert soon_after == begun
    assert await database["sessions"].find_one() != begun


async def test_sessions_that_have_ended_are_swept_up_by_the_database(accounts: Accounts, database: Database) -> None:
    indexes = await database["sessions"].index_information()

    assert indexes["ends_at_1"]["expireAfterSeconds"] == 0


async def test_a_disabled_account_has_no_sessions_keys_or_log_ins(accounts: Accounts) -> None:
    token = await accounts.log_in("anna@lot.example", PASSWORD, HOME)
    key = await accounts.create_key((await anna(accounts)).id)
    await accounts.find_by_key(key)

    await accounts.disable("anna@lot.example")

    assert await accounts.find_by_session(token) is None
    assert await accounts.find_by_key(key) is None
    with pytest.raises(WrongPassword):
        await accounts.log_in("anna@lot.example", PASSWORD, HOME)


async def test_an_account_that_is_enabled_again_can_log_in_but_its_sessions_are_over(accounts: Accounts) -> None:
    token = await accounts.log_in("anna@lot.example", PASSWORD, HOME)
    await accounts.disable("anna@lot.example")

    await accounts.enable("anna@lot.example")

    assert await accounts.find_by_session(token) is None
    assert await accounts.log_in("anna@lot.example", PASSWORD, HOME)


async def test_only_an_account_that_exists_can_be_disabled_or_enabled(accounts: Accounts) -> None:
    with pytest.raises(AccountUnknown):
        await accounts.disable("nikt@lot.example")
    with pytest.raises(AccountUnknown):
        await accounts.enable("nikt@lot.example")


async def test_the_list_shows_accounts_with_their_keys_that_work(accounts: Accounts) -> None:
    account = await anna(accounts)
    await accounts.put_key(account.id, "demo-1", "a" * 20)
    await accounts.put_key(account.id, "demo-2", "b" * 20)
    await accounts.revoke_key("demo-1")
    await accounts.disable("jan@zrot.example")

    listed = [(each.account.email, each.disabled, each.keys) for each in await accounts.list()]

    assert listed == [("anna@lot.example", False, ("demo-2",)), ("jan@zrot.example", True, ())]


async def test_a_key_acts_as_its_account(accounts: Accounts) -> None:
    account = await anna(accounts)

    key = await accounts.create_key(account.id)

    assert key.startswith("kal_")
    assert await accounts.find_by_key(key) == account


async def test_putting_the_same_key_again_changes_nothing(accounts: Accounts, database: Database) -> None:
    account = await anna(accounts)
    await accounts.put_key(account.id, "demo-lot", "secret_with-underscores_")
    before = await database["keys"].find_one()

    await accounts.put_key(account.id, "demo-lot", "secret_with-underscores_")

    assert await database["keys"].find_one() == before
    assert await accounts.find_by_key("kal_demo-lot_secret_with-underscores_") == account


@pytest.mark.parametrize(("key_id", "secret"), [("with_underscore", "a" * 20), ("demo", "short"), ("", "a" * 20)])
async def test_a_key_that_could_not_be_written_is_refused(accounts: Accounts, key_id: str, secret: str) -> None:
    with pytest.raises(KeyMalformed):
        await accounts.put_key("someone", key_id, secret)


@pytest.mark.parametrize(
    "bearer", ["", "nonsense", "kal_demo-lot", "kal_demo-lot_" + "b" * 20, "kal_other_" + "a" * 20, "kal_$ne_\udcff"]
)
async def test_nobody_is_behind_a_key_that_does_not_fit(accounts: Accounts, bearer: str) -> None:
    await accounts.put_key((await anna(accounts)).id, "demo-lot", "a" * 20)

    assert await accounts.find_by_key(bearer) is None


async def test_a_revoked_key_stops_and_is_revoked_once(accounts: Accounts) -> None:
    key = await accounts.create_key((await anna(accounts)).id)
    key_id = key.split("_")[1]
    await accounts.find_by_key(key)

    revoked = [await accounts.revoke_key(key_id), await accounts.revoke_key(key_id)]

    assert revoked == [True, False]
    assert await accounts.find_by_key(key) is None


async def test_a_revoked_key_stays_revoked_when_it_is_put_again(accounts: Accounts) -> None:
    account = await anna(accounts)
    await accounts.put_key(account.id, "lot", "s" * 43)
    await accounts.revoke_key("lot")

    await accounts.put_key(account.id, "lot", "s" * 43)

    assert await accounts.find_by_key(f"kal_lot_{'s' * 43}") is None


async def test_a_key_that_was_verified_is_remembered_for_a_moment(accounts: Accounts, database: Database) -> None:
    account = await anna(accounts)
    key = await accounts.create_key(account.id)
    await accounts.find_by_key(key)

    await database["keys"].delete_many({})  # as another process revokes it

    assert await accounts.find_by_key(key) == account


async def test_guessing_has_to_wait_longer_and_longer(accounts: Accounts) -> None:
    for _ in range(5):
        with pytest.raises(WrongPassword):
            await accounts.log_in("anna@lot.example", "zgaduję-hasło", HOME)

    with pytest.raises(LoginThrottled) as refused:
        await accounts.log_in("anna@lot.example", PASSWORD, HOME)

    assert 1 <= refused.value.retry_after <= 30


async def test_attempts_at_the_same_moment_are_all_counted(accounts: Accounts) -> None:
    attempts = (accounts.log_in("anna@lot.example", "zgaduję-hasło", HOME) for _ in range(12))

    outcomes = [type(each) for each in await asyncio.gather(*attempts, return_exceptions=True)]

    assert outcomes.count(WrongPassword) == 5
    assert outcomes.count(LoginThrottled) == 7


async def test_guessing_from_elsewhere_locks_nobody_out(accounts: Accounts) -> None:
    for _ in range(6):
        with pytest.raises((WrongPassword, LoginThrottled)):
            await accounts.log_in("anna@lot.example", "zgaduję-hasło", "198.51.100.9")

    assert await accounts.log_in("anna@lot.example", PASSWORD, HOME)


async def test_a_log_in_that_fits_forgets_the_attempts_before_it(accounts: Accounts) -> None:
    for _ in range(2):
        for _ in range(4):
            with pytest.raises(WrongPassword):
                await accounts.log_in("anna@lot.example", "zgaduję-hasło", HOME)
        assert await accounts.log_in("anna@lot.example", PASSWORD, HOME)


async def test_a_secret_is_made_once_and_kept(accounts: Accounts) -> None:
    asked = await asyncio.gather(*(accounts.get_secret("demo") for _ in range(8)))

    assert len(asked[0]) == 32
    assert set(asked) == {await accounts.get_secret("demo")}
    assert await accounts.get_secret("other") != asked[0]


def test_secrets_of_the_demo_derive_from_the_seed_and_the_organisation() -> None:
    seed = b"\x07" * 32

    assert derive_demo_password(seed, "zrot") == derive_demo_password(seed, "zrot")
    assert (
        len(
            {
                derive_demo_password(seed, "zrot"),
                derive_demo_password(seed, "lot"),
                derive_demo_key_secret(seed, "zrot"),
            }
        )
        == 3
    )
    assert len(derive_demo_password(seed, "zrot")) >= 12
    assert len(derive_secret(seed, "a", length=40)) == 40
