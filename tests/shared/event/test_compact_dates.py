"""Dates in the least room."""

from __future__ import annotations

import pytest

from shared.event.compact_dates import format_compact_dates
from shared.event.model import Certainty, Dates


@pytest.mark.parametrize(
    ("certainty", "start", "end", "polish", "english"),
    [
        ("exact", "2027-07-16", "2027-07-18", "16–18 VII 2027", "16–18 Jul 2027"),
        ("exact", "2027-11-11", "2027-11-11", "11 XI 2027", "11 Nov 2027"),
        ("provisional", "2027-06-30", "2027-07-02", "30 VI – 2 VII 2027", "30 Jun – 2 Jul 2027"),
        ("exact", "2027-12-31T20:00", "2028-01-01T03:00", "31 XII 2027 – 1 I 2028", "31 Dec 2027 – 1 Jan 2028"),
        ("exact", "2027-08-14T20:00", "2027-08-15T00:00", "14 VIII 2027", "14 Aug 2027"),
        ("month", "2027-08-01", "2027-08-31", "VIII 2027", "Aug 2027"),
        ("season", "2027-07-01", "2027-08-31", "VII–VIII 2027", "Jul–Aug 2027"),
        ("season", "2027-12-01", "2028-02-29", "XII 2027 – II 2028", "Dec 2027 – Feb 2028"),
    ],
)
def test_dates_fit_into_a_cell(certainty: Certainty, start: str, end: str, polish: str, english: str) -> None:
    dates = Dates(certainty=certainty, start=start, end=end)

    assert (format_compact_dates(dates, "pl"), format_compact_dates(dates, "en")) == (polish, english)


def test_the_year_may_be_left_out() -> None:
    within = Dates(certainty="exact", start="2027-07-16", end="2027-07-18")
    across = Dates(certainty="exact", start="2027-12-31", end="2028-01-01")

    assert format_compact_dates(within, "pl", with_year=False) == "16–18 VII"
    assert format_compact_dates(across, "pl", with_year=False) == "31 XII 2027 – 1 I 2028"
