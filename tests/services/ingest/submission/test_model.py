from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.submission.content import write_event
from services.ingest.submission.model import (
    AlreadyWithdrawn,
    NothingLive,
    Review,
    Submission,
    apply_review,
    cancel,
    edit,
    make_message,
    submit,
    withdraw,
)
from shared.messages import Organiser, SubmissionCancelled, SubmissionReceived, SubmissionWithdrawn
from tests.services.ingest.builders import kept_event

LOT = Organiser("lot-szczecin", "LOT Szczecin")
AT = "2026-11-21T10:00:00.000Z"
LATER = "2026-11-22T10:00:00.000Z"


def make_submission(**changes: Any) -> Submission:  # noqa: ANN401 - a submission's fields are of all kinds
    return submit(kept_event(**changes), id="01", organiser=LOT, at=AT)[0]


def make_review(submission: Submission, **changes: Any) -> Review:  # noqa: ANN401 - a review's fields are of all kinds
    accepted = Review(
        number=2,
        version=submission.content_version,
        state="accepted",
        reason=None,
        comment=None,
        decided_version=submission.content_version,
        reviewed_at=AT,
        live_version=submission.content_version,
        live_status="confirmed",
    )
    return replace(accepted, **changes)


def accepted(submission: Submission) -> Submission:
    number = submission.review.number + 1 if submission.review else 2
    return apply_review(submission, make_review(submission, number=number))


def test_a_new_submission_waits_and_says_everything_but_who_is_behind_it() -> None:
    event = kept_event(external_id="zagle-2027")

    submission, messages = submit(event, id="01", organiser=LOT, at=AT)

    public = {name: value for name, value in write_event(event).items() if name != "contact"}
    assert submission.state == "waiting"
    assert messages == [
        SubmissionReceived(
            submission_id="01",
            version=1,
            content_version=1,
            organiser=LOT,
            external_id="zagle-2027",
            sent_at=AT,
            cancelled_at_version=None,
            withdrawn_at_version=None,
            event=public,
        )
    ]


def test_equal_content_makes_no_version() -> None:
    submission = make_submission()

    assert edit(submission, kept_event(), at=LATER) == (submission, [])


def test_other_content_waits_while_the_accepted_stays() -> None:
    submission, [message] = edit(accepted(make_submission()), kept_event(title={"pl": "Żagle nocą"}), at=LATER)

    assert (submission.version, submission.content_version, submission.state) == (2, 2, "waiting")
    assert submission.live_version == 1
    assert (message.version, message.sent_at) == (2, LATER)


def test_an_edit_that_names_no_external_id_keeps_it() -> None:
    submission, _ = edit(make_submission(external_id="zagle-2027"), kept_event(also=None), at=LATER)

    assert submission.external_id == "zagle-2027"


def test_what_is_live_can_be_cancelled_once() -> None:
    submission, [message] = cancel(accepted(make_submission()), at=LATER)

    assert isinstance(message, SubmissionCancelled)
    assert (submission.version, submission.content_version, message.cancelled_at_version) == (2, 1, 2)
    with pytest.raises(NothingLive):
        cancel(submission, at=LATER)


def test_what_is_not_live_cannot_be_cancelled() -> None:
    waiting = make_submission()
    withdrawn, _ = withdraw(accepted(waiting), at=LATER)
    for submission in (waiting, withdrawn, apply_review(waiting, make_review(waiting, live_status="cancelled"))):
        with pytest.raises(NothingLive):
            cancel(submission, at=LATER)


def test_withdrawing_stands_until_something_is_sent() -> None:
    gone, [message] = withdraw(make_submission(), at=LATER)
    back, [reopened] = edit(gone, kept_event(), at=LATER)

    assert isinstance(message, SubmissionWithdrawn)
    assert (gone.state, gone.withdrawn_at_version) == ("withdrawn", 2)
    assert (back.state, back.version, back.content_version) == ("waiting", 3, 3)
    assert reopened.withdrawn_at_version == 2
    with pytest.raises(AlreadyWithdrawn):
        withdraw(gone, at=LATER)


def test_equal_content_after_cancelling_reopens() -> None:
    cancelled, _ = cancel(accepted(make_submission()), at=LATER)

    reopened, messages = edit(cancelled, kept_event(), at=LATER)

    assert (reopened.version, reopened.content_version, len(messages)) == (3, 3, 1)


def test_an_older_review_changes_nothing() -> None:
    submission = accepted(make_submission())

    older = apply_review(submission, make_review(submission, number=1, state="rejected"))

    assert older is submission


def test_a_review_of_an_earlier_content_does_not_speak_of_the_latest() -> None:
    submission, _ = edit(make_submission(), kept_event(also=None), at=LATER)

    late = apply_review(
        submission, make_review(make_submission(), state="rejected", live_version=None, live_status=None)
    )

    assert (late.state, late.live_version) == ("waiting", None)


ACTS = st.lists(st.sampled_from(("send", "same", "cancel", "withdraw", "accept", "reject")), max_size=12)


@given(ACTS)
def test_whatever_happens_versions_rise_by_one_and_the_message_says_all(acts: list[str]) -> None:
    submission = make_submission()
    for number, act in enumerate(acts):
        before, submission = submission, _after(submission, act, number)
        assert submission.version - before.version in {0, 1}
        assert 1 <= submission.content_version <= submission.version
        for name in ("cancelled_at_version", "withdrawn_at_version"):
            assert (getattr(before, name) or 0) <= (getattr(submission, name) or 0) <= submission.version
        said = make_message(submission)
        assert (said.version, said.content_version) == (submission.version, submission.content_version)
        assert "contact" not in said.event


def _after(submission: Submission, act: str, number: int) -> Submission:
    event = kept_event(title={"pl": f"Żagle {number}"}) if act == "send" else submission.event
    try:
        match act:
            case "send" | "same":
                return edit(submission, event, at=LATER)[0]
            case "cancel":
                return cancel(submission, at=LATER)[0]
            case "withdraw":
                return withdraw(submission, at=LATER)[0]
            case "accept":
                return accepted(submission)
    except (NothingLive, AlreadyWithdrawn):
        return submission
    review = submission.review.number + 1 if submission.review else 2
    return apply_review(submission, make_review(submission, number=review, state="rejected", live_status=None))
