"""An event in a language: where one that repeats begins and ends."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.distribution.presentation.dates import DayRange, EventTime, TimeRange
from services.distribution.presentation.localized_event import LocalizedEvent, localize
from shared.event.days import get_span
from tests.services.distribution.builders import make_message, make_site, make_timed

SITE = make_site()
SATURDAYS = [f"2027-07-{day:02}" for day in (3, 10, 17, 24, 31)]
CHANGES = st.none() | st.tuples(st.integers(1, 31), st.integers(1, 28))


def make_saturdays(changes: list[tuple[int, int] | None], hour: str = "", length: int = 0) -> LocalizedEvent:
    """Cancel the first Saturdays, or move them to a day of July and so many days more."""
    exceptions = [
        {
            "date": day + hour,
            "status": "moved",
            "start": f"2027-07-{to[0]:02}{hour}",
            "end": f"2027-08-{to[1]:02}{hour}",
        }
        if to
        else {"date": day + hour, "status": "cancelled"}
        for day, to in zip(SATURDAYS, changes, strict=False)
    ]
    recurrence = {"rrule": "FREQ=WEEKLY;COUNT=5", "exceptions": exceptions}
    dates = {"certainty": "exact", "start": SATURDAYS[0] + hour, "end": f"2027-07-{3 + length:02}{hour}"}
    return localize(make_message(dates=dates | {"recurrence": recurrence}), "pl", SITE)


def list_days(span: tuple[EventTime, EventTime]) -> tuple[str, str]:
    first, last = span
    begins = first.first if isinstance(first, DayRange) else first.start.date()
    ends = (last.end or last.start).date() if isinstance(last, TimeRange) else last.last
    return begins.isoformat(), ends.isoformat()


@given(changes=st.lists(CHANGES, max_size=5), hour=st.sampled_from(["", "T18:00"]), length=st.integers(0, 20))
def test_it_begins_and_ends_with_what_takes_place(
    changes: list[tuple[int, int] | None], hour: str, length: int
) -> None:
    event = make_saturdays(changes, hour, length)

    assert list_days(event.span) == get_span(event.content.dates)


@pytest.mark.parametrize("fold", [0, 1])
def test_one_without_repeats_begins_and_ends_when_it_is(fold: int) -> None:
    event = localize(make_timed("a", "2027-10-31T02:30", "2027-10-31T04:00", start_fold=fold), "pl", SITE)

    assert event.span == (event.when, event.when)
