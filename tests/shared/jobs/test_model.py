from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.jobs.model import Daily, JobPolicy

WARSAW = ZoneInfo("Europe/Warsaw")
chances = st.floats(0, 1)


@given(failures=st.integers(1, 1_000), chance=chances)
def test_a_wait_lies_between_half_of_the_first_and_the_longest(failures: int, chance: float) -> None:
    policy = JobPolicy(first_wait=5.0, longest_wait=600.0)

    assert 2.5 <= policy.compute_wait(failures, chance) <= 600.0


@given(failures=st.integers(1, 40), chance=chances)
def test_a_later_wait_is_no_shorter_than_the_one_before_by_the_same_chance(failures: int, chance: float) -> None:
    policy = JobPolicy()

    assert policy.compute_wait(failures, chance) <= policy.compute_wait(failures + 1, chance)


def test_replicas_that_failed_together_do_not_retry_together() -> None:
    assert JobPolicy().compute_wait(3, 0.0) == 10.0
    assert JobPolicy().compute_wait(3, 1.0) == 20.0


@pytest.mark.parametrize(("failures", "exhausted"), [(0, False), (11, False), (12, True), (13, True)])
def test_a_job_is_given_up_after_twelve_failures(failures: int, *, exhausted: bool) -> None:
    assert JobPolicy().is_exhausted(failures) is exhausted


def test_a_daily_job_is_due_at_its_hour_in_the_region_today_and_tomorrow() -> None:
    planned = Daily("digest", time(6, 0)).plan(datetime(2026, 11, 30, 23, 30, tzinfo=UTC), WARSAW)

    assert planned == {
        "2026-12-01": datetime(2026, 12, 1, 5, 0, tzinfo=UTC),
        "2026-12-02": datetime(2026, 12, 2, 5, 0, tzinfo=UTC),
    }


def test_a_daily_job_keeps_its_hour_when_clocks_change() -> None:
    planned = Daily("digest", time(6, 0)).plan(datetime(2027, 3, 27, 12, 0, tzinfo=UTC), WARSAW)

    assert planned == {
        "2027-03-27": datetime(2027, 3, 27, 5, 0, tzinfo=UTC),
        "2027-03-28": datetime(2027, 3, 28, 4, 0, tzinfo=UTC),
    }


@given(
    start=st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - it gets one
    at=st.times(),
)
def test_looking_once_a_day_plans_every_day_exactly_once(start: datetime, at: time) -> None:
    daily = Daily("digest", at)
    planned: dict[str, datetime] = {}
    for days in range(9):
        for key, due_at in daily.plan(start + timedelta(days=days), WARSAW).items():
            assert planned.setdefault(key, due_at) == due_at

    days_planned, dues = [date.fromisoformat(key) for key in planned], list(planned.values())
    assert {after - before for before, after in pairwise(days_planned)} == {timedelta(days=1)}
    assert max(after - before for before, after in pairwise(dues)) <= timedelta(hours=25)
