"""A postponed event: public, without its date, until a version with another one is accepted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from services.calendar.entry.arrival import receive
from services.calendar.entry.documents import parse_entry, write_entry
from services.calendar.entry.model import Entry, get_postponing_side
from services.calendar.entry.publication import EntryChange, make_programme_message, make_review_message
from services.calendar.review.model import (
    NoPostponement,
    NotLive,
    accept,
    cancel,
    confirm_report,
    postpone,
    reinstate,
)
from shared.event.facts_at_once import FACTS
from shared.event.notices import derive_notice
from shared.messages import EventPublished, Notice, Postponement
from tests.services.calendar.builders import LATER, NOW, Said, make_event, make_live, make_message

SEPTEMBER = {"certainty": "exact", "start": "2027-09-11", "end": "2027-09-12"}
BY = "Anna Nowak"


def state(version: int, *, postponed: bool, content: int = 1, **fields: Any) -> Said:  # noqa: ANN401 - any field
    return make_message(version, content=content, postponed=postponed, postponed_at_version=version, **fields)


def publish(entry: Entry) -> EventPublished:
    message = make_programme_message(entry)
    assert isinstance(message, EventPublished)
    return message


def send_and_accept(entry: Entry, version: int, **fields: Any) -> Entry:  # noqa: ANN401 - any field of an event
    known: dict[str, Any] = {"postponed": entry.postponed, "postponed_at_version": entry.postponed_at_version}
    sent, _ = receive(entry, make_message(version, event=make_event(**fields), **known), now=NOW)
    return accept(sent, by=BY, now=LATER)[0]


def test_it_is_public_at_once_as_a_new_revision_and_as_news() -> None:
    before = make_live()

    after, (published, review) = receive(before, state(2, postponed=True), now=LATER)

    assert isinstance(published, EventPublished)
    assert (published.revision, published.status, published.postponed) == (2, "confirmed", Postponement(2, LATER))
    assert published.event == make_event(title={"pl": "Żagle 1"})
    assert published.notice is None  # earlier releases cannot read its kind
    assert derive_notice(published) == Notice("postponed", 2, LATER)
    assert getattr(review, "postponed", None) == "organisation"
    assert after.history[-1].what == "postponed"


@pytest.mark.parametrize("by_curator", [False, True], ids=["organisation", "curator"])
def test_only_other_dates_end_it(*, by_curator: bool) -> None:
    live = make_live()
    postponed = postpone(live, by=BY, now=NOW)[0] if by_curator else receive(live, state(2, postponed=True), now=NOW)[0]

    corrected = send_and_accept(postponed, 3, title={"pl": "Żagle 2027"})
    moved = send_and_accept(corrected, 4, dates=SEPTEMBER)

    assert get_postponing_side(corrected) == ("curator" if by_curator else "organisation")
    assert publish(corrected).postponed == Postponement(2, NOW)
    assert (get_postponing_side(moved), publish(moved).postponed) == (None, None)
    assert publish(moved).notice == Notice("moved", 4, LATER)


def report(entry: Entry, version: int, **fields: Any) -> Entry:  # noqa: ANN401 - any field of an event
    known: dict[str, Any] = {"postponed": entry.postponed, "postponed_at_version": entry.postponed_at_version}
    event = make_event(title={"pl": "Żagle 1"}, **fields)
    return receive(entry, make_message(version, event=event, **known), now=NOW, at_once=FACTS)[0]


SOLD_OUT = {"availability": "sold_out"}


@pytest.mark.parametrize("by_curator", [False, True], ids=["organisation", "curator"])
@pytest.mark.parametrize("decide", [accept, confirm_report])
def test_one_of_reported_dates_stands_while_they_do(decide: Callable[..., EntryChange], *, by_curator: bool) -> None:
    reported = report(make_live(), 2, dates=SEPTEMBER)
    stated = state(3, postponed=True, content=2, event=make_event(title={"pl": "Żagle 1"}, dates=SEPTEMBER))
    postponed = postpone(reported, by=BY, now=NOW)[0] if by_curator else receive(reported, stated, now=NOW)[0]
    side = get_postponing_side(postponed)

    confirmed, _ = decide(postponed, by=BY, now=LATER)
    again = report(postponed, 4, dates=SEPTEMBER, tickets=SOLD_OUT)
    later, _ = decide(again, by=BY, now=LATER)
    stored = parse_entry(write_entry(later))
    moved = send_and_accept(later, 5, dates=SEPTEMBER | {"end": "2027-09-13"})

    assert side == ("curator" if by_curator else "organisation")
    assert [get_postponing_side(each) for each in (confirmed, again, later, stored)] == [side] * 4
    assert get_postponing_side(moved) is None


@pytest.mark.parametrize("decide", [accept, confirm_report])
def test_reported_dates_that_came_after_a_curators_end_it_once_accepted(decide: Callable[..., EntryChange]) -> None:
    reported = report(postpone(make_live(), by=BY, now=NOW)[0], 2, dates=SEPTEMBER)

    assert get_postponing_side(reported) == "curator"
    assert get_postponing_side(decide(reported, by=BY, now=LATER)[0]) is None


def test_what_waited_when_it_was_postponed_does_not_end_it() -> None:
    waiting, _ = receive(make_live(), make_message(2, event=make_event(dates=SEPTEMBER)), now=NOW)
    postponed, _ = receive(waiting, state(3, postponed=True, content=2), now=NOW)

    accepted, _ = accept(postponed, by=BY, now=LATER)

    assert get_postponing_side(accepted) == "organisation"


def test_the_organisation_takes_its_own_postponement_back() -> None:
    postponed, _ = receive(make_live(), state(2, postponed=True), now=NOW)

    back, _ = receive(postponed, state(3, postponed=False), now=LATER)

    assert (get_postponing_side(back), publish(back).notice) == (None, Notice("reinstated", 3, LATER))
    with pytest.raises(NoPostponement):
        reinstate(postponed, by=BY, now=LATER)


def test_neither_side_lifts_the_others() -> None:
    both, _ = receive(postpone(make_live(), by=BY, now=NOW)[0], state(2, postponed=True), now=NOW)

    left, _ = receive(both, state(3, postponed=False), now=LATER)

    assert (get_postponing_side(both), get_postponing_side(left)) == ("organisation", "curator")
    assert get_postponing_side(reinstate(left, by=BY, now=LATER)[0]) is None


def test_a_cancellation_is_more() -> None:
    postponed, _ = postpone(make_live(), by=BY, now=NOW)

    cancelled, _ = cancel(postponed, by=BY, now=LATER)

    assert (publish(cancelled).status, publish(cancelled).postponed) == ("cancelled", None)
    assert publish(cancelled).notice == Notice("cancelled", 3, LATER)
    with pytest.raises(NotLive):
        postpone(cancelled, by=BY, now=LATER)


def test_a_message_of_a_release_that_knows_none_takes_none_back() -> None:
    postponed, _ = receive(make_live(), state(2, postponed=True), now=NOW)

    after, _ = receive(postponed, make_message(3, content=1), now=LATER)

    assert get_postponing_side(after) == "organisation"


def test_one_that_an_earlier_release_passed_over_is_applied() -> None:
    passed_over, _ = receive(make_live(), make_message(2, content=1), now=NOW)

    after, _ = receive(passed_over, state(2, postponed=True), now=LATER)

    assert get_postponing_side(after) == "organisation"
    assert make_review_message(after, now=LATER).postponed == "organisation"
