from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest

from shared.clock import utc_now, utc_timestamp, write_instant


@pytest.mark.parametrize(
    ("instant", "written"),
    [
        (datetime(2026, 11, 21, 10, tzinfo=UTC), "2026-11-21T10:00:00.000Z"),
        (datetime(2026, 11, 21, 10, 0, 0, 123_999, tzinfo=UTC), "2026-11-21T10:00:00.123Z"),
        (datetime(2026, 11, 21, 0, 30, tzinfo=timezone(timedelta(hours=1))), "2026-11-20T23:30:00.000Z"),
    ],
)
def test_an_instant_is_written_in_utc_to_the_millisecond(instant: datetime, written: str) -> None:
    assert write_instant(instant) == written


def test_the_present_instant_is_in_utc() -> None:
    before, now, after = datetime.now(UTC), utc_now(), datetime.now(UTC)

    assert before <= now <= after
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", utc_timestamp())
