"""What an organisation states of its tickets apart from any content."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import structs

from services.ingest.submission.model import (
    NothingOnSale,
    Review,
    Submission,
    apply_review,
    cancel,
    edit,
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
