"""What an organisation says of a date that does not hold."""

from __future__ import annotations

import pytest
from msgspec import structs

from services.ingest.submission.history import make_history_entry
from services.ingest.submission.model import (
    NothingLive,
    NotPostponed,
    Review,
    Submission,
    apply_review,
    cancel,
    edit,
    get_last_action,
    postpone,
    reinstate,
    submit,
)
from shared.messages import Organiser, Side, SubmissionReceived
from tests.services.ingest.builders import kept_event

AT = "2026-11-22T10:00:00.000Z"


def make_review(submission: Submission, postponed: Side | None = None, *, live: int = 1) -> Review:
    number = submission.review.number + 1 if submission.review else 1
    return Review(number, live, "accepted", None, None, live, AT, live, "confirmed", postponed=postponed)


def make_public() -> Submission:
    sent, _ = submit(kept_event(), id="01", organiser=Organiser("lot", "LOT"), at=AT)
    return apply_review(sent, make_review(sent))


def test_it_is_sent_with_the_full_state_and_without_a_new_content() -> None:
    after, [message] = postpone(make_public(), at=AT)

    assert isinstance(message, SubmissionReceived)
    assert (message.version, message.content_version, message.postponed, message.postponed_at_version) == (
        2,
        1,
        True,
        2,
    )
    assert (after.postponed_by, after.live_status, get_last_action(after)) == ("organisation", "confirmed", "postponed")
    assert (after.can_be_cancelled, after.can_be_confirmed) == (True, False)


def test_only_what_is_public_and_announced_for_its_date_is_postponed() -> None:
    waiting, _ = submit(kept_event(), id="01", organiser=Organiser("lot", "LOT"), at=AT)
    postponed, cancelled = postpone(make_public(), at=AT)[0], cancel(make_public(), at=AT)[0]

    for each in (waiting, postponed, cancelled):
        with pytest.raises(NothingLive):
            postpone(each, at=AT)
    assert cancel(postponed, at=AT)[0].postponed_by is None


def test_it_is_taken_back_by_who_said_it() -> None:
    postponed, _ = postpone(make_public(), at=AT)
    by_curator = apply_review(make_public(), make_review(make_public(), "curator"))

    back, [message] = reinstate(postponed, at=AT)

    assert (back.postponed_by, message.postponed, message.postponed_at_version) == (None, False, 3)
    assert get_last_action(back) == "reinstated"
    assert by_curator.postponed_by == "curator"
    with pytest.raises(NotPostponed):
        reinstate(by_curator, at=AT)


def test_the_calendar_says_whether_a_later_version_ended_it() -> None:
    postponed, _ = postpone(make_public(), at=AT)
    later, _ = edit(postponed, structs.replace(kept_event(), title={"pl": "Żagle 2027"}), at=AT)

    same_dates = apply_review(later, make_review(later, "organisation", live=3))
    other_dates = apply_review(later, make_review(later, None, live=3))

    assert (later.postponed_by, same_dates.postponed_by, other_dates.postponed_by) == (
        "organisation",
        "organisation",
        None,
    )


def test_what_a_curator_says_of_the_date_is_in_the_history() -> None:
    public = make_public()
    postponed = make_review(public, "curator")
    back, moved = make_review(public), make_review(public, live=3)

    found = [make_history_entry(public.review, postponed)]
    found += [make_history_entry(postponed, after) for after in (back, moved)]

    assert [each and each.what for each in found] == ["postponed_by_curator", "reinstated_by_curator", "accepted"]
