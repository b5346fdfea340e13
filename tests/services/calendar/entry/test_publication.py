from __future__ import annotations

from services.calendar.entry.arrival import receive
from services.calendar.entry.publication import find_repair, make_programme_message
from services.calendar.review.model import withdraw
from tests.services.calendar.builders import LATER, NOW, make_live, make_message, make_waiting


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
