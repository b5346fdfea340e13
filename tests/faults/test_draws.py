"""What is drawn from a seed, and how a failing sequence becomes a short one."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from faults.draws import draw_faults, minimize


def test_the_same_seed_draws_the_same_faults() -> None:
    assert draw_faults(7, 5) == draw_faults(7, 5)
    assert draw_faults(7, 5) != draw_faults(8, 5)


def test_many_seeds_draw_every_kind() -> None:
    drawn = [fault for seed in range(50) for fault in draw_faults(seed, 5)]

    assert {fault.kind for fault in drawn} == {"kill", "stall", "die", "join", "blackout"}
    assert {"ingest", "calendar", "distribution", "broker 1", "mongod 3", "brokers"} <= {each.whom for each in drawn}


@pytest.mark.parametrize(("needed", "left"), [({3}, [3]), ({0, 2}, [0, 2]), ({0, 1, 2, 3, 4}, [0, 1, 2, 3, 4])])
async def test_a_failing_sequence_is_shrunk_to_what_is_needed(needed: set[int], left: Sequence[int]) -> None:
    async def breaks(places: Sequence[int]) -> bool:
        return needed <= set(places)

    assert await minimize(range(5), breaks) == left


async def test_a_sequence_that_breaks_anyway_keeps_one_fault() -> None:
    async def breaks(_: Sequence[int]) -> bool:
        return True

    assert await minimize(range(5), breaks) == [4]
