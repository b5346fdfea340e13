from __future__ import annotations

import asyncio

import pytest

from shared.aio.single_flight import SingleFlight


class Attempts:
    """Counts its attempts, and fails the first."""

    def __init__(self) -> None:
        self.begun = 0
        self.go_on = asyncio.Event()

    async def __call__(self) -> int:
        self.begun += 1
        number = self.begun
        await self.go_on.wait()
        if number == 1:
            raise ConnectionError(number)
        return number


async def test_all_who_ask_meanwhile_get_the_outcome_of_one_attempt() -> None:
    attempt = Attempts()
    flight = SingleFlight(attempt)
    asking = [asyncio.create_task(flight()) for _ in range(5)]
    await asyncio.sleep(0)
    attempt.go_on.set()

    outcomes = await asyncio.gather(*asking, return_exceptions=True)

    assert [type(outcome) for outcome in outcomes] == [ConnectionError] * 5
    assert (await flight(), attempt.begun) == (2, 2)


async def test_a_caller_that_gives_up_does_not_end_the_attempt_of_others() -> None:
    attempt = Attempts()
    attempt.begun = 1
    flight = SingleFlight(attempt)
    first, second = asyncio.create_task(flight()), asyncio.create_task(flight())
    await asyncio.sleep(0)

    first.cancel()
    attempt.go_on.set()

    assert await second == 2


async def test_what_is_under_way_can_be_ended() -> None:
    flight = SingleFlight(Attempts())
    asking = asyncio.create_task(flight())
    await asyncio.sleep(0)

    await flight.cancel()

    with pytest.raises(asyncio.CancelledError):
        await asking
