"""An event's content, typed, with what a later release adds to it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings

from shared.event.model import Dates, Event, parse_event, parse_part, serialize_part
from tests.services.ingest.strategies import events

LATER: dict[str, Any] = {
    "title": {"pl": "Żagle"},
    "category": "maritime",
    "dates": {"certainty": "exact", "start": "2027-08-14", "end": "2027-08-16", "recurrence": {"rule": "FREQ=WEEKLY"}},
    "venue": {"name": "Hala", "town": "Szczecin", "county": "3262", "hall": "B"},
    "dress_code": ["a hat"],
    "extra": {"a field": "of this name"},
}


@settings(deadline=None)
@given(event=events())
def test_an_event_is_written_as_it_was_read(event: dict[str, Any]) -> None:
    public = {name: value for name, value in event.items() if name != "contact"}

    assert serialize_part(parse_event(public)) == public


def test_fields_of_a_later_release_are_kept_and_handed_on() -> None:
    event = parse_event(LATER)

    assert event.extra == {"dress_code": ["a hat"], "extra": {"a field": "of this name"}}
    assert event.venue.extra == {"hall": "B"}
    assert serialize_part(event) == LATER


def test_empty_fields_are_not_written() -> None:
    event = parse_event(LATER | {"summary": {}, "also": [], "tickets": {}, "website": None})

    assert serialize_part(event) == LATER


@pytest.mark.parametrize(
    "broken",
    [{"title": None}, {"dates": []}, {"venue": {"town": "Szczecin"}}, {"tickets": "free"}, {"also": "film"}],
    ids=lambda broken: next(iter(broken)),
)
def test_an_event_that_breaks_its_shape_is_refused(broken: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        parse_event(LATER | broken)


def test_what_is_no_object_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        parse_part(["exact"], Dates)


def test_events_are_equal_whatever_the_order_of_their_fields() -> None:
    reordered = dict(reversed(LATER.items()))

    assert parse_event(reordered) == parse_event(LATER)
    assert isinstance(parse_event(LATER), Event)
