"""How often a log-in may be tried, counted where all replicas count."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from shared.accounts.login_throttle import (
    KNOWN_TTL,
    LIMITS_OVER_ALL_ACCOUNTS,
    LIMITS_PER_ACCOUNT,
    LIMITS_PER_NETWORK,
    LIMITS_PER_NEW_NETWORK,
    LoginThrottle,
    LoginThrottled,
    _derive_key,
    derive_network,
)
from shared.database.client import Database
from tests.shared.conftest import Clock

ANNA = "anna@lot.example"
HOME = "192.0.2.7"


@pytest.fixture
def attempts(database: Database, clock: Clock) -> LoginThrottle:
    return LoginThrottle(database["attempts"], clock)


async def waits(attempts: LoginThrottle, *, account: str = ANNA, address: str = HOME) -> int:
    """Try once, and give how long to wait; 0 if it was counted."""
    try:
        await attempts.count(account, address)
    except LoginThrottled as refused:
        return refused.retry_after
    return 0


async def test_the_wait_grows_with_the_failures(attempts: LoginThrottle, clock: Clock) -> None:
    waited = []
    for _ in range(25):
        wait = await waits(attempts)
        waited.append(wait)
        clock.passes(timedelta(seconds=wait))

    assert waited[:6] == [0, 0, 0, 0, 0, 30]
    assert max(waited) > 300


async def test_replicas_count_together(attempts: LoginThrottle, database: Database, clock: Clock) -> None:
    other = LoginThrottle(database["attempts"], clock)

    outcomes = await asyncio.gather(*(waits(each) for each in [attempts, other] * 8))

    assert outcomes.count(0) == LIMITS_PER_NETWORK[0][0]


async def test_guessing_from_many_places_together_is_stopped(attempts: LoginThrottle) -> None:
    outcomes = [await waits(attempts, address=f"198.51.100.{number}") for number in range(40)]

    assert outcomes.count(0) == LIMITS_PER_ACCOUNT[0][0]


async def test_one_place_alone_keeps_nobody_out_who_comes_from_a_new_one(attempts: LoginThrottle, clock: Clock) -> None:
    guessed = 0
    for _ in range(480):
        guessed += await waits(attempts, address="198.51.100.1") == 0
        clock.passes(timedelta(minutes=3))

    assert guessed <= 2 * LIMITS_PER_NEW_NETWORK[-1][0]
    assert await waits(attempts) == 0


async def test_who_logged_in_from_a_place_before_is_not_locked_out(attempts: LoginThrottle) -> None:
    await attempts.record_success(ANNA, HOME)
    for number in range(40):
        await waits(attempts, address=f"198.51.100.{number}")

    assert await waits(attempts, address="203.0.113.5") > 0
    assert await waits(attempts) == 0


async def test_a_place_is_not_known_for_ever_nor_for_others(attempts: LoginThrottle, clock: Clock) -> None:
    await attempts.record_success(ANNA, HOME)
    clock.passes(KNOWN_TTL + timedelta(seconds=1))
    for account in (ANNA, "jan@zrot.example"):
        for number in range(LIMITS_PER_ACCOUNT[0][0]):
            await waits(attempts, account=account, address=f"198.51.100.{number}")

        assert await waits(attempts, account=account) > 0


async def test_one_place_tries_only_so_many_accounts(attempts: LoginThrottle) -> None:
    outcomes = [await waits(attempts, account=f"nr{number}@lot.example") for number in range(70)]

    assert outcomes.count(0) == LIMITS_OVER_ALL_ACCOUNTS[0][0]


async def test_tries_that_are_refused_for_their_place_leave_nothing_behind(
    attempts: LoginThrottle, database: Database
) -> None:
    outcomes = [await waits(attempts, account=f"nr{number}@lot.example") for number in range(400)]

    assert outcomes.count(0) == LIMITS_OVER_ALL_ACCOUNTS[0][0]
    assert await database["attempts"].count_documents({}) == 1 + 2 * LIMITS_OVER_ALL_ACCOUNTS[0][0]


async def test_one_place_leaves_a_bounded_number_of_documents_in_a_day(
    attempts: LoginThrottle, database: Database, clock: Clock
) -> None:
    most = LIMITS_OVER_ALL_ACCOUNTS[-1][0]
    await database["attempts"].insert_one(
        {"_id": _derive_key("all", HOME), "at": [clock.now - timedelta(hours=1)] * most, "ends_at": clock.now}
    )

    assert await waits(attempts) > timedelta(hours=20).total_seconds()
    assert await database["attempts"].count_documents({}) == 1


async def test_after_success_counting_begins_anew(attempts: LoginThrottle) -> None:
    for _ in range(5):
        await waits(attempts)
    await attempts.record_success(ANNA, HOME)

    assert await waits(attempts) == 0


async def test_nobody_reads_who_tried_where(attempts: LoginThrottle, database: Database) -> None:
    await waits(attempts)
    await attempts.record_success(ANNA, HOME)

    kept = [str(each) async for each in database["attempts"].find()]
    assert kept
    assert not [each for each in kept if ANNA in each or HOME in each]


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("", ""),
        ("unix:", "unix:"),
    ],
)
def test_a_place_is_an_address_or_a_network(address: str, place: str) -> None:
    assert derive_network(address) == place
