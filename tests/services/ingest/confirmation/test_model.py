"""Which events are asked about when, and links that cannot be forged or used for ever."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.confirmation.model import (
    VALID,
    ConfirmationLink,
    LinkInvalid,
    bound_events,
    make_token,
    read_token,
)

SECRET = b"s" * 32
MONDAY = date(2027, 3, 1)
LINK = ConfirmationLink(MONDAY, "lot-szczecin", "01a22aca-bde1-74bb-91fc-407ace676b3f")


@given(st.dates(date(2026, 1, 1), date(2060, 12, 31)))
def test_every_day_is_asked_about_on_exactly_one_monday_some_four_weeks_before(day: date) -> None:
    mondays = [day - timedelta(days=day.weekday() + 7 * weeks) for weeks in range(8)]

    asking = [each for each in mondays if bound_events(each)[0] <= day <= bound_events(each)[1]]

    assert len(asking) == 1
    assert timedelta(days=22) <= day - asking[0] <= timedelta(days=28)


def test_a_link_is_read_as_it_was_made_until_it_is_over() -> None:
    token = make_token(LINK, SECRET)

    assert read_token(token, SECRET, MONDAY) == LINK
    assert read_token(token, SECRET, MONDAY + VALID) == LINK
    with pytest.raises(LinkInvalid):
        read_token(token, SECRET, MONDAY + VALID + timedelta(days=1))


@given(st.data())
def test_a_link_with_another_character_is_none(data: st.DataObject) -> None:
    token = make_token(LINK, SECRET)
    place = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.characters(codec="utf-8").filter(lambda sign: sign != token[place]))

    with pytest.raises(LinkInvalid):
        read_token(token[:place] + other + token[place + 1 :], SECRET, MONDAY)


def test_a_link_of_another_secret_is_none() -> None:
    with pytest.raises(LinkInvalid):
        read_token(make_token(LINK, b"t" * 32), SECRET, MONDAY)
