"""When an organisation is asked for a day that is not sure."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.uncertain_date.model import STEPS, ClosingProgramme, find_step, list_closing
from shared.call import parse_call
from tests.services.ingest.call.builders import make_announcement

ZONE = ZoneInfo("Europe/Warsaw")
CALL = parse_call(make_announcement())
LAST_DAY = date(2027, 1, 15)


@pytest.mark.parametrize(
    ("left", "step"), [(29, None), (28, 28), (27, 28), (8, 28), (7, 7), (1, 7), (0, 7), (-1, None), (-40, None)]
)
def test_a_step_lasts_until_the_next_and_the_last_one_until_the_programme_is_closed(
    left: int, step: int | None
) -> None:
    assert find_step(LAST_DAY, LAST_DAY - timedelta(days=left)) == step


@given(st.sets(st.integers(0, 60), min_size=1))
def test_whichever_days_are_missed_each_step_is_asked_once_if_a_day_of_it_is_left(days: set[int]) -> None:
    asked = [find_step(LAST_DAY, LAST_DAY - timedelta(days=left)) for left in sorted(days, reverse=True)]

    steps = [each for each in STEPS if each in asked]
    assert [each for each in dict.fromkeys(asked) if each] == steps
    assert (28 in steps) == any(7 < left <= 28 for left in days)
    assert (7 in steps) == any(left <= 7 for left in days)


@pytest.mark.parametrize(
    ("today", "found"),
    [
        (date(2026, 12, 17), []),
        (date(2026, 12, 18), [ClosingProgramme(2027, LAST_DAY, 28, locked=True)]),
        (date(2027, 1, 15), [ClosingProgramme(2027, LAST_DAY, 7, locked=True)]),
        (date(2027, 1, 16), []),
    ],
)
def test_a_programme_closes_at_the_end_of_its_last_day_in_the_region(
    today: date, found: list[ClosingProgramme]
) -> None:
    assert list_closing([CALL], today, ZONE) == found


@pytest.mark.parametrize(
    "changes", [{"locked_fields": ["category"]}, {"deadline_at": "2027-01-15T23:00:00.000Z"}], ids=["open", "early"]
)
def test_dates_that_still_change_need_no_late_code(changes: dict[str, Any]) -> None:
    (closing,) = list_closing([parse_call(make_announcement(**changes))], date(2027, 1, 10), ZONE)

    assert not closing.locked
