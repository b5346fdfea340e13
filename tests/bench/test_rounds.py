"""Rounds: taken in turn, summed up by their medians."""

from __future__ import annotations

import pytest

from bench.rounds import Series, collect_series, compute_percentile, interleave


def test_targets_take_turns() -> None:
    order: list[str] = []
    targets = {name: lambda name=name: order.append(name) for name in "AB"}

    interleave(targets, rounds=3)

    assert order == ["A", "B", "A", "B", "A", "B"]


def test_results_stay_with_their_target_in_the_order_of_rounds() -> None:
    counted = iter(range(6))

    found = interleave({"ours": lambda: next(counted), "theirs": lambda: next(counted)}, rounds=3)

    assert found == {"ours": [0, 2, 4], "theirs": [1, 3, 5]}


def test_a_disturbed_round_does_not_move_the_median() -> None:
    found = Series((10.0, 1_000.0, 11.0))

    assert (found.median, found.least, found.most) == (11.0, 10.0, 1_000.0)


def test_a_ratio_is_taken_round_by_round() -> None:
    ours, theirs = Series((10.0, 5.0, 30.0)), Series((20.0, 10.0, 15.0))

    assert ours.over(theirs) == Series((0.5, 0.5, 2.0))


def test_a_series_is_one_figure_of_each_result() -> None:
    assert collect_series(["a", "bbb"], len) == Series((1, 3))


@pytest.mark.parametrize(("share", "expected"), [(0.0, 1), (0.5, 50), (0.95, 95), (0.99, 99), (1.0, 100)])
def test_a_percentile_is_one_of_the_values(share: float, expected: float) -> None:
    assert compute_percentile(list(range(100, 0, -1)), share) == expected


def test_the_percentile_of_one_value_is_that_value() -> None:
    assert compute_percentile([7.0], 0.99) == 7.0
