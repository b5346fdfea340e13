"""Which availability holds: that of an accepted version, or what was stated apart from any."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.event.model import Event, Tickets, parse_event, serialize_part
from shared.event.ticket_phrases import AVAILABILITY, describe_availability, describe_deadline
from shared.event.tickets import TAGGED, apply_statement
from shared.event.vocabulary import AVAILABILITY as LABELS

CODES = st.sampled_from([None, *sorted(LABELS)])


def make(availability: str | None) -> Event:
    return parse_event(
        {
            "title": {"pl": "Żagle"},
            "category": "maritime",
            "dates": {"certainty": "exact", "start": "2027-08-14", "end": "2027-08-14"},
            "venue": {"town": "Szczecin", "county": "3262"},
            "tickets": {"free": False} | ({"availability": availability} if availability else {}),
        }
    )


@pytest.mark.parametrize(
    ("content", "stated", "stated_at", "holds"),
    [
        (None, None, None, None),
        ("available", None, None, "available"),
        (None, "sold_out", 3, "sold_out"),
        ("available", "sold_out", 3, "sold_out"),
        ("available", "sold_out", 1, "available"),
        (None, "sold_out", 1, "sold_out"),
        ("available", None, 3, "available"),
    ],
    ids=[
        "nothing",
        "content alone",
        "statement alone",
        "later statement",
        "later content",
        "content that says nothing ends no statement",
        "statement taken back",
    ],
)
def test_the_later_of_the_two_that_says_something_holds(
    content: str | None, stated: str | None, stated_at: int | None, holds: str | None
) -> None:
    assert apply_statement(make(content), 2, stated, stated_at).tickets.availability == holds


@given(content=CODES, stated=CODES, version=st.integers(1, 5), stated_at=st.integers(1, 5))
def test_a_statement_changes_the_availability_and_nothing_else(
    content: str | None, stated: str | None, version: int, stated_at: int
) -> None:
    event = make(content)

    found = apply_statement(event, version, stated, stated_at)

    assert found.tickets.availability in {content, stated}
    assert {**serialize_part(found), "tickets": 0} == {**serialize_part(event), "tickets": 0}
    assert found.tickets.free == event.tickets.free


def test_every_code_has_a_phrase_and_what_visitors_must_know_is_a_code() -> None:
    assert set(AVAILABILITY) == set(LABELS) > TAGGED


def test_a_deadline_is_a_day_or_a_day_and_an_hour() -> None:
    assert describe_deadline(Tickets(registration_until="2027-08-10"), "de") == "bis 10. August 2027"
    assert describe_deadline(Tickets(registration_until="2027-08-10T18:00"), "pl") == "do 10 sierpnia 2027, 18:00"
    assert describe_deadline(Tickets(), "pl") == ""


def test_a_code_of_a_later_release_is_no_sentence() -> None:
    assert describe_availability(Tickets(availability="raffled"), "en") == ""
