"""What people see and end themselves: their sessions and keys."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from shared.accounts.accounts import KEY_CACHE_SECONDS, Accounts
from shared.accounts.api_keys import MAX_ACTIVE, USE_INTERVAL, TooManyKeys
from shared.accounts.sessions import IDLE_TIMEOUT, derive_session_id
from shared.database.client import Database
from tests.shared.conftest import Clock
from tests.shared.web.example import PASSWORD

HOME = "192.0.2.7"
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def anna(accounts: Accounts) -> str:
    found = await accounts.find("anna@lot.example")
    assert found is not None
    return found.id


async def log_in(accounts: Accounts, browser: str = "") -> str:
    return await accounts.log_in("anna@lot.example", PASSWORD, HOME, browser=browser)


async def test_sessions_are_listed_with_their_browser_the_last_used_first(
    accounts: Accounts, anna: str, clock: Clock
) -> None:
    old = await log_in(accounts, "Firefox, Linux")
    clock.passes(MINUTE)
    new = await log_in(accounts, "Safari, iOS" * 20)

    listed = await accounts.sessions.list(anna)

    assert [each.id for each in listed] == [derive_session_id(new), derive_session_id(old)]
    assert listed[1].browser == "Firefox, Linux"
    assert len(listed[0].browser) == 60
    clock.passes(IDLE_TIMEOUT)
    assert await accounts.sessions.list(anna) == []


async def test_a_session_of_an_earlier_release_has_no_browser(
    accounts: Accounts, anna: str, database: Database
) -> None:
    await log_in(accounts, "Firefox, Linux")
    await database["sessions"].update_many({}, {"$unset": {"browser": ""}})

    assert [each.browser for each in await accounts.sessions.list(anna)] == [""]


async def test_one_session_or_all_others_are_ended_and_nobody_elses(accounts: Accounts, anna: str) -> None:
    tokens = [await log_in(accounts) for _ in range(3)]
    jan = await accounts.log_in("jan@zrot.example", PASSWORD, HOME)

    await accounts.sessions.end_by_id(anna, derive_session_id(jan))
    await accounts.sessions.end_by_id(anna, derive_session_id(tokens[0]))
    assert [await accounts.find_by_session(each) is not None for each in (*tokens, jan)] == [False, True, True, True]

    await accounts.sessions.end_others(anna, tokens[2])
    assert [await accounts.find_by_session(each) is not None for each in (*tokens, jan)] == [False, False, True, True]


async def test_keys_are_listed_with_their_label_and_never_their_secret(
    accounts: Accounts, anna: str, clock: Clock
) -> None:
    key = await accounts.create_key(anna, label="strona darlowo.pl", most=MAX_ACTIVE)

    (listed,) = await accounts.keys.list_records(anna)

    assert (listed.id, listed.label, listed.created_at, listed.used_at) == (
        key.split("_")[1],
        "strona darlowo.pl",
        clock(),
        None,
    )
    assert key.split("_", 2)[2] not in repr(listed)


async def test_the_last_use_of_a_key_is_written_every_few_minutes(
    accounts: Accounts, anna: str, database: Database, clock: Clock
) -> None:
    key = await accounts.create_key(anna)

    async def use() -> object:
        reading = Accounts(database, now=clock)  # another process, which has nothing cached
        assert await reading.find_by_key(key)
        return (await accounts.keys.list_records(anna))[0].used_at

    first = clock()
    assert await use() == first
    clock.passes(USE_INTERVAL - MINUTE)
    assert await use() == first
    clock.passes(MINUTE)
    assert await use() == clock()


async def test_of_one_role_two_keys_work_and_one_makes_room(accounts: Accounts, anna: str) -> None:
    first, _second = [await accounts.create_key(anna, most=MAX_ACTIVE) for _ in range(2)]
    with pytest.raises(TooManyKeys):
        await accounts.create_key(anna, most=MAX_ACTIVE)

    await accounts.revoke_key(first.split("_")[1])

    assert await accounts.create_key(anna, most=MAX_ACTIVE)
    assert len(await accounts.keys.list_records(anna)) == 2


async def test_keys_made_at_once_are_no_more_than_two(accounts: Accounts, anna: str) -> None:
    made = await asyncio.gather(*(accounts.create_key(anna, most=MAX_ACTIVE) for _ in range(6)), return_exceptions=True)

    assert sum(isinstance(each, str) for each in made) == 2
    assert sum(isinstance(each, TooManyKeys) for each in made) == 4


async def test_keys_of_the_command_line_count_and_are_not_refused(accounts: Accounts, anna: str) -> None:
    for _ in range(3):
        await accounts.create_key(anna)

    with pytest.raises(TooManyKeys):
        await accounts.create_key(anna, most=MAX_ACTIVE)


async def test_a_revoked_key_stays_out_of_the_list(accounts: Accounts, anna: str) -> None:
    key = await accounts.create_key(anna)

    await accounts.revoke_key(key.split("_")[1])

    assert await accounts.keys.list_records() == []
    assert KEY_CACHE_SECONDS <= 10
