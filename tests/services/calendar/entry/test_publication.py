from __future__ import annotations

import pytest

from services.calendar.entry.arrival import receive
from services.calendar.entry.documents import write_entry
from services.calendar.entry.publication import find_repair, make_programme_message
from services.calendar.review.model import accept, withdraw
from shared.messages import EventFacets, EventWithdrawn
from tests.services.calendar.builders import LATER, NOW, make_event, make_live, make_message, make_waiting


def test_older_record_of_our_own_is_answered_with_the_present_state() -> None:
    cancelled, _ = receive(make_live(1), make_message(2, content=1, cancelled=2), now=LATER)

    assert find_repair(cancelled, 1) == make_programme_message(cancelled)


def test_withdrawn_event_is_repaired_too() -> None:
    withdrawn, _ = withdraw(make_live(1), by="Anna", now=NOW)

    assert find_repair(withdrawn, 1) == make_programme_message(withdrawn)


def test_present_record_of_our_own_needs_no_answer() -> None:
    assert find_repair(make_live(1), 1) is None


def test_record_of_an_event_that_is_not_public_here_needs_no_answer() -> None:
    assert find_repair(make_waiting(1), 1) is None


REPEATING = {
    "certainty": "exact",
    "start": "2027-07-03",
    "end": "2027-07-03",
    "recurrence": {"rrule": "FREQ=WEEKLY;COUNT=30", "exceptions": [{"date": "2028-01-22", "status": "cancelled"}]},
}


def test_a_programme_lists_repeats_until_the_last_one_that_takes_place() -> None:
    entry = make_live(1, event=make_event(dates=REPEATING))

    slot = write_entry(entry)["slot"]
    withdrawn = make_programme_message(withdraw(entry, by="Anna", now=NOW)[0])

    assert (slot["start"], slot["end"]) == ("2027-07-03", "2028-01-15")
    assert isinstance(withdrawn, EventWithdrawn)
    assert withdrawn.facets == EventFacets("3262", ["maritime"], "2027-07-03", "2028-01-15")


@pytest.mark.parametrize(
    ("exception", "start"),
    [
        ({"date": "2027-07-10T18:00", "status": "cancelled"}, "2027-07-03T18:00"),
        ({"date": "2027-07-03T18:00", "status": "cancelled"}, "2027-07-10"),
        (
            {
                "date": "2027-07-03T18:00",
                "status": "moved",
                "start": "2027-06-28T17:00",
                "end": "2027-06-28T19:00",
            },
            "2027-06-28",
        ),
    ],
)
def test_a_programme_lists_repeats_from_the_first_one_that_takes_place(exception: dict[str, str], start: str) -> None:
    recurrence = {"rrule": "FREQ=WEEKLY;COUNT=3", "exceptions": [exception]}
    dates = {"certainty": "exact", "start": "2027-07-03T18:00", "end": "2027-07-03T20:00", "recurrence": recurrence}

    document = write_entry(make_live(1, event=make_event(dates=dates)))

    assert (document["card"]["start"], document["slot"]["start"]) == (start, start)
    assert document["slot"]["order"].startswith(f"{start}\x1f")


def test_an_evening_that_is_off_is_no_move() -> None:
    before = make_live(1, event=make_event(dates=REPEATING | {"recurrence": {"rrule": "FREQ=WEEKLY;COUNT=30"}}))
    sent, _ = receive(before, make_message(2, event=make_event(dates=REPEATING)), now=LATER)

    after, messages = accept(sent, by="Anna", now=LATER)

    assert (after.revision, after.previous_dates, after.notice) == (2, None, None)
    assert len(messages) == 2
