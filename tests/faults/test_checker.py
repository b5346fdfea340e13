"""The judge of the fault matrix must complain: each invariant is broken here on purpose, in a forged history."""

from __future__ import annotations

from dataclasses import replace

import pytest

from faults.checker import PROBLEM, FinalState, LoggedMessage, StoredSubmission, check, count_repeats
from faults.history import Attempt, Downtimes, EventText, Feed, History, Kind, Poll, ShownEvent, Trespass, write_title

ID, OTHER = "id-1", "id-2"
FIRST, SECOND = EventText("F0-1", 1), EventText("F0-1", 2)
FORMATS = ("json", "ics", "rss")
NOTHING: dict[str, Feed] = {extension: {} for extension in FORMATS}


def feed(*, content: EventText = SECOND, revision: int | None = 2, event_id: str = ID, cancelled: bool = False) -> Feed:
    return {event_id: [ShownEvent(write_title(content), revision, cancelled)]}


def did(history: History, kind: Kind, content: EventText, version: int, at: float) -> None:
    history.begin(kind, content, f"{kind}-{at}", at).end("ok", at + 0.1, event_id=ID, version=version)


def lived() -> History:
    """Give a history in which an event was sent in, accepted, edited, accepted again, and seen so in a feed."""
    history = History()
    did(history, "send", FIRST, 1, 1)
    did(history, "accept", FIRST, 1, 2)
    did(history, "edit", SECOND, 2, 3)
    did(history, "accept", SECOND, 2, 4)
    history.polls += [
        Poll("json", 0, 0.5, 200, {}),
        Poll("json", 2.5, 2.6, 200, feed(content=FIRST, revision=1)),
        Poll("json", 5, 5.1, 200, feed()),
    ]
    return history


def right() -> FinalState:
    """Give the end of it, as it must be."""
    return FinalState(
        submissions=[StoredSubmission(ID, {2: write_title(SECOND)}, 2, "accepted")],
        entries=[StoredSubmission(ID, {2: write_title(SECOND)}, 2, "accepted")],
        feeds={extension: feed() for extension in FORMATS},
        topics={
            ("programme.v1", ID): [
                LoggedMessage(1, "a", b"1"),
                LoggedMessage(1, "a", b"1"),
                LoggedMessage(2, "b", b"2"),
            ]
        },
    )


def showing(extension: str, shown: Feed) -> FinalState:
    return replace(right(), feeds={**right().feeds, extension: shown})


def holding(place: str, held: list[StoredSubmission]) -> FinalState:
    return replace(right(), submissions=held) if place == "submissions" else replace(right(), entries=held)


def broken(history: History, picture: FinalState, absences: Downtimes | None = None) -> list[str]:
    return sorted({each.invariant for each in check(history, absences or Downtimes(), picture)})


def test_a_history_in_which_all_is_well_is_not_complained_about() -> None:
    assert check(lived(), Downtimes(), right()) == []


def test_a_message_that_was_sent_again_is_counted_and_not_complained_about() -> None:
    assert count_repeats(right()) == 1


@pytest.mark.parametrize("place", ["submissions", "entries"])
def test_a_lost_submission_is_not_kept(place: str) -> None:
    assert broken(lived(), holding(place, [])) == ["kept"]


@pytest.mark.parametrize("place", ["submissions", "entries"])
def test_a_lost_edit_is_not_kept(place: str) -> None:
    old = [StoredSubmission(ID, {1: write_title(FIRST)}, 1, "waiting")]

    assert broken(lived(), holding(place, old)) == ["kept"]


@pytest.mark.parametrize("extension", FORMATS)
def test_an_accepted_event_that_one_format_lacks_is_not_kept(extension: str) -> None:
    assert broken(lived(), showing(extension, {})) == ["kept"]


def test_an_accepted_edit_that_a_feed_lacks_is_not_kept() -> None:
    assert broken(lived(), showing("ics", feed(content=FIRST))) == ["kept"]


def test_a_cancelling_that_a_feed_lacks_is_not_kept() -> None:
    history = lived()
    did(history, "cancel", SECOND, 3, 6)
    later = [StoredSubmission(ID, {3: write_title(SECOND)}, 3, "accepted")]
    entry = [StoredSubmission(ID, {2: write_title(SECOND)}, 2, "accepted")]

    assert broken(history, replace(right(), submissions=later, entries=entry)) == ["kept"]
    shown = {extension: feed(cancelled=True) for extension in FORMATS}
    assert broken(history, replace(right(), submissions=later, entries=entry, feeds=shown)) == []


def test_a_withdrawal_that_a_feed_lacks_is_not_kept() -> None:
    history = lived()
    did(history, "withdraw", SECOND, 3, 6)
    withdrawn = [StoredSubmission(ID, {3: write_title(SECOND)}, 3, "withdrawn")]
    picture = replace(right(), submissions=withdrawn, entries=withdrawn)

    assert broken(history, picture) == ["kept"]
    assert broken(history, replace(picture, feeds=NOTHING)) == []


@pytest.mark.parametrize("place", ["submissions", "entries"])
def test_one_key_that_made_two_submissions_is_not_once(place: str) -> None:
    held = right().submissions[0]

    assert broken(lived(), holding(place, [held, replace(held, id=OTHER)])) == ["once"]


def test_an_event_under_two_uids_in_a_feed_is_not_once() -> None:
    both = {**feed(), **feed(event_id=OTHER)}

    assert broken(lived(), showing("rss", both)) == ["once"]


def test_an_event_that_stands_twice_in_a_feed_is_not_once() -> None:
    twice = {ID: [*feed()[ID], *feed()[ID]]}

    assert broken(lived(), showing("ics", twice)) == ["once"]
    history = lived()
    history.polls.append(Poll("json", 6, 6.1, 200, twice))
    assert broken(history, right()) == ["once"]


def test_a_repeat_that_was_answered_otherwise_is_not_once() -> None:
    history = lived()
    history.contradictions.append("key was answered as id-1 and as id-2")

    assert broken(history, right()) == ["once"]


def test_a_message_that_was_repeated_in_another_form_is_not_once() -> None:
    topics = {("programme.v1", ID): [LoggedMessage(1, "a", b"1"), LoggedMessage(1, "a", b"other")]}

    assert broken(lived(), replace(right(), topics=topics)) == ["once"]


def test_a_revision_that_falls_does_not_go_forward() -> None:
    history = lived()
    history.polls.append(Poll("json", 6, 6.1, 200, feed(content=FIRST, revision=1)))

    assert broken(history, right()) == ["forward"]


def test_an_event_that_vanishes_unasked_does_not_go_forward() -> None:
    history = lived()
    history.polls += [Poll("json", 6, 6.1, 200, {}), Poll("json", 7, 7.1, 200, feed())]

    assert broken(history, right()) == ["forward"]


def test_an_event_may_leave_a_paged_feed_while_a_clock_is_wrong_but_not_for_good() -> None:
    history = lived()
    history.polls += [Poll("json", 6, 6.1, 200, {}), Poll("json", 7, 7.1, 200, feed())]
    history.is_order_wrong = True

    assert broken(history, right()) == []
    assert "kept" in broken(history, showing("json", {}))


def test_an_event_may_leave_rss_only_when_that_is_full() -> None:
    newer = {f"newer-{number}": feed()[ID] for number in range(100)}
    history = lived()
    history.polls += [Poll("rss", 6, 6.1, 200, feed()), Poll("rss", 7, 7.1, 200, {})]
    full = lived()
    full.polls += [Poll("rss", 6, 6.1, 200, feed()), Poll("rss", 7, 7.1, 200, newer)]

    assert broken(history, right()) == ["forward"]
    assert "forward" not in broken(full, right())
    assert "kept" in broken(lived(), showing("json", newer))
    assert "kept" not in broken(lived(), showing("rss", newer))


def test_an_event_that_vanishes_before_it_was_withdrawn_does_not_go_forward() -> None:
    history = lived()
    history.polls.append(Poll("json", 6, 6.1, 200, {}))
    did(history, "withdraw", SECOND, 3, 9)
    gone = [StoredSubmission(ID, {3: write_title(SECOND)}, 3, "withdrawn")]
    picture = FinalState(gone, gone, NOTHING)

    assert broken(history, picture) == ["forward"]


def test_a_topic_that_ends_with_an_older_number_does_not_go_forward() -> None:
    topics = {("programme.v1", ID): [LoggedMessage(2, "b", b"2"), LoggedMessage(1, "a", b"1")]}

    assert broken(lived(), replace(right(), topics=topics)) == ["forward"]


def test_a_text_that_is_public_before_anybody_accepts_it_passes_the_gate() -> None:
    history = lived()
    history.polls.insert(2, Poll("json", 2.7, 2.8, 200, feed()))

    assert broken(history, right()) == ["gate"]


def test_an_event_that_nobody_accepted_passes_the_gate() -> None:
    foreign = {**feed(), **feed(content=EventText("F0-9", 1), event_id=OTHER)}

    assert broken(lived(), showing("json", foreign)) == ["gate"]


def test_a_submission_that_another_organisation_can_read_passes_the_gate() -> None:
    history = lived()
    history.trespasses += [Trespass("b", "F0-1", 404), Trespass("b", "F0-1", 200)]

    assert broken(history, right()) == ["gate"]


@pytest.mark.parametrize(
    "attempt",
    [
        Attempt("ingest", "POST", 1, 2, 500, content_type=PROBLEM),
        Attempt("ingest", "POST", 1, 2, 503, content_type=PROBLEM),
        Attempt("ingest", "POST", 1, 2, 503, content_type="text/plain", retry_after="1"),
        Attempt("ingest", "POST", 1, 2, 404, content_type="text/html"),
        Attempt("ingest", "POST", 1, 2, 302, content_type=""),
        Attempt("ingest", "POST", 1, 2, None, "ConnectError"),
    ],
    ids=["unexpected", "without-retry-after", "no-problem", "page", "elsewhere", "silence"],
)
def test_what_is_no_documented_refusal_is_not_honest(attempt: Attempt) -> None:
    history = lived()
    history.attempts.append(attempt)

    assert broken(history, right()) == ["honest"]


def test_a_documented_refusal_is_honest() -> None:
    history = lived()
    history.attempts += [
        Attempt("ingest", "POST", 1, 2, 503, content_type=PROBLEM, retry_after="1"),
        Attempt("ingest", "POST", 1, 2, 412, content_type=PROBLEM),
        Attempt("ingest", "POST", 1, 2, 201, content_type="application/json"),
    ]

    assert broken(history, right()) == []


def test_the_silence_of_a_dead_service_is_honest_and_of_another_is_not() -> None:
    history, absences = lived(), Downtimes()
    absences.begin("ingest", 10)
    absences.end("ingest", 12)
    history.attempts.append(Attempt("ingest", "POST", 11, 30, None, "ConnectError"))
    assert broken(history, right(), absences) == []

    history.attempts.append(Attempt("calendar", "POST", 11, 30, None, "ConnectError"))
    assert broken(history, right(), absences) == ["honest"]


def test_an_act_whose_outcome_is_never_known_is_not_honest() -> None:
    history = lived()
    history.begin("edit", EventText("F0-1", 3), "key", 8)

    assert broken(history, right()) == ["honest"]


def test_a_feed_that_is_not_answered_while_distribution_is_there_is_not_readable() -> None:
    history, absences = lived(), Downtimes()
    history.polls.append(Poll("ics", 10, 10.1, 503))
    assert broken(history, right(), absences) == ["readable"]

    absences.begin("distribution", 9)
    assert broken(history, right(), absences) == []
