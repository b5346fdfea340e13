"""A submission: an organisation's proposal of an event, and what the organisation may do with it (design section 4).

Three rules carry everything. ``version`` rises with every write of the organisation; ``content_version`` is the version
in which the content was last sent; ``cancelled_at_version`` and ``withdrawn_at_version`` are never cleared, so that a
consumer that skipped messages still ends in the same state.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

from services.ingest.domain.event import Event
from shared.messages import (
    Organiser,
    PublicStatus,
    ReviewState,
    SubmissionCancelled,
    SubmissionReceived,
    SubmissionWithdrawn,
)

Act = Literal["sent", "cancelled", "withdrawn"]
Said = SubmissionReceived | SubmissionCancelled | SubmissionWithdrawn


@dataclass(frozen=True, slots=True)
class Review:
    """What the curators last said, as far as it has come to us; ``state`` speaks of ``version`` (a content version)."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A submission as it stands. ``event`` is the content with its contact; instants are RFC 3339 in UTC."""

    id: str
    organiser: Organiser
    version: int
    content_version: int
    created_at: str
    sent_at: str
    event: Event
    cancelled_at_version: int | None = None
    withdrawn_at_version: int | None = None
    review: Review | None = None

    @property
    def external_id(self) -> str | None:
        """The organisation's own name for it."""
        found: str | None = self.event.get("external_id")
        return found

    @property
    def state(self) -> ReviewState:
        """What became of the content last sent."""
        if (self.withdrawn_at_version or 0) > self.content_version:
            return "withdrawn"
        if self.review and self.review.version == self.content_version:
            return self.review.state
        return "waiting"

    @property
    def live_version(self) -> int | None:
        """The content version that the public sees, cancelled ones included; None if it sees none."""
        if self.review is None or self.review.live_status in (None, "withdrawn"):
            return None
        live = self.review.live_version
        return None if live is None or (self.withdrawn_at_version or 0) > live else live

    @property
    def called_off(self) -> bool:
        """Whether what the public sees is cancelled, or will be as soon as the organisation's word has come through."""
        live = self.live_version
        if live is None or self.review is None:
            return False
        return self.review.live_status == "cancelled" or (self.cancelled_at_version or 0) > live

    @property
    def can_be_cancelled(self) -> bool:
        """Whether something is live that is not called off already."""
        return self.live_version is not None and not self.called_off


class AlreadyWithdrawn(Exception):
    """The submission is withdrawn already."""


class NothingLive(Exception):
    """Nothing of this submission is public, so there is nothing to cancel."""


Written = tuple[Submission, list[Said]]
"""A submission after a write, and what is to be said about it: no message if nothing changed."""


def submit(event: Event, *, id: str, organiser: Organiser, at: str) -> Written:  # noqa: A002 - the submission's word
    """Send in a new event."""
    made = Submission(id=id, organiser=organiser, version=1, content_version=1, created_at=at, sent_at=at, event=event)
    return made, [message_about(made)]


def edit(submission: Submission, event: Event, *, at: str) -> Written:
    """Send another content; it waits for a decision, while what is public stays.

    Content equal to the last makes no new version, unless the organisation itself has cancelled or withdrawn since:
    then sending it again reopens. Left out, the external id stays: it is how the organisation finds the submission.
    """
    event = with_external_id(event, submission.external_id)
    stopped_at = max(submission.cancelled_at_version or 0, submission.withdrawn_at_version or 0)
    if event == submission.event and stopped_at <= submission.content_version:
        return submission, []
    version = submission.version + 1
    return _said(replace(submission, event=event, version=version, content_version=version, sent_at=at))


def cancel(submission: Submission, *, at: str) -> Written:
    """Call the event off: the public sees it cancelled at once, what waits goes on waiting.

    Raises:
        NothingLive: if the public sees nothing of it, or sees it cancelled.

    """
    if not submission.can_be_cancelled:
        raise NothingLive
    version = submission.version + 1
    return _said(replace(submission, version=version, cancelled_at_version=version, sent_at=at))


def withdraw(submission: Submission, *, at: str) -> Written:
    """Take the submission back: it waits no longer, and what was public disappears at once.

    Raises:
        AlreadyWithdrawn: if it is withdrawn already, by the organisation or by a curator.

    """
    if submission.state == "withdrawn":
        raise AlreadyWithdrawn
    version = submission.version + 1
    return _said(replace(submission, version=version, withdrawn_at_version=version, sent_at=at))


def reviewed(submission: Submission, review: Review) -> Submission:
    """Take in what the curators said, if it is newer than what is known."""
    if submission.review and submission.review.number >= review.number:
        return submission
    return replace(submission, review=review)


def last_act(submission: Submission) -> Act:
    """Tell what the organisation's last write was."""
    if submission.withdrawn_at_version == submission.version:
        return "withdrawn"
    return "cancelled" if submission.cancelled_at_version == submission.version else "sent"


def message_about(submission: Submission) -> Said:
    """Say how the submission stands: full state, without the contact, in the type of the last write."""
    kinds: dict[Act, type[Said]] = {
        "sent": SubmissionReceived,
        "cancelled": SubmissionCancelled,
        "withdrawn": SubmissionWithdrawn,
    }
    return kinds[last_act(submission)](
        submission_id=submission.id,
        version=submission.version,
        content_version=submission.content_version,
        organiser=submission.organiser,
        external_id=submission.external_id,
        sent_at=submission.sent_at,
        cancelled_at_version=submission.cancelled_at_version,
        withdrawn_at_version=submission.withdrawn_at_version,
        event=without_contact(submission.event),
    )


def with_external_id(event: Event, external_id: str | None) -> Event:
    """Give an event that names no external id this one."""
    if external_id is None or "external_id" in event:
        return event
    return {"external_id": external_id, **event}


def without_contact(event: Event) -> dict[str, Any]:
    """Leave out who is behind an event: personal data never travels."""
    return {name: value for name, value in event.items() if name != "contact"}


def _said(submission: Submission) -> Written:
    return submission, [message_about(submission)]
