"""A submission, and what its organisation may do with it.

``version`` rises with every write of the organisation; ``content_version`` is the version in which the content was last
sent; ``cancelled_at_version`` and ``withdrawn_at_version`` are never cleared, so that a consumer that skipped messages
still ends in the same state.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from msgspec import structs

from services.ingest.submission.content import SubmittedEvent, write_event
from shared.event.tickets import apply_statement
from shared.messages import (
    Organiser,
    PublicStatus,
    Remark,
    ReviewState,
    Side,
    SubmissionCancelled,
    SubmissionReceived,
    SubmissionWithdrawn,
)
from shared.remarks import check_room

OrganisationAction = Literal[
    "sent",
    "cancelled",
    "postponed",
    "reinstated",
    "withdrawn",
    "remarked",
    "confirmed",
    "tickets_available",
    "few_tickets_left",
    "sold_out",
    "registration_required",
    "availability_unsaid",
]
STATEMENTS: Final[Mapping[str, OrganisationAction]] = {
    "available": "tickets_available",
    "few_left": "few_tickets_left",
    "sold_out": "sold_out",
    "registration_required": "registration_required",
}
AnySubmissionMessage = SubmissionReceived | SubmissionCancelled | SubmissionWithdrawn


@dataclass(frozen=True, slots=True)
class Review:
    """The last review that has arrived; ``state`` is the one of content version ``version``."""

    number: int
    version: int
    state: ReviewState
    reason: str | None
    comment: str | None
    decided_version: int | None
    reviewed_at: str
    live_version: int | None
    live_status: PublicStatus | None
    stopped_by_curator: bool = False
    remarks: tuple[Remark, ...] = ()
    reported_version: int | None = None
    reported: tuple[str, ...] = ()
    taken_back_version: int | None = None
    postponed: Side | None = None


@dataclass(frozen=True, slots=True)
class OwnRemark:
    """A remark of the organisation; ``who`` wrote it does not travel."""

    id: str
    at: str
    text: str
    who: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """``event`` holds the contact; instants are RFC 3339 in UTC.

    ``late``: the content was last sent after the deadline of its year's call. ``availability`` is what was last stated
    of the tickets apart from any content, ``postponed`` of its date. ``former_media`` are pictures of contents before
    the last: an older one may be public.
    """

    id: str
    organiser: Organiser
    version: int
    content_version: int
    created_at: str
    sent_at: str
    event: SubmittedEvent
    cancelled_at_version: int | None = None
    withdrawn_at_version: int | None = None
    review: Review | None = None
    late: bool = False
    remarks: tuple[OwnRemark, ...] = ()
    confirmed_at_version: int | None = None
    confirmed_at: str | None = None
    availability: str | None = None
    availability_at_version: int | None = None
    postponed: bool = False
    postponed_at_version: int | None = None
    former_media: frozenset[str] = frozenset()

    @property
    def external_id(self) -> str | None:
        return self.event.external_id

    @property
    def state(self) -> ReviewState:
        """The state of the content last sent."""
        if (self.withdrawn_at_version or 0) > self.content_version:
            return "withdrawn"
        if self.review and self.review.version == self.content_version:
            return self.review.state
        return "waiting"

    @property
    def live_version(self) -> int | None:
        """The content version that is public, cancelled or not; None if none is."""
        if self.review is None or self.review.live_status in (None, "withdrawn"):
            return None
        live = self.review.live_version
        return None if live is None or (self.withdrawn_at_version or 0) > live else live

    @property
    def called_off(self) -> bool:
        """Whether the live version is cancelled, or will be once the organisation's message arrives."""
        live = self.live_version
        if live is None or self.review is None:
            return False
        return self.review.live_status == "cancelled" or (self.cancelled_at_version or 0) > live

    @property
    def live_status(self) -> Literal["confirmed", "cancelled"] | None:
        """How the live version is shown; None if none is public."""
        if self.live_version is None:
            return None
        return "cancelled" if self.called_off else "confirmed"

    @property
    def postponed_by(self) -> Side | None:
        """Who says that the live version does not take place on its date; None if nobody does."""
        if self.live_status != "confirmed" or self.review is None:
            return None
        dated = self.review.reported_version if "dates" in self.review.reported else self.live_version
        said = self.review.postponed == "organisation" or (self.postponed_at_version or 0) > (dated or 0)
        if self.postponed and said:
            return "organisation"
        return "curator" if self.review.postponed == "curator" else None

    @property
    def can_be_postponed(self) -> bool:
        return self.live_status == "confirmed" and self.postponed_by is None

    @property
    def can_be_cancelled(self) -> bool:
        return self.live_version is not None and not self.called_off

    @property
    def can_be_confirmed(self) -> bool:
        """Whether what is public is the content last sent, which is what pages and mails of the organisation show."""
        return self.can_be_postponed and self.live_version == self.content_version

    @property
    def current_event(self) -> SubmittedEvent:
        """The content last sent, with what was stated of the tickets since: what a form begins with."""
        return apply_statement(self.event, self.content_version, self.availability, self.availability_at_version)

    @property
    def public_availability(self) -> str | None:
        """What the public reads of the tickets, as far as it is known: of an older live version not its own."""
        live = self.live_version
        if live is None:
            return None
        if self.content_version in {live, self.review and self.review.reported_version}:
            return self.current_event.tickets.availability
        return self.availability if (self.availability_at_version or 0) > live else None

    @property
    def reported(self) -> tuple[str, ...]:
        """Facts that are public before a curator has looked, as far as it is known."""
        return self.review.reported if self.review and self.live_version is not None else ()

    @property
    def is_confirmed(self) -> bool:
        """Whether the organisation said that the live version is still right."""
        return self.live_version is not None and (self.confirmed_at_version or 0) > self.live_version

    @property
    def has_question(self) -> bool:
        """Whether the curators wrote last, after everything that the organisation sent or wrote."""
        if self.review is None or not self.review.remarks:
            return False
        own = max((each.at for each in self.remarks), default="")
        return self.review.remarks[-1].at > max(own, self.sent_at)


class AlreadyWithdrawn(Exception):
    """The submission is withdrawn already."""


class NothingLive(Exception):
    """Nothing of this submission is public, so there is nothing to cancel."""


class NothingOnSale(Exception):
    """Nothing of this submission is public and takes place, so there is nothing to say of its tickets."""


class NotPostponed(Exception):
    """The organisation did not postpone what is public, so there is nothing to take back."""


class NewerContent(Exception):
    """A newer content was sent than the one that is public, so that it is not clear which is meant."""


SubmissionChange = tuple[Submission, list[AnySubmissionMessage]]
"""A submission after a write, and its messages: none if nothing changed."""


def submit(event: SubmittedEvent, *, id: str, organiser: Organiser, at: str) -> SubmissionChange:  # noqa: A002 - the submission's word
    made = Submission(id=id, organiser=organiser, version=1, content_version=1, created_at=at, sent_at=at, event=event)
    return made, [make_message(made)]


def edit(submission: Submission, event: SubmittedEvent, *, at: str) -> SubmissionChange:
    """Send another content; it waits for a decision, and what is public stays.

    The same content makes no new version while it waits or is public as sent; after a rejection, cancellation or
    withdrawal it reopens the submission. A missing external id is kept.
    """
    event = keep_external_id(event, submission.external_id)
    if event in (submission.event, submission.current_event) and _is_standing(submission):
        return submission, []
    return _announce(_replace_content(submission, event, at=at))


def edit_current(submission: Submission, event: SubmittedEvent, *, at: str) -> SubmissionChange:
    """Send what a form made of ``current_event``, as :func:`edit`.

    If only the availability differs, it is stated at once where that is possible. A form that states none ends what was
    stated: content without an availability would not.
    """
    event = keep_external_id(event, submission.external_id)
    if _is_standing(submission):
        if event == submission.current_event:
            return submission, []
        stated = _try_to_state(submission, event.tickets.availability, at=at)
        if stated[0].current_event == event:
            return stated
    after = _replace_content(submission, event, at=at)
    if after.current_event != event:
        after = replace(after, availability=None, availability_at_version=after.version)
    return _announce(after)


def _try_to_state(submission: Submission, availability: str | None, *, at: str) -> SubmissionChange:
    try:
        return state_availability(submission, availability=availability, at=at)
    except NothingOnSale:
        return submission, []


def _replace_content(submission: Submission, event: SubmittedEvent, *, at: str) -> Submission:
    version = submission.version + 1
    former = submission.former_media | {each.media for each in submission.event.images if each.media}
    return replace(submission, event=event, version=version, content_version=version, sent_at=at, former_media=former)


def mark_late(change: SubmissionChange, *, late: bool) -> SubmissionChange:
    """Say of the content that was just sent whether it is late."""
    submission, messages = change
    return change if not messages or submission.late == late else _announce(replace(submission, late=late))


def _is_standing(submission: Submission) -> bool:
    """Whether the content last sent was not rejected, cancelled or withdrawn since."""
    stopped_at = max(submission.cancelled_at_version or 0, submission.withdrawn_at_version or 0)
    if stopped_at > submission.content_version:
        return False
    return submission.state == "waiting" or (submission.state == "accepted" and not submission.called_off)


def cancel(submission: Submission, *, at: str) -> SubmissionChange:
    """Raises NothingLive if nothing is public, or it is cancelled."""
    if not submission.can_be_cancelled:
        raise NothingLive
    version = submission.version + 1
    return _announce(replace(submission, version=version, cancelled_at_version=version, sent_at=at))


def postpone(submission: Submission, *, at: str) -> SubmissionChange:
    """Say that what is public does not take place on its date, and the new one is not known.

    It ends once a later version with other dates is accepted. Raises NothingLive if nothing is public and takes place.
    """
    if not submission.can_be_postponed:
        raise NothingLive
    return _announce(_state_postponed(submission, at=at, postponed=True))


def reinstate(submission: Submission, *, at: str) -> SubmissionChange:
    """Say that it takes place on its date after all. Raises NotPostponed, also if a curator postponed it."""
    if submission.postponed_by != "organisation":
        raise NotPostponed
    return _announce(_state_postponed(submission, at=at, postponed=False))


def _state_postponed(submission: Submission, *, at: str, postponed: bool) -> Submission:
    version = submission.version + 1
    return replace(submission, version=version, postponed=postponed, postponed_at_version=version, sent_at=at)


def withdraw(submission: Submission, *, at: str) -> SubmissionChange:
    """Raises AlreadyWithdrawn if the organisation or a curator withdrew it."""
    if submission.state == "withdrawn":
        raise AlreadyWithdrawn
    version = submission.version + 1
    return _announce(replace(submission, version=version, withdrawn_at_version=version, sent_at=at))


def write_remark(submission: Submission, remark: OwnRemark, /, *, at: str) -> SubmissionChange:
    """Add a remark at ``at``; one with the same id is there already. Raises ThreadFull."""
    if any(each.id == remark.id for each in submission.remarks):
        return submission, []
    check_room([each.text for each in submission.remarks], remark.text)
    remarks = (*submission.remarks, replace(remark, at=at))
    return _announce(replace(submission, remarks=remarks, version=submission.version + 1))


def confirm(submission: Submission, /, *, at: str) -> SubmissionChange:
    """Say that what is public is still right; twice within a day is once.

    As newer content always has a higher version, the confirmation ends once that is accepted.

    Raises:
        NothingLive: if nothing is public.
        NewerContent: if something newer was sent.

    """
    if not submission.can_be_postponed:
        raise NothingLive
    if not submission.can_be_confirmed:
        raise NewerContent
    if submission.is_confirmed and (submission.confirmed_at or "")[:10] == at[:10]:
        return submission, []
    version = submission.version + 1
    return _announce(replace(submission, version=version, confirmed_at_version=version, confirmed_at=at))


def state_availability(submission: Submission, /, *, availability: str | None, at: str) -> SubmissionChange:  # noqa: ARG001 - a command; the history has the instant
    """State at once whether there are tickets; None takes the statement back. What waits stays as it is.

    Raises NothingOnSale if nothing is public, or it is cancelled.
    """
    if submission.live_status != "confirmed":
        raise NothingOnSale
    since = submission.availability_at_version or 0
    if availability == submission.availability and (availability is None or since > submission.content_version):
        return submission, []
    version = submission.version + 1
    return _announce(replace(submission, version=version, availability=availability, availability_at_version=version))


def apply_review(submission: Submission, review: Review) -> Submission:
    """Ignore a review that is not newer."""
    if submission.review and submission.review.number >= review.number:
        return submission
    return replace(submission, review=review)


def get_last_action(submission: Submission) -> OrganisationAction:
    if submission.content_version == submission.version:
        return "sent"
    if submission.withdrawn_at_version == submission.version:
        return "withdrawn"
    if submission.cancelled_at_version == submission.version:
        return "cancelled"
    if submission.confirmed_at_version == submission.version:
        return "confirmed"
    return _get_statement(submission) or "remarked"


def _get_statement(submission: Submission) -> OrganisationAction | None:
    if submission.postponed_at_version == submission.version:
        return "postponed" if submission.postponed else "reinstated"
    if submission.availability_at_version == submission.version:
        return STATEMENTS.get(submission.availability or "", "availability_unsaid")
    return None


def make_message(submission: Submission) -> AnySubmissionMessage:
    """Make the message of the last write: full state, without the contact."""
    kinds: dict[OrganisationAction, type[AnySubmissionMessage]] = {
        "cancelled": SubmissionCancelled,
        "withdrawn": SubmissionWithdrawn,
    }
    return kinds.get(get_last_action(submission), SubmissionReceived)(
        submission_id=submission.id,
        version=submission.version,
        content_version=submission.content_version,
        organiser=submission.organiser,
        external_id=submission.external_id,
        sent_at=submission.sent_at,
        cancelled_at_version=submission.cancelled_at_version,
        withdrawn_at_version=submission.withdrawn_at_version,
        event=write_public_event(submission.event),
        late=submission.late,
        remarks=[Remark(each.id, each.at, each.text) for each in submission.remarks],
        confirmed_at_version=submission.confirmed_at_version,
        confirmed_at=submission.confirmed_at,
        availability=submission.availability,
        availability_at_version=submission.availability_at_version,
        postponed=submission.postponed,
        postponed_at_version=submission.postponed_at_version,
    )


def keep_external_id(event: SubmittedEvent, external_id: str | None) -> SubmittedEvent:
    return event if event.external_id is not None else structs.replace(event, external_id=external_id)


def write_public_event(event: SubmittedEvent) -> dict[str, Any]:
    """Leave the contact out: personal data never travels."""
    return write_event(structs.replace(event, contact=None))


def _announce(submission: Submission) -> SubmissionChange:
    return submission, [make_message(submission)]
