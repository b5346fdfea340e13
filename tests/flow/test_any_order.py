"""Model of ingest and calendar: in whatever order messages come, the public ends up seeing the same.

Both sides are the real, pure rules of ingest and calendar; only what lies between them is played: messages that are
delayed, repeated and skipped, relays that stall and wake. The measure is the full history: every message, once, in
order, each decision where it was taken, by the rules and by the table read aloud.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import product
from typing import Any

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec.structs import replace

from services.calendar.entry.arrival import receive
from services.calendar.entry.model import Entry, get_live_status, get_postponing_side, get_review_state
from services.calendar.entry.publication import EntryChange, find_repair, get_public_state, make_programme_message
from services.calendar.review.model import (
    NoPostponement,
    NothingToWithdraw,
    NotLive,
    NotWaiting,
    accept,
    cancel,
    postpone,
    reinstate,
    reject,
    request_changes,
    withdraw,
)
from services.ingest.submission import model as organisation
from services.ingest.submission.content import parse_event
from services.ingest.submission.model import AlreadyWithdrawn, NothingLive, NothingOnSale, Review, Submission
from shared.event.model import Event as PublicEvent
from shared.event.model import parse_event as parse_public
from shared.messages import (
    EventPublished,
    EventWithdrawn,
    Organiser,
    SubmissionCancelled,
    SubmissionMessage,
    SubmissionReceived,
    SubmissionReviewed,
)

AT = "2026-11-21T12:00:00.000Z"
LOT = Organiser("lot-szczecin", "LOT Szczecin")
TITLES = ("Żagle", "Żagle – finał", "Dni Morza")
"""Few enough that an edit often goes back to what was accepted before."""

Act = Callable[[Entry], EntryChange]
Record = EventPublished | EventWithdrawn

CURATOR: dict[str, Act] = {
    "accept": lambda entry: accept(entry, by="Anna", now=AT),
    "reject": lambda entry: reject(entry, reason="duplicate", by="Anna", now=AT),
    "request changes": lambda entry: request_changes(entry, comment="Podaj godzinę.", by="Anna", now=AT),
    "cancel": lambda entry: cancel(entry, by="Anna", now=AT),
    "postpone": lambda entry: postpone(entry, by="Anna", now=AT),
    "reinstate": lambda entry: reinstate(entry, by="Anna", now=AT),
    "withdraw": lambda entry: withdraw(entry, by="Anna", now=AT),
}


def make_event(title: str, day: int = 14) -> dict[str, Any]:
    return {
        "title": {"pl": title},
        "category": "maritime",
        "dates": {"certainty": "exact", "start": f"2027-08-{day}", "end": f"2027-08-{day}"},
        "venue": {"town": "Szczecin", "county": "3262"},
        "tickets": {"free": True} | ({"availability": "available"} if title == TITLES[-1] else {}),
        "contact": {"email": "biuro@example.pl"},
    }


def review_of(message: SubmissionReviewed) -> Review:
    fields = msgspec.structs.asdict(message)
    fields["number"] = fields.pop("review_number")
    del fields["submission_id"]
    return Review(**fields)


class Lot:
    """The organisation's side: a submission, and every message it ever sent."""

    def __init__(self, title: str) -> None:
        self.submission, messages = organisation.submit(
            parse_event(make_event(title)), id="0195-a", organiser=LOT, at=AT
        )
        self.sent: list[SubmissionMessage] = list(messages)

    def act(self, name: str, title: str = "", day: int = 14) -> bool:
        """Do something if the rules allow it; whether they did."""
        try:
            self._keep(self._done(name, title, day))
        except (AlreadyWithdrawn, NothingLive, organisation.NotPostponed):
            return False
        return True

    def state(self, availability: str | None) -> None:
        """Say how it is with the tickets, if the rules allow it."""
        with suppress(NothingOnSale):
            self._keep(organisation.state_availability(self.submission, availability=availability, at=AT))

    def _done(self, name: str, title: str, day: int) -> tuple[Submission, Sequence[SubmissionMessage]]:
        if name == "edit":
            return organisation.edit(self.submission, parse_event(make_event(title, day)), at=AT)
        acts = {
            "cancel": organisation.cancel,
            "postpone": organisation.postpone,
            "reinstate": organisation.reinstate,
            "withdraw": organisation.withdraw,
        }
        return acts[name](self.submission, at=AT)

    def _keep(self, written: tuple[Submission, Sequence[SubmissionMessage]]) -> None:
        self.submission = written[0]
        self.sent += written[1]

    def hear(self, message: SubmissionReviewed) -> None:
        self.submission = organisation.apply_review(self.submission, review_of(message))


class Reviewer:
    """The curator's side: an entry, what it said, and each decision with the version up to which it had heard."""

    def __init__(self) -> None:
        self.entry: Entry | None = None
        self.reviewed: list[SubmissionReviewed] = []
        self.published: list[Record] = []
        self.decisions: list[tuple[int, str]] = []
        self.approved: list[PublicEvent] = []

    def hear(self, message: SubmissionMessage) -> None:
        self._keep(receive(self.entry, message, now=AT))

    def act(self, name: str) -> bool:
        """Do something if the rules allow it; whether they did."""
        if self.entry is None:
            return False
        try:
            outcome = CURATOR[name](self.entry)
        except (NotWaiting, NotLive, NoPostponement, NothingToWithdraw):
            return False
        self.decisions.append((self.entry.received_version, name))
        if name == "accept" and self.entry.proposal:
            self.approved.append(self.entry.proposal.event)
        self._keep(outcome)
        return True

    def _keep(self, outcome: EntryChange) -> None:
        before, (self.entry, messages) = self.entry, outcome
        assert self.entry.review_number == (before.review_number if before else 0) + (1 if messages else 0)
        for message in messages:
            if isinstance(message, SubmissionReviewed):
                self.reviewed.append(message)
            elif isinstance(message, EventPublished | EventWithdrawn):
                assert message.revision == len(self.published) + 1
                self.published.append(message)


@dataclass
class Standing:
    """All of a submission that may not depend on the way by which messages came."""

    proposal: tuple[int, str] | None = None
    live: int | None = None
    status: str | None = None
    shown: PublicEvent | None = None
    postponed: str | None = None


def standing(entry: Entry) -> Standing:
    shown = get_public_state(entry)
    return Standing(
        proposal=(entry.proposal.version, entry.proposal.state) if entry.proposal else None,
        live=entry.live.version if entry.live else None,
        status=get_live_status(entry),
        shown=shown[1] if shown else None,
        postponed=get_postponing_side(entry),
    )


class Table:
    """The decision table as a model: acts in the order in which they were done, and no numbers but versions."""

    def __init__(self) -> None:
        self.proposal: tuple[int, str] | None = None
        self.live: int | None = None
        self.organisation_said: tuple[str, int] | None = None
        self.curator_said: str | None = None
        self.of_tickets: tuple[str | None, int] = (None, 0)
        self.postponed_at: int | None = None

    def organisation(self, message: SubmissionMessage) -> None:
        if message.postponed_at_version == message.version:
            self.postponed_at = message.version if message.postponed else None
        elif message.availability_at_version == message.version:
            self.of_tickets = (message.availability, message.version)
        elif isinstance(message, SubmissionReceived):
            self.proposal = (message.version, "waiting")
        elif isinstance(message, SubmissionCancelled):
            self.organisation_said = ("cancelled", message.version)
        else:
            self.organisation_said, self.proposal = ("withdrawn", message.version), None

    def curator(self, name: str, contents: Mapping[int, PublicEvent]) -> None:
        version = self.proposal[0] if self.proposal else 0
        if name == "accept":
            keeps = self.live is not None and contents[self.live].dates == contents[version].dates
            self.live, self.proposal = version, None
            self.curator_said = self.curator_said if keeps and self.curator_said == "postponed" else None
            if not keeps and (self.postponed_at or 0) < version:
                self.postponed_at = None
            if self.organisation_said and self.organisation_said[1] < version:
                self.organisation_said = None
        elif name in {"reject", "request changes"}:
            self.proposal = (version, {"reject": "rejected", "request changes": "changes_requested"}[name])
        else:
            said = {"cancel": "cancelled", "withdraw": "withdrawn", "postpone": "postponed", "reinstate": None}
            self.curator_said = said[name]
            self.proposal = None if name == "withdraw" else self.proposal

    def standing(self, contents: Mapping[int, PublicEvent]) -> Standing:
        if self.live is None:
            return Standing(proposal=self.proposal)
        said = {self.organisation_said[0] if self.organisation_said else None, self.curator_said}
        status = next((word for word in ("withdrawn", "cancelled") if word in said), "confirmed")
        shown = None if status == "withdrawn" else self._with_tickets(contents[self.live], self.live)
        side = "organisation" if self.postponed_at else "curator" if self.curator_said == "postponed" else None
        postponed = side if status == "confirmed" else None
        return Standing(proposal=self.proposal, live=self.live, status=status, shown=shown, postponed=postponed)

    def _with_tickets(self, content: PublicEvent, version: int) -> PublicEvent:
        said, since = self.of_tickets
        own = content.tickets.availability
        return with_availability(content, own if said is None or (own and version > since) else said)


def with_availability(event: PublicEvent, availability: str | None) -> PublicEvent:
    return replace(event, tickets=replace(event.tickets, availability=availability))


def full_history(sent: Sequence[SubmissionMessage], decisions: Sequence[tuple[int, str]]) -> Standing:
    """Every message once and in order, each decision after the message that was the newest when it was taken."""
    table, reviewer = Table(), Reviewer()
    contents = {message.version: parse_public(message.event) for message in sent}
    for message in sent:
        table.organisation(message)
        reviewer.hear(message)
        for name in (name for version, name in decisions if version == message.version):
            assert reviewer.act(name), f"{name} after version {message.version} was possible, and is not now"
            table.curator(name, contents)
    expected = table.standing(contents)
    assert reviewer.entry
    assert standing(reviewer.entry) == expected
    return expected


class AnyOrder(RuleBasedStateMachine):
    """One submission on its way, with everything between the services going as wrong as it may."""

    @initialize(title=st.sampled_from(TITLES))
    def begin(self, title: str) -> None:
        self.organiser = Lot(title)
        self.reviewer = Reviewer()
        self.outbox: list[Record] = []
        self.said = 0
        self.in_stalled_hands: list[Record] = []
        self.log: list[Record] = []
        self.read_back = 0
        self.visible: Record | None = None

    @rule(title=st.sampled_from(TITLES), day=st.integers(14, 15))
    def organisation_edits(self, title: str, day: int) -> None:
        self.organiser.act("edit", title, day)

    @rule(name=st.sampled_from(["cancel", "postpone", "reinstate", "withdraw"]))
    def organisation_stops(self, name: str) -> None:
        self.organiser.act(name)

    @rule(availability=st.sampled_from(["sold_out", "few_left", None]))
    def organisation_taps(self, availability: str | None) -> None:
        self.organiser.state(availability)

    @rule(name=st.sampled_from(["accept", "accept", *CURATOR]))
    def curator_decides(self, name: str) -> None:
        self.reviewer.act(name)

    @rule(back=st.integers(0, 5))
    def submission_message_arrives(self, back: int) -> None:
        self.reviewer.hear(self.organiser.sent[-1 - back % len(self.organiser.sent)])

    @precondition(lambda self: self.reviewer.reviewed)
    @rule(back=st.integers(0, 5))
    def review_message_arrives(self, back: int) -> None:
        self.organiser.hear(self.reviewer.reviewed[-1 - back % len(self.reviewer.reviewed)])

    @precondition(lambda self: self.outbox)
    @rule(marked=st.booleans())
    def relay_sends(self, *, marked: bool) -> None:
        """With the crash between the log's answer and the mark, the same message goes out again."""
        self.log.append(self.outbox.pop(0) if marked else self.outbox[0])

    @precondition(lambda self: self.outbox)
    @rule()
    def relay_stalls_with_a_message_in_flight(self) -> None:
        self.in_stalled_hands.append(self.outbox[0])

    @precondition(lambda self: self.in_stalled_hands)
    @rule(which=st.integers(0, 5))
    def stalled_relay_wakes(self, which: int) -> None:
        self.log.append(self.in_stalled_hands.pop(which % len(self.in_stalled_hands)))

    @precondition(lambda self: self.read_back < len(self.log))
    @rule()
    def calendar_reads_its_own_topic(self) -> None:
        self._read_back(self.log[self.read_back])
        self.read_back += 1

    @precondition(lambda self: self.log)
    @rule(which=st.integers(0, 20))
    def distribution_reads(self, which: int) -> None:
        """Any record at any time, often an old one again: it takes what is newer."""
        self._show(self.log[which % len(self.log)])

    @rule()
    def all_is_quiet(self) -> None:
        """The last of everything has arrived, and old things once more: the three services agree with the table."""
        self._deliver_the_last()
        self.reviewer.hear(self.organiser.sent[0])
        self.organiser.hear(self.reviewer.reviewed[0])
        entry = self.reviewer.entry
        assert entry
        assert standing(entry) == full_history(self.organiser.sent, self.reviewer.decisions)
        assert (self.organiser.submission.state, self.organiser.submission.live_version) == (
            get_review_state(entry),
            entry.live.version if entry.live and get_live_status(entry) != "withdrawn" else None,
        )
        assert self.organiser.submission.postponed_by == get_postponing_side(entry)
        newest = make_programme_message(entry) if entry.live else None
        assert (self.log[-1] if self.log else None) == newest
        assert self.visible == newest

    @invariant()
    def what_was_said_goes_into_the_outbox(self) -> None:
        """State and outbox are one write."""
        if hasattr(self, "reviewer"):
            self.outbox += self.reviewer.published[self.said :]
            self.said = len(self.reviewer.published)

    @invariant()
    def nothing_unapproved_is_visible(self) -> None:
        if hasattr(self, "visible") and isinstance(self.visible, EventPublished):
            shown = parse_public(self.visible.event)
            stated = [each.availability for each in self.organiser.sent]
            own = [each.tickets.availability for each in self.reviewer.approved]
            assert with_availability(shown, None) in [with_availability(each, None) for each in self.reviewer.approved]
            assert shown.tickets.availability in {*stated, *own}
            assert "contact" not in self.visible.event

    def teardown(self) -> None:
        if hasattr(self, "reviewer"):
            self.all_is_quiet()

    def _deliver_the_last(self) -> None:
        self.reviewer.hear(self.organiser.sent[-1])
        self.organiser.hear(self.reviewer.reviewed[-1])
        self.what_was_said_goes_into_the_outbox()
        self.log += self.in_stalled_hands
        self.in_stalled_hands = []
        while self.outbox or self.read_back < len(self.log):
            self.log += self.outbox
            self.outbox = []
            while self.read_back < len(self.log):
                self.calendar_reads_its_own_topic()
        for record in self.log:
            self._show(record)

    def _read_back(self, record: Record) -> None:
        entry = self.reviewer.entry
        again = find_repair(entry, record.revision) if entry else None
        if again and again.revision not in {waiting.revision for waiting in self.outbox}:
            self.outbox.append(again)

    def _show(self, record: Record) -> None:
        if self.visible is None or record.revision > self.visible.revision:
            self.visible = record


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=300, stateful_step_count=40)


def shown_in_order(records: Sequence[Record]) -> list[int]:
    """The revisions that a reader who takes only what is newer goes through."""
    shown: list[int] = []
    for record in records:
        if not shown or record.revision > shown[-1]:
            shown.append(record.revision)
    return shown


def test_relay_that_stalls_and_wakes_after_a_newer_revision_is_repaired() -> None:
    organiser, reviewer = Lot("Żagle"), Reviewer()
    reviewer.hear(organiser.sent[-1])
    reviewer.act("accept")
    organiser.hear(reviewer.reviewed[-1])
    organiser.act("cancel")
    reviewer.hear(organiser.sent[-1])
    first, second = reviewer.published
    log: list[Record] = [first, second, first]

    entry = reviewer.entry
    assert entry
    log += [again for record in tuple(log) if (again := find_repair(entry, record.revision))]

    assert log[-1] == second
    assert shown_in_order(log) == [1, 2]


ORGANISATION = ("edit", "cancel", "withdraw")
ORDERS = [
    (*acts, last)
    for acts in product((*ORGANISATION, "accept"), repeat=4)
    for last in ORGANISATION
    if any(act in ORGANISATION for act in acts)
]
"""Four acts and one of the organisation's last, so that there is something to skip before the last message."""


def cleared(message: SubmissionMessage) -> SubmissionMessage:
    """What a message would be if only its own act stood in it: the design that was tried first, and went wrong."""
    return msgspec.structs.replace(
        message,
        cancelled_at_version=message.version if message.cancelled_at_version == message.version else None,
        withdrawn_at_version=message.version if message.withdrawn_at_version == message.version else None,
    )


def played(
    acts: Sequence[str], skipped: int, carried: Callable[[SubmissionMessage], SubmissionMessage]
) -> tuple[Lot, Reviewer]:
    """Play the acts; the message of version ``skipped`` never arrives, each other one at once."""
    organiser, reviewer = Lot("wersja 1"), Reviewer()
    for number, act in enumerate(("send", *acts)):
        if act == "accept":
            reviewer.act("accept")
        elif act == "send" or organiser.act(act, f"wersja {number + 1}"):
            message = organiser.sent[-1]
            if message.version != skipped:
                reviewer.hear(carried(message))
        if reviewer.reviewed:
            organiser.hear(reviewer.reviewed[-1])
    return organiser, reviewer


def cases() -> Iterator[tuple[Sequence[str], int]]:
    """Every order of the acts, with no message skipped and with each but the last."""
    for acts in ORDERS:
        organiser, _ = played(acts, 0, lambda message: message)
        for skipped in range(len(organiser.sent)):
            yield acts, skipped


def gone_wrong(carried: Callable[[SubmissionMessage], SubmissionMessage]) -> tuple[int, int]:
    """Count the cases that end in another public state than the full history, and all of them."""
    wrong = total = 0
    for acts, skipped in cases():
        organiser, reviewer = played(acts, skipped, carried)
        if reviewer.entry is None or reviewer.entry.received_version != organiser.sent[-1].version:
            continue
        total += 1
        wrong += standing(reviewer.entry) != full_history(organiser.sent, reviewer.decisions)
    return wrong, total


def test_no_order_of_acts_with_a_message_skipped_goes_wrong() -> None:
    wrong, total = gone_wrong(lambda message: message)

    assert (wrong, total > 1_728) == (0, True), f"{wrong} of {total}"


def test_without_the_numbers_that_are_never_cleared_many_orders_would_go_wrong() -> None:
    wrong, _ = gone_wrong(cleared)

    assert wrong > 100


@pytest.mark.parametrize("acts", [("accept", "edit", "accept", "cancel"), ("accept", "cancel", "edit", "accept")])
def test_message_that_comes_again_after_a_newer_one_changes_nothing(acts: Sequence[str]) -> None:
    organiser, reviewer = played(acts, 0, lambda message: message)
    entry = reviewer.entry

    for message in organiser.sent:
        reviewer.hear(message)

    assert reviewer.entry == entry
