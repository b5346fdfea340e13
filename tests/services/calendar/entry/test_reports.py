"""Facts at once: an edit that changes nothing but listed facts is public at once, marked, and can be taken back."""

from __future__ import annotations

from typing import Any

import pytest

from services.calendar.entry.arrival import receive
from services.calendar.entry.documents import parse_entry, write_entry
from services.calendar.entry.model import (
    Entry,
    get_public_event,
    get_queue_reason,
    get_reported_facts,
    get_review_state,
)
from services.calendar.review.model import (
    NothingReported,
    accept,
    cancel,
    confirm_report,
    reject,
    request_changes,
    take_back_report,
    withdraw,
)
from shared.event.facts_at_once import FACTS, Fact
from shared.messages import EventPublished, EventWithdrawn, SubmissionReviewed
from tests.services.calendar.builders import LATER, NOW, Said, kept_event, make_event, make_live, make_message

TITLE = {"pl": "Żagle 1"}
MOVED = {"certainty": "exact", "start": "2027-08-21", "end": "2027-08-23"}
AGAIN = {"certainty": "exact", "start": "2027-08-28", "end": "2027-08-30"}


def arrive(entry: Entry, message: Said, at_once: tuple[Fact, ...] = FACTS) -> tuple[Entry, EventPublished | None]:
    after, messages = receive(entry, message, now=LATER, at_once=at_once)
    published = [each for each in messages if isinstance(each, EventPublished)]
    return after, published[0] if published else None


def send(version: int, **fields: Any) -> Said:  # noqa: ANN401 - any field
    return make_message(version, event=make_event(title=TITLE) | fields)


def make_reported() -> Entry:
    return arrive(make_live(), send(2, dates=MOVED))[0]


def test_moved_dates_are_public_at_once_marked_and_news() -> None:
    after, published = arrive(make_live(), send(2, dates=MOVED))

    assert published is not None
    assert (published.event, published.reported, published.revision) == (
        make_event(title=TITLE, dates=MOVED),
        ["dates"],
        2,
    )
    assert published.previous_dates == make_event()["dates"]
    assert published.notice is not None
    assert (published.notice.kind, published.changed_at) == ("moved", LATER)
    assert (after.waiting, get_queue_reason(after), after.live) == (True, "reported", make_live().live)


def test_the_organisation_is_told_what_is_public_and_not_checked() -> None:
    _, messages = receive(make_live(), send(2, dates=MOVED), now=LATER, at_once=FACTS)

    told = messages[-1]
    assert isinstance(told, SubmissionReviewed)
    assert (told.state, told.live_version, told.reported_version, told.reported) == ("waiting", 1, 2, ["dates"])


@pytest.mark.parametrize("at_once", [(), ("availability", "venue", "status")])
def test_facts_that_the_region_does_not_list_wait(at_once: tuple[Fact, ...]) -> None:
    after, published = arrive(make_live(), send(2, dates=MOVED), at_once)

    assert (published, get_reported_facts(after), get_queue_reason(after)) == (None, (), "change")


def test_facts_wait_with_a_text_that_comes_along() -> None:
    after, published = arrive(make_live(), send(2, dates=MOVED, summary={"pl": "Nowy termin!"}))

    assert (published, get_public_event(after)) == (None, kept_event(title=TITLE))


def test_what_moves_to_another_year_waits() -> None:
    _, published = arrive(make_live(), send(2, dates=MOVED | {"start": "2028-08-21", "end": "2028-08-21"}))

    assert published is None


def test_nothing_is_reported_of_what_is_new_cancelled_or_withdrawn() -> None:
    cancelled, _ = cancel(make_live(), by="Anna", now=NOW)
    withdrawn, _ = withdraw(make_live(), by="Anna", now=NOW)

    assert [arrive(each, send(2, dates=MOVED))[1] for each in (cancelled, withdrawn)] == [None, None]


def test_confirming_costs_one_revision_and_the_mark_is_gone() -> None:
    after, (published, told) = confirm_report(make_reported(), by="Anna", now=LATER)

    assert isinstance(published, EventPublished)
    assert (published.event["dates"], published.reported, published.revision, published.changed_at) == (
        MOVED,
        [],
        3,
        LATER,
    )
    assert published.previous_dates == make_event()["dates"]
    assert isinstance(told, SubmissionReviewed)
    assert (told.state, told.live_version, told.reported_version) == ("accepted", 2, None)
    assert (after.live and after.live.version, after.proposal, after.report) == (2, None, None)


def test_accepting_confirms_too() -> None:
    after, (published, _told) = accept(make_reported(), by="Anna", now=LATER)

    assert isinstance(published, EventPublished)
    assert (published.reported, published.revision, after.report) == ([], 3, None)


def test_taking_back_shows_what_was_accepted_and_tells_why() -> None:
    after, (published, told) = take_back_report(make_reported(), by="Anna", now=LATER, comment="Nikt nie odbiera.")

    assert isinstance(published, EventPublished)
    assert (published.event, published.reported, published.revision) == (make_event(title=TITLE), [], 3)
    assert published.previous_dates is None
    assert published.notice is not None
    assert published.notice.kind == "reinstated"
    assert isinstance(told, SubmissionReviewed)
    assert (told.state, told.reason, told.comment, told.taken_back_version, told.decided_version) == (
        "rejected",
        "not_confirmed",
        "Nikt nie odbiera.",
        2,
        2,
    )
    assert after.live == make_live().live


def test_a_refusal_takes_back_too() -> None:
    refused = [
        reject(make_reported(), reason="wrong_date", by="Anna", now=LATER)[0],
        request_changes(make_reported(), comment="Który termin?", by="Anna", now=LATER)[0],
    ]

    assert [(get_public_event(each), each.taken_back_version) for each in refused] == [(kept_event(title=TITLE), 2)] * 2


def test_the_facts_stay_while_a_text_with_the_same_facts_waits_and_are_decided_on_by_themselves() -> None:
    entry, published = arrive(make_reported(), send(3, dates=MOVED, summary={"pl": "Nowy termin!"}))
    refused, _ = reject(entry, reason="incomplete", by="Anna", now=LATER)
    confirmed, _ = confirm_report(refused, by="Anna", now=LATER)
    taken_back, _ = take_back_report(entry, by="Anna", now=LATER)

    assert (published, get_reported_facts(entry)) == (None, ("dates",))
    assert (get_review_state(refused), get_queue_reason(refused), write_entry(refused)["card"]["state"]) == (
        "rejected",
        "reported",
        "waiting",
    )
    assert (get_public_event(confirmed), get_review_state(confirmed)) == (
        kept_event(title=TITLE, dates=MOVED),
        "rejected",
    )
    assert (get_public_event(taken_back), taken_back.waiting) == (kept_event(title=TITLE), True)


def test_facts_that_their_organisation_no_longer_states_are_not_shown() -> None:
    with_text, _ = arrive(make_reported(), send(3, dates=AGAIN, summary={"pl": "Znów inny!"}))
    back, published = arrive(make_reported(), send(3))
    once_more, moved = arrive(make_reported(), send(3, dates=AGAIN))

    assert [get_public_event(each) for each in (with_text, back)] == [kept_event(title=TITLE)] * 2
    assert published is not None
    assert (published.reported, published.previous_dates) == ([], None)
    assert moved is not None
    assert (get_reported_facts(once_more), moved.previous_dates) == (("dates",), MOVED)


def test_a_cancellation_after_the_report_stays_when_it_is_confirmed() -> None:
    cancelled, published = arrive(
        make_reported(), make_message(3, content=2, cancelled=3, event=send(2, dates=MOVED).event)
    )
    confirmed, (again, _told) = confirm_report(cancelled, by="Anna", now=LATER)

    assert published is not None
    assert (published.status, published.reported) == ("cancelled", ["dates"])
    assert isinstance(again, EventPublished)
    assert (again.status, again.reported, confirmed.live and confirmed.live.version) == ("cancelled", [], 2)


def test_a_withdrawal_ends_the_report() -> None:
    withdrawn, messages = receive(make_reported(), make_message(3, content=2, withdrawn=3), now=LATER)

    assert isinstance(messages[0], EventWithdrawn)
    assert (withdrawn.report, write_entry(withdrawn)["card"]["state"]) == (None, "withdrawn")
    with pytest.raises(NothingReported):
        confirm_report(withdrawn, by="Anna", now=LATER)


def test_what_was_stated_of_the_tickets_is_no_report_and_stays() -> None:
    said: dict[str, Any] = {"availability": "sold_out", "availability_at_version": 2}
    sold_out, _ = receive(make_live(), make_message(2, content=1, **said), now=NOW)
    event = make_event(title=TITLE, dates=MOVED, tickets={"availability": "sold_out"})

    _, published = arrive(sold_out, make_message(3, event=event, **said), at_once=("dates",))

    assert published is not None
    assert (published.reported, published.event) == (["dates"], event)


def test_reported_facts_come_first_in_the_queue() -> None:
    assert make_reported().queue_key < make_live(1, sent_at="2020-01-01T00:00:00.000Z").queue_key


def test_a_report_is_stored_and_read_again() -> None:
    assert parse_entry(write_entry(make_reported())) == make_reported()


def test_an_entry_of_the_release_before_reads_as_one_without_reports() -> None:
    document = {
        name: value for name, value in write_entry(make_live()).items() if name not in {"report", "taken_back_version"}
    }

    assert parse_entry(document) == make_live()
