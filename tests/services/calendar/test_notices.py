"""Which change is news of its own to those who know an event already, and what its message says of it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from services.calendar.entry.arrival import receive
from services.calendar.entry.model import Entry
from services.calendar.entry.publication import make_programme_message
from services.calendar.review.model import accept, cancel, withdraw
from shared.event.notices import derive_notice
from shared.messages import EventPublished, Notice
from tests.services.calendar.builders import LATER, NOW, make_event, make_live, make_message

FIRST = {"certainty": "exact", "start": "2027-08-14", "end": "2027-08-16"}
SECOND = {"certainty": "exact", "start": "2027-08-21", "end": "2027-08-23"}
CURATOR = "Anna Nowak"


def edited(entry: Entry, *, now: str, **fields: Any) -> Entry:  # noqa: ANN401 - any field
    """Send another version and accept it."""
    version = entry.received_version + 1
    sent, _ = receive(
        entry, make_message(version, event=make_event(**{"title": {"pl": f"Żagle {version}"}} | fields)), now=now
    )
    return accept(sent, by=CURATOR, now=now)[0]


def cancelled(entry: Entry, *, now: str) -> Entry:
    return cancel(entry, by=CURATOR, now=now)[0]


def told(entry: Entry) -> Notice | None:
    message = make_programme_message(entry)
    assert isinstance(message, EventPublished)
    return message.notice


def test_what_is_new_is_no_news_of_its_own() -> None:
    assert told(make_live(1, event=make_event(dates=FIRST))) is None


def test_a_corrected_text_is_no_news() -> None:
    assert told(edited(make_live(1), now=LATER)) is None


def test_a_cancellation_is_news_with_its_revision_and_instant() -> None:
    assert told(cancelled(make_live(1), now=LATER)) == Notice("cancelled", 2, LATER)


def test_a_move_is_news_and_stays_the_same_when_a_text_is_corrected() -> None:
    moved = edited(make_live(1, event=make_event(dates=FIRST)), now=NOW, dates=SECOND)

    assert told(moved) == Notice("moved", 2, NOW)
    assert told(edited(moved, now=LATER, dates=SECOND)) == Notice("moved", 2, NOW)


def test_a_second_move_is_news_again() -> None:
    moved = edited(make_live(1, event=make_event(dates=FIRST)), now=NOW, dates=SECOND)
    third = {"certainty": "exact", "start": "2027-09-04", "end": "2027-09-05"}

    assert told(edited(moved, now=LATER, dates=third)) == Notice("moved", 3, LATER)


OCTOBER = {"certainty": "month", "start": "2027-10-01", "end": "2027-10-31"}
AUTUMN = {"certainty": "season", "start": "2027-09-01", "end": "2027-11-30"}
IN_OCTOBER = {"certainty": "exact", "start": "2027-10-15", "end": "2027-10-16"}


@pytest.mark.parametrize("span", [OCTOBER, AUTUMN])
@pytest.mark.parametrize("certainty", ["exact", "provisional"])
def test_the_day_that_a_moved_event_waited_for_is_news(span: dict[str, str], certainty: str) -> None:
    moved = edited(make_live(1, event=make_event(dates=FIRST)), now=NOW, dates=span)
    known = edited(moved, now=LATER, dates=IN_OCTOBER | {"certainty": certainty})

    assert (told(moved), told(known)) == (Notice("moved", 2, NOW), Notice("moved", 3, LATER))
    assert told(edited(known, now="2026-12-09T10:00:00.000Z", dates=IN_OCTOBER)) == Notice("moved", 3, LATER)


def test_a_month_of_the_season_to_which_an_event_moved_is_no_news() -> None:
    moved = edited(make_live(1, event=make_event(dates=FIRST)), now=NOW, dates=AUTUMN)

    assert told(edited(moved, now=LATER, dates=OCTOBER)) == Notice("moved", 2, NOW)


def test_the_day_of_a_month_that_was_announced_from_the_first_is_no_news() -> None:
    assert told(edited(make_live(1, event=make_event(dates=OCTOBER)), now=LATER, dates=IN_OCTOBER)) is None


@pytest.mark.parametrize("undone", ["cancelled", "moved", "withdrawn"])
def test_what_takes_place_after_all_is_news(undone: str) -> None:
    live = make_live(1, event=make_event(dates=FIRST))
    stopped = {
        "cancelled": cancelled(live, now=NOW),
        "moved": edited(live, now=NOW, dates=SECOND),
        "withdrawn": withdraw(live, by=CURATOR, now=NOW)[0],
    }[undone]

    back = edited(stopped, now=LATER, dates=FIRST)

    assert told(back) == Notice("reinstated", 3, LATER)
    assert told(edited(back, now=LATER, dates=FIRST)) == Notice("reinstated", 3, LATER)


def test_a_longer_event_is_no_news() -> None:
    longer = FIRST | {"end": "2027-08-17"}

    assert told(edited(make_live(1, event=make_event(dates=FIRST)), now=LATER, dates=longer)) is None


def test_a_cancelled_event_that_had_moved_is_news_as_cancelled() -> None:
    moved = edited(make_live(1, event=make_event(dates=FIRST)), now=NOW, dates=SECOND)

    assert told(cancelled(moved, now=LATER)) == Notice("cancelled", 3, LATER)


def test_an_entry_of_an_earlier_release_tells_the_news_as_its_readers_did() -> None:
    """Its message carried no notice, and readers took the revision and the instant of the message."""
    old = replace(cancelled(make_live(1), now=NOW), notice=None)
    message = make_programme_message(old)
    assert isinstance(message, EventPublished)
    as_it_was = replace(message, notice=None)

    renamed = receive(old, make_message(2, cancelled=2), now=LATER)[0]

    assert derive_notice(as_it_was) == message.notice == Notice("cancelled", 2, NOW)
    assert told(renamed) == Notice("cancelled", 2, NOW)


def test_dates_of_an_earlier_rule_that_hold_make_no_news_when_they_are_forgotten() -> None:
    live = replace(make_live(1, event=make_event(dates=FIRST | {"end": "2027-08-17"})), previous_dates=FIRST)

    assert told(edited(live, now=LATER, dates=FIRST | {"end": "2027-08-17"})) is None


ACTS = st.lists(st.sampled_from(("edit", "move", "open", "cancel", "withdraw")), max_size=12)


@given(acts=ACTS)
def test_news_are_told_with_a_revision_and_instant_that_only_rise(acts: list[str]) -> None:
    entry, days, seen = make_live(1, event=make_event(dates=FIRST)), FIRST, [0]
    for number, act in enumerate(acts):
        now = f"2026-12-01T10:{number:02}:00.000Z"
        status = make_programme_message(entry)
        if act == "cancel" and isinstance(status, EventPublished) and status.status == "confirmed":
            entry = cancelled(entry, now=now)
        elif act == "withdraw" and isinstance(status, EventPublished):
            entry = withdraw(entry, by=CURATOR, now=now)[0]
        elif act in {"edit", "move", "open"}:
            days = {"move": SECOND if days == FIRST else FIRST, "open": OCTOBER}.get(act, days)
            entry = edited(entry, now=now, dates=days)
        message = make_programme_message(entry)
        if isinstance(message, EventPublished) and message.notice:
            assert seen[-1] <= message.notice.revision <= message.revision
            assert (message.notice.revision == message.revision) == (message.notice.at == message.changed_at)
            assert (message.notice.kind == "cancelled") == (message.status == "cancelled")
            seen.append(message.notice.revision)
