from __future__ import annotations

import asyncio

import pytest

from shared.database.client import Collection, Database
from shared.database.lease import Lease


@pytest.fixture
def leases(database: Database) -> Collection:
    return database["leases"]


async def test_a_lease_has_one_holder(leases: Collection) -> None:
    first, second = Lease(leases, "relay", holder="a"), Lease(leases, "relay", holder="b")

    assert (await first.acquire(), await second.acquire()) == (True, False)
    assert (first.held, second.held, second.seen["holder"]) == (True, False, "a")


async def test_of_many_who_ask_at_once_one_gets_it(leases: Collection) -> None:
    asking = [Lease(leases, "relay", holder=f"{number}") for number in range(10)]

    assert sum(await asyncio.gather(*(lease.acquire() for lease in asking))) == 1


async def test_renewing_keeps_the_fence_and_changing_hands_raises_it(leases: Collection) -> None:
    first, second = Lease(leases, "relay", holder="a", seconds=0.2), Lease(leases, "relay", holder="b")
    await first.acquire()
    await first.acquire()
    assert first.fencing_token == 1

    await asyncio.sleep(0.25)

    assert await second.acquire()
    assert second.fencing_token == 2


async def test_a_holder_that_slept_too_long_knows_it(leases: Collection) -> None:
    """The holder counts from before it asked, by its own monotonic clock; the database from when it answered."""
    now = 100.0
    lease = Lease(leases, "relay", holder="a", seconds=10, clock=lambda: now)
    await lease.acquire()
    assert lease.held

    now = 110.0

    assert not lease.held


async def test_a_lease_that_was_given_up_is_free_at_once(leases: Collection) -> None:
    first, second = Lease(leases, "relay", holder="a"), Lease(leases, "relay", holder="b")
    await first.acquire()

    await first.release()

    assert not first.held
    assert await second.acquire()


async def test_giving_up_what_another_holds_changes_nothing(leases: Collection) -> None:
    first, second = Lease(leases, "relay", holder="a"), Lease(leases, "relay", holder="b")
    await first.acquire()

    await second.release()

    assert not await second.acquire()


async def test_leases_of_other_names_do_not_matter(leases: Collection) -> None:
    assert await Lease(leases, "relay/a", holder="a").acquire()
    assert await Lease(leases, "relay/b", holder="b").acquire()


async def test_a_kept_lease_does_not_run_out(leases: Collection) -> None:
    first, second = Lease(leases, "relay", holder="a", seconds=0.4), Lease(leases, "relay", holder="b")
    renewing = asyncio.create_task(first.renew())

    await asyncio.sleep(1)

    assert (first.held, await second.acquire()) == (True, False)
    renewing.cancel()
