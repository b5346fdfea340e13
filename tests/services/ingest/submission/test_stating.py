"""What an organisation states of its tickets apart from any content."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import structs

from services.ingest.submission.content import SubmittedEvent
from services.ingest.submission.model import (
    NothingOnSale,
    Review,
    Submission,
    apply_review,
    cancel,
    edit,
    edit_current,
    get_last_action,
    state_availability,
    submit,
    withdraw,
)
from shared.event.model import Tickets
from shared.messages import Organiser, SubmissionReceived
from tests.services.ingest.builders import kept_event

AT = "2026-11-22T10:00:00.000Z"


def accept(submission: Submission) -> Submission:
    number, version = submission.version + 1, submission.content_version
    return apply_review(submission, Review(number, version, "accepted", None, None, version, AT, version, "confirmed"))


def make_public(**changes: Any) -> Submission:  # noqa: ANN401 - an event's fields are of all kinds
    return accept(submit(kept_event(**changes), id="01", organiser=Organiser("lot", "LOT"), at=AT)[0])


def make_sold_out(**changes: Any) -> Submission:  # noqa: ANN401 - an event's fields are of all kinds
    return state_availability(make_public(**changes), availability="sold_out", at=AT)[0]


def choose(submission: Submission, availability: str | None) -> SubmittedEvent:
    """What the form of a submission holds once another answer is chosen in it."""
    form = submission.current_event
    return structs.replace(form, tickets=structs.replace(form.tickets, availability=availability))


def test_a_statement_is_sent_with_the_full_state_and_without_a_new_content() -> None:
    public = make_public()

    after, [message] = state_availability(public, availability="sold_out", at=AT)

    assert isinstance(message, SubmissionReceived)
    assert (message.version, message.content_version, message.availability, message.availability_at_version) == (
        2,
        1,
        "sold_out",
        2,
    )
    assert (after.event, after.sent_at, after.public_availability) == (public.event, public.sent_at, "sold_out")
    assert get_last_action(after) == "sold_out"


def test_what_waits_stays_as_it_is() -> None:
    waiting, _ = edit(make_public(), kept_event(title={"pl": "Żagle 2027"}), at=AT)

    after, [message] = state_availability(waiting, availability="few_left", at=AT)

    assert (after.state, after.event, after.content_version) == ("waiting", waiting.event, 2)
    assert message.event["title"] == {"pl": "Żagle 2027"}
    assert "availability" not in message.event["tickets"]


def test_the_same_again_is_no_write_and_each_can_be_undone() -> None:
    sold_out, _ = state_availability(make_public(), availability="sold_out", at=AT)

    again, messages = state_availability(sold_out, availability="sold_out", at=AT)
    undone, [message] = state_availability(sold_out, availability=None, at=AT)

    assert (again, messages) == (sold_out, [])
    assert (undone.public_availability, message.availability, message.availability_at_version) == (None, None, 3)
    assert state_availability(make_public(), availability=None, at=AT)[1] == []


@pytest.mark.parametrize("how", ["waiting", "cancelled", "withdrawn"])
def test_nothing_is_stated_of_what_is_not_public_or_does_not_take_place(how: str) -> None:
    submission = {
        "waiting": lambda: submit(kept_event(), id="01", organiser=Organiser("lot", "LOT"), at=AT)[0],
        "cancelled": lambda: cancel(make_public(), at=AT)[0],
        "withdrawn": lambda: withdraw(make_public(), at=AT)[0],
    }[how]()

    with pytest.raises(NothingOnSale):
        state_availability(submission, availability="sold_out", at=AT)


def test_a_form_begins_with_what_was_stated_and_sent_unchanged_is_no_new_version() -> None:
    sold_out, _ = state_availability(make_public(), availability="sold_out", at=AT)

    form = sold_out.current_event

    assert form.tickets.availability == "sold_out"
    assert edit(sold_out, form, at=AT) == (sold_out, [])


def test_of_an_older_live_version_only_a_later_statement_is_known() -> None:
    public = make_public(tickets={"availability": "available"})
    stated, _ = state_availability(public, availability="few_left", at=AT)
    content = structs.replace(stated.event, tickets=Tickets(availability="registration_required"))
    edited, _ = edit(public, content, at=AT)

    assert public.public_availability == "available"
    assert edit(stated, content, at=AT)[0].public_availability == "few_left"
    assert edited.public_availability is None
    assert accept(edited).public_availability == "registration_required"


@pytest.mark.parametrize(
    ("content", "chosen"),
    [("available", "available"), ("available", "few_left"), (None, "available"), (None, None)],
)
def test_sold_out_is_undone_at_once_by_a_form_in_which_nothing_else_changed(
    content: str | None, chosen: str | None
) -> None:
    sold_out = make_sold_out(tickets={"availability": content} if content else {})

    after, [_message] = edit_current(sold_out, choose(sold_out, chosen), at=AT)

    assert (after.content_version, after.event) == (1, sold_out.event)
    assert (after.public_availability, after.availability) == (chosen, chosen)
    assert edit_current(after, after.current_event, at=AT) == (after, [])


def test_content_of_before_the_statement_takes_it_back_in_the_form_and_not_by_the_api() -> None:
    sold_out = make_sold_out(tickets={"availability": "available"})

    assert edit(sold_out, sold_out.event, at=AT) == (sold_out, [])
    assert edit_current(sold_out, sold_out.event, at=AT)[0].public_availability == "available"


@pytest.mark.parametrize("title", ["Żagle", "Żagle 2027"])
def test_not_stated_is_a_new_version_without_the_statement_where_the_content_says_something(title: str) -> None:
    sold_out = make_sold_out(title={"pl": title}, tickets={"availability": "available"})
    form = structs.replace(choose(sold_out, None), title={"pl": "Żagle"})

    after, [message] = edit_current(sold_out, form, at=AT)

    assert (after.event, after.current_event, after.state, get_last_action(after)) == (form, form, "waiting", "sent")
    assert (message.content_version, message.availability, message.availability_at_version) == (3, None, 3)


def test_other_changes_of_a_form_are_a_new_version_and_the_statement_stays() -> None:
    sold_out = make_sold_out()
    form = structs.replace(sold_out.current_event, title={"pl": "Żagle 2027"})

    after, [message] = edit_current(sold_out, form, at=AT)

    assert (after.event, after.public_availability, get_last_action(after)) == (form, "sold_out", "sent")
    assert (message.availability, message.availability_at_version) == ("sold_out", 2)


@pytest.mark.parametrize("stop", [cancel, withdraw])
def test_a_form_reopens_what_was_stopped_as_it_stands_there(stop: Any) -> None:  # noqa: ANN401 - a command
    stopped, _ = stop(make_sold_out(tickets={}), at=AT)

    for chosen in ("available", None, "sold_out"):
        after, [_message] = edit_current(stopped, choose(stopped, chosen), at=AT)

        assert (after.state, after.content_version, after.current_event) == ("waiting", 4, choose(stopped, chosen))
