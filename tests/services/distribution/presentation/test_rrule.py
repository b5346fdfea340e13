"""Where the rule of repeats ends, as calendar programs read it: an instant next to local hours."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from services.distribution.presentation.dates import write_rrule
from shared.event.model import Dates, Recurrence

WARSAW = ZoneInfo("Europe/Warsaw")
CHANGES = st.sampled_from([datetime(2027, 3, 28), datetime(2027, 10, 31)])  # noqa: DTZ001 - local
STARTS = st.builds(time, st.sampled_from([0, 1, 3, 4, 18]), st.sampled_from([0, 15, 45]))


@given(change=CHANGES, quarters=st.integers(-96, 96) | st.integers(4, 16), hour=STARTS)
def test_in_utc_a_rule_ends_with_the_same_start_as_by_the_clock(change: datetime, quarters: int, hour: time) -> None:
    until = change + timedelta(minutes=15 * quarters)
    starts = [datetime.combine(change, hour) + timedelta(days=day) for day in range(-4, 4)]
    start = starts[0].isoformat(timespec="minutes")
    rule = Recurrence(rrule=f"FREQ=DAILY;UNTIL={until:%Y%m%dT%H%M%S}")

    written = write_rrule(Dates("exact", start, start, recurrence=rule), WARSAW)

    read = datetime.strptime(written.removeprefix("FREQ=DAILY;UNTIL="), "%Y%m%dT%H%M%S%z")
    assert [each for each in starts if each.replace(tzinfo=WARSAW).astimezone(UTC) <= read] == [
        each for each in starts if each <= until
    ]
