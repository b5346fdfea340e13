from __future__ import annotations

from services.calendar.entry.arrival import receive
from services.calendar.entry.model import MAX_VERSIONS, ContentVersion, Proposal, get_live_status, get_review_state
from services.calendar.entry.publication import get_public_state
from services.calendar.review.model import accept, cancel, reject, withdraw
from shared.messages import EventPublished, EventWithdrawn, SubmissionReviewed
from tests.services.calendar.builders import (
    FACETS,
    LATER,
    NOW,
    kept_event,
    make_event,
    make_live,
    make_message,
    make_waiting,
)


def test_first_message_opens_an_entry_that_waits() -> None:
    entry, messages = receive(None, make_message(1), now=NOW)

    event = kept_event(title={"pl": "Żagle 1"})
    assert entry.proposal == Proposal(version=1, state="waiting", event=event, sent_at="2026-11-01T08:00:00.000Z")
    assert entry.contents == (ContentVersion(version=1, event=event, sent_at="2026-11-01T08:00:00.000Z"),)
    assert messages == (
        SubmissionReviewed(
            submission_id="0195-a",
            review_number=1,
            state="waiting",
            version=1,
            decided_version=None,
            reason=None,
            comment=None,
            reviewed_at=NOW,
            live_version=None,
            live_status=None,
        ),
    )


def test_message_that_is_not_newer_changes_nothing() -> None:
    entry = make_waiting(2)

    assert receive(entry, make_message(2), now=LATER) == (entry, ())
    assert receive(entry, make_message(1), now=LATER) == (entry, ())


def test_edit_of_a_live_event_waits_while_the_accepted_version_stays() -> None:
    live = make_live(1)

    entry, messages = receive(live, make_message(2), now=LATER)

    assert get_public_state(entry) == get_public_state(live)
    assert entry.revision == 1
    assert get_review_state(entry) == "waiting"
    assert [type(each) for each in messages] == [SubmissionReviewed]


def test_edit_after_a_rejection_waits_again() -> None:
    rejected, _ = reject(make_waiting(1), reason="duplicate", by="Anna", now=NOW)

    entry, _ = receive(rejected, make_message(2), now=LATER)

    assert get_review_state(entry) == "waiting"


def test_cancelling_passes_no_curator_and_leaves_the_proposal() -> None:
    edited, _ = receive(make_live(1), make_message(2), now=NOW)

    entry, messages = receive(edited, make_message(3, content=2, cancelled=3), now=LATER)

    assert entry.proposal == edited.proposal
    assert isinstance(messages[0], EventPublished)
    assert (messages[0].status, messages[0].revision, messages[0].event["title"]) == (
        "cancelled",
        2,
        {"pl": "Żagle 1"},
    )


def test_cancelling_that_skipped_an_edit_also_brings_the_edit() -> None:
    entry, _ = receive(make_live(1), make_message(3, content=2, cancelled=3), now=LATER)

    assert (entry.proposal.version if entry.proposal else None, get_live_status(entry)) == (2, "cancelled")


def test_edit_that_skipped_a_cancelling_also_cancels() -> None:
    entry, messages = receive(make_live(1), make_message(3, cancelled=2), now=LATER)

    assert get_live_status(entry) == "cancelled"
    assert entry.waiting
    assert isinstance(messages[0], EventPublished)


def test_withdrawing_takes_proposal_and_live_version_away() -> None:
    edited, _ = receive(make_live(1), make_message(2), now=NOW)

    entry, messages = receive(edited, make_message(3, content=2, withdrawn=3), now=LATER)

    assert (entry.proposal, get_review_state(entry)) == (None, "withdrawn")
    assert messages[0] == EventWithdrawn(event_id="0195-a", revision=2, withdrawn_at=LATER, facets=FACETS)


def test_withdrawing_what_was_never_public_publishes_nothing() -> None:
    entry, messages = receive(make_waiting(1), make_message(2, content=1, withdrawn=2), now=LATER)

    assert (get_review_state(entry), entry.revision) == ("withdrawn", 0)
    assert [type(each) for each in messages] == [SubmissionReviewed]


def test_edit_after_withdrawing_reopens_but_stays_hidden_until_accepted() -> None:
    withdrawn, _ = receive(make_live(1), make_message(2, content=1, withdrawn=2), now=NOW)

    reopened, _ = receive(withdrawn, make_message(3, withdrawn=2), now=LATER)
    accepted, messages = accept(reopened, by="Anna", now=LATER)

    assert (get_review_state(reopened), get_live_status(reopened)) == ("waiting", "withdrawn")
    assert (get_review_state(accepted), get_live_status(accepted), accepted.revision) == ("accepted", "confirmed", 3)
    assert isinstance(messages[0], EventPublished)


def test_accepting_an_edit_made_before_the_cancelling_keeps_it_cancelled() -> None:
    edited, _ = receive(make_live(1), make_message(2), now=NOW)
    cancelled, _ = receive(edited, make_message(3, content=2, cancelled=3), now=NOW)

    accepted, _ = accept(cancelled, by="Anna", now=LATER)

    assert (get_live_status(accepted), accepted.live.version if accepted.live else None) == ("cancelled", 2)


def test_higher_of_cancelling_and_withdrawing_wins() -> None:
    both, _ = receive(make_live(1), make_message(3, content=1, cancelled=2, withdrawn=3), now=NOW)
    other, _ = receive(make_live(1), make_message(3, content=1, cancelled=3, withdrawn=2), now=NOW)

    assert (get_live_status(both), get_live_status(other)) == ("withdrawn", "cancelled")


def test_curators_cancelling_stands_beside_the_organisations_edit() -> None:
    cancelled, _ = cancel(make_live(1), by="Anna", now=NOW)

    edited, _ = receive(cancelled, make_message(2), now=LATER)
    accepted, _ = accept(edited, by="Anna", now=LATER)

    assert (get_live_status(edited), get_live_status(accepted)) == ("cancelled", "confirmed")


def test_curators_withdrawing_outweighs_the_organisations_cancelling() -> None:
    withdrawn, _ = withdraw(make_live(1), by="Anna", now=NOW)

    entry, _ = receive(withdrawn, make_message(2, content=1, cancelled=2), now=LATER)

    assert get_live_status(entry) == "withdrawn"


def test_history_tells_what_the_organisation_did_even_if_messages_were_skipped() -> None:
    entry, _ = receive(make_live(1), make_message(4, content=3, cancelled=2, withdrawn=4), now=LATER)

    assert [(act.by, act.what, act.version) for act in entry.history] == [
        ("organisation", "sent", 1),
        ("curator", "accepted", 1),
        ("organisation", "cancelled", 2),
        ("organisation", "sent", 3),
        ("organisation", "withdrawn", 4),
    ]


def test_only_the_newest_contents_are_kept() -> None:
    entry = make_waiting(1)
    for version in range(2, MAX_VERSIONS + 5):
        entry, _ = receive(entry, make_message(version, sent_at=NOW), now=NOW)

    assert [content.version for content in entry.contents] == list(range(5, MAX_VERSIONS + 5))


def test_contents_are_let_go_of_before_the_document_grows_too_large() -> None:
    entry = make_waiting(1)
    for version in range(2, 8):
        event = make_event(description={"pl": "ż" * 300_000})
        entry, _ = receive(entry, make_message(version, event=event), now=NOW)

    assert [content.version for content in entry.contents] == [5, 6, 7]
