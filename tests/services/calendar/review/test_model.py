from __future__ import annotations

import pytest
from msgspec.structs import replace

from services.calendar.entry.arrival import receive
from services.calendar.entry.model import HistoryEntry, Stop, get_live_status, get_review_state
from services.calendar.entry.publication import get_public_state, make_programme_message
from services.calendar.review.model import (
    COMMENT_LIMIT,
    CommentMissing,
    CommentTooLong,
    CommentUnreadable,
    NothingToWithdraw,
    NotLive,
    NotWaiting,
    ReasonUnknown,
    accept,
    cancel,
    decide,
    read_comment,
    reject,
    request_changes,
    withdraw,
)
from shared.messages import EventPublished, EventWithdrawn, SubmissionReviewed
from tests.services.calendar.builders import FACETS, LATER, LOT, NOW, make_event, make_live, make_message, make_waiting


def test_accepting_publishes_before_it_tells_the_organisation() -> None:
    _, messages = accept(make_waiting(1), by="Anna Nowak", now=NOW)

    assert messages == (
        EventPublished(
            event_id="0195-a",
            revision=1,
            status="confirmed",
            organiser=LOT,
            external_id="zagle-2027",
            published_at=NOW,
            changed_at=NOW,
            event=make_event(title={"pl": "Żagle 1"}),
        ),
        SubmissionReviewed(
            submission_id="0195-a",
            review_number=2,
            state="accepted",
            version=1,
            decided_version=1,
            reason=None,
            comment=None,
            reviewed_at=NOW,
            live_version=1,
            live_status="confirmed",
        ),
    )


def test_accepting_an_edit_keeps_the_day_of_first_publishing() -> None:
    edited, _ = receive(make_live(1), make_message(2), now=NOW)

    accepted, _ = accept(edited, by="Anna", now=LATER)

    assert (accepted.revision, accepted.published_at, accepted.changed_at) == (2, NOW, LATER)


def test_accepting_other_days_keeps_the_old_ones() -> None:
    moved = make_event(dates={"certainty": "exact", "start": "2027-08-13", "end": "2027-08-16"})
    edited, _ = receive(make_live(1), make_message(2, event=moved), now=NOW)

    accepted, messages = accept(edited, by="Anna", now=LATER)
    again, _ = receive(accepted, make_message(3, event=moved | {"category": "family"}), now=LATER)
    later, _ = accept(again, by="Anna", now=LATER)

    before = {"certainty": "exact", "start": "2027-08-14", "end": "2027-08-16"}
    assert isinstance(messages[0], EventPublished)
    assert (messages[0].previous_dates, later.previous_dates) == (before, before)


FIRST = {"certainty": "exact", "start": "2027-08-14", "end": "2027-08-16"}
SECOND = {"certainty": "exact", "start": "2027-08-21", "end": "2027-08-23"}
THIRD = {"certainty": "exact", "start": "2027-08-28", "end": "2027-08-30"}
LONGER = FIRST | {"end": "2027-08-17"}
WITH_HOURS = {"certainty": "exact", "start": "2027-08-21T10:00", "end": "2027-08-23T22:00"}


@pytest.mark.parametrize(
    ("announced", "previous"),
    [
        ([FIRST, SECOND], FIRST),
        ([FIRST, SECOND, FIRST], None),
        ([FIRST, SECOND, FIRST, FIRST], None),
        ([FIRST, SECOND, LONGER], None),
        ([FIRST, SECOND, WITH_HOURS], FIRST),
        ([FIRST, SECOND, THIRD], SECOND),
        ([FIRST, SECOND, THIRD, SECOND], None),
        ([FIRST, LONGER], None),
        ([FIRST, LONGER, FIRST], LONGER),
    ],
)
def test_the_previous_dates_are_those_announced_last_and_broken(
    announced: list[dict[str, str]], previous: dict[str, str] | None
) -> None:
    entry = make_live(1, event=make_event(dates=announced[0]))
    for version, dates in enumerate(announced[1:], 2):
        edited, _ = receive(entry, make_message(version, event=make_event(dates=dates)), now=NOW)
        entry, _ = accept(edited, by="Anna", now=LATER)

    assert entry.previous_dates == previous


def test_previous_dates_that_hold_are_forgotten_with_the_next_version() -> None:
    """An earlier release kept the dates of every change, an hour that was added among them."""
    live = replace(make_live(1, event=make_event(dates=WITH_HOURS)), previous_dates=SECOND)
    edited, _ = receive(live, make_message(2, event=make_event(dates=WITH_HOURS, category="family")), now=NOW)

    accepted, _ = accept(edited, by="Anna", now=LATER)

    assert accepted.previous_dates is None


def test_accepting_surer_dates_on_the_same_days_is_no_move() -> None:
    provisional = make_event(dates={"certainty": "provisional", "start": "2027-08-14", "end": "2027-08-16"})
    edited, _ = receive(make_live(1, event=provisional), make_message(2), now=NOW)

    accepted, _ = accept(edited, by="Anna", now=LATER)

    assert accepted.previous_dates is None


def test_accepting_what_is_public_word_for_word_is_no_new_revision() -> None:
    live = make_live(1)
    edited, _ = receive(live, make_message(3, event=make_event(title={"pl": "Żagle 1"})), now=NOW)

    accepted, messages = accept(edited, by="Anna", now=LATER)

    assert (accepted.revision, get_public_state(accepted)) == (1, get_public_state(live))
    assert [type(each) for each in messages] == [SubmissionReviewed]


def test_rejecting_gives_the_reason_and_leaves_what_is_live() -> None:
    edited, _ = receive(make_live(1), make_message(2), now=NOW)

    entry, messages = reject(edited, reason="wrong_date", comment="To był rok 2026.", by="Anna", now=LATER)

    assert (get_review_state(entry), get_live_status(entry), entry.revision) == ("rejected", "confirmed", 1)
    assert messages == (
        SubmissionReviewed(
            submission_id="0195-a",
            review_number=4,
            state="rejected",
            version=2,
            decided_version=2,
            reason="wrong_date",
            comment="To był rok 2026.",
            reviewed_at=LATER,
            live_version=1,
            live_status="confirmed",
        ),
    )


def test_requesting_changes_hands_the_proposal_back() -> None:
    entry, messages = request_changes(make_waiting(1), comment="Podaj godzinę.", by="Anna", now=LATER)

    assert get_review_state(entry) == "changes_requested"
    assert isinstance(messages[0], SubmissionReviewed)
    assert (messages[0].state, messages[0].comment) == ("changes_requested", "Podaj godzinę.")


def test_decision_is_written_into_the_history() -> None:
    entry, _ = reject(make_waiting(1), reason="other", comment="Nie tu.", by="Anna Nowak", now=LATER)

    assert entry.history[-1] == HistoryEntry(
        by="curator", who="Anna Nowak", when=LATER, what="rejected", version=1, reason="other", comment="Nie tu."
    )


@pytest.mark.parametrize("decision", ["accept", "reject", "request_changes"])
def test_what_was_decided_cannot_be_decided_again(decision: str) -> None:
    rejected, _ = reject(make_waiting(1), reason="duplicate", by="Anna", now=NOW)

    for entry in (rejected, make_live(1)):
        with pytest.raises(NotWaiting):
            decide(entry, decision, reason="duplicate", comment="Tak.", by="Anna", now=LATER)  # type: ignore[arg-type]  # one of three


def test_rejection_needs_a_known_reason_and_other_a_comment() -> None:
    with pytest.raises(ReasonUnknown):
        reject(make_waiting(1), reason="ugly", by="Anna", now=NOW)
    with pytest.raises(ReasonUnknown):
        reject(make_waiting(1), reason=None, by="Anna", now=NOW)
    with pytest.raises(CommentMissing):
        reject(make_waiting(1), reason="other", by="Anna", now=NOW)


def test_requesting_changes_needs_a_comment() -> None:
    with pytest.raises(CommentMissing):
        request_changes(make_waiting(1), comment=None, by="Anna", now=NOW)


def test_curators_cancelling_goes_out_at_once_and_stands_on_the_entry() -> None:
    entry, messages = cancel(make_live(1), by="Anna", now=LATER, comment="Powódź.")

    assert entry.stop == Stop(kind="cancelled", version=1)
    assert isinstance(messages[0], EventPublished)
    assert isinstance(messages[1], SubmissionReviewed)
    assert (messages[0].status, messages[1].stopped_by_curator, messages[1].comment) == ("cancelled", True, "Powódź.")


def test_a_withdrawal_by_the_organisation_is_not_told_as_the_curators_that_cancelled_before() -> None:
    cancelled, _ = cancel(make_live(1), by="Anna", now=NOW)

    _entry, messages = receive(cancelled, make_message(2, content=1, withdrawn=2), now=LATER)

    assert isinstance(messages[1], SubmissionReviewed)
    assert (messages[1].live_status, messages[1].stopped_by_curator) == ("withdrawn", False)


def test_only_what_is_confirmed_can_be_cancelled() -> None:
    cancelled, _ = cancel(make_live(1), by="Anna", now=NOW)
    withdrawn, _ = withdraw(make_live(1), by="Anna", now=NOW)

    for entry in (make_waiting(1), cancelled, withdrawn):
        with pytest.raises(NotLive):
            cancel(entry, by="Anna", now=LATER)


def test_curators_withdrawing_takes_all_away_until_a_later_version_is_accepted() -> None:
    edited, _ = receive(make_live(1), make_message(2), now=NOW)

    withdrawn, messages = withdraw(edited, by="Anna", now=LATER)
    reopened, _ = receive(withdrawn, make_message(3), now=LATER)
    accepted, _ = accept(reopened, by="Anna", now=LATER)

    assert (withdrawn.stop, withdrawn.proposal) == (Stop(kind="withdrawn", version=2), None)
    assert messages[0] == EventWithdrawn(event_id="0195-a", revision=2, withdrawn_at=LATER, facets=FACETS)
    assert (get_review_state(reopened), get_live_status(reopened)) == ("waiting", "withdrawn")
    assert (accepted.stop, get_live_status(accepted)) == (None, "confirmed")


def test_nothing_can_be_withdrawn_twice() -> None:
    for entry in (make_waiting(1), make_live(1)):
        withdrawn, _ = withdraw(entry, by="Anna", now=NOW)

        with pytest.raises(NothingToWithdraw):
            withdraw(withdrawn, by="Anna", now=LATER)


def test_nothing_is_said_about_what_was_never_public() -> None:
    with pytest.raises(ValueError, match="was ever public"):
        make_programme_message(make_waiting(1))


def test_comment_is_kept_with_plain_line_ends_and_without_blanks_around_it() -> None:
    assert read_comment("  Podaj\r\ngodzinę.\rI cenę. \n") == "Podaj\ngodzinę.\nI cenę."
    assert read_comment(" \r\n ") is None
    assert read_comment(None) is None


@pytest.mark.parametrize("text", ["a\x00b", "a\x1bb", "a\x7fb", "a\ufdd0b", "a\ud800b"])
def test_control_characters_in_a_comment_are_refused(text: str) -> None:
    with pytest.raises(CommentUnreadable):
        read_comment(text)


def test_comment_over_its_limit_is_refused() -> None:
    assert read_comment("ż" * COMMENT_LIMIT) == "ż" * COMMENT_LIMIT
    with pytest.raises(CommentTooLong):
        read_comment("ż" * (COMMENT_LIMIT + 1))
