"""Messages between the services, named in the past tense.

Each carries the full state of its ``subject`` (the record's key) and a ``number`` that only rises for it; a consumer
applies what is newer, so that repeats, delays and gaps are harmless. Instants are RFC 3339 in UTC; an event's own times
are local. ``event`` stays as it came, so that fields of a later release pass through.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import msgspec


class Organiser(msgspec.Struct, frozen=True):
    """The organisation that sent the event: its slug in the region pack and its name."""

    slug: str
    name: str


class Remark(msgspec.Struct, frozen=True):
    """What one side wrote to the other about a submission; never who wrote it."""

    id: str
    at: str
    text: str


class SubmissionMessage(msgspec.Struct, frozen=True, kw_only=True):
    """The state of a submission.

    ``version`` rises with every write of the organisation; ``event`` was last sent in ``content_version``.
    ``cancelled_at_version`` and ``withdrawn_at_version`` are never cleared: the live version is cancelled or withdrawn
    while that number exceeds its own, and the higher of the two wins. ``late``: the content was last sent after the
    deadline of its year's call. ``remarks`` are all of the organisation's. ``confirmed_at`` is when it
    last said that what is public is still right; that holds while ``confirmed_at_version`` exceeds the live version.
    ``availability`` is what it last stated of the tickets apart from any content, at ``availability_at_version``, which
    is never cleared; it holds until a later version that states another is accepted. ``postponed`` is what it last said
    of its date, at ``postponed_at_version``: that nothing takes place on it, or that it holds after all. A postponement
    ends once a later version with other dates is accepted.
    """

    submission_id: str
    version: int
    content_version: int
    organiser: Organiser
    external_id: str | None
    sent_at: str
    cancelled_at_version: int | None
    withdrawn_at_version: int | None
    event: dict[str, Any]
    late: bool = False
    remarks: list[Remark] = []
    confirmed_at_version: int | None = None
    confirmed_at: str | None = None
    availability: str | None = None
    availability_at_version: int | None = None
    postponed: bool = False
    postponed_at_version: int | None = None

    @property
    def subject(self) -> str:
        return self.submission_id

    @property
    def number(self) -> int:
        return self.version


class SubmissionReceived(SubmissionMessage, frozen=True):
    """An organisation sent a new submission, or a new version of one."""

    TYPE: ClassVar[str] = "pl.kalendarium.SubmissionReceived.v1"


class SubmissionCancelled(SubmissionMessage, frozen=True):
    """An organisation cancelled the event of its submission; no curator is asked."""

    TYPE: ClassVar[str] = "pl.kalendarium.SubmissionCancelled.v1"


class SubmissionWithdrawn(SubmissionMessage, frozen=True):
    """An organisation withdrew its submission; no curator is asked."""

    TYPE: ClassVar[str] = "pl.kalendarium.SubmissionWithdrawn.v1"


Side = Literal["organisation", "curator"]
ReviewState = Literal["waiting", "changes_requested", "accepted", "rejected", "withdrawn"]
PublicStatus = Literal["confirmed", "cancelled", "withdrawn"]


class SubmissionReviewed(msgspec.Struct, frozen=True, kw_only=True):
    """The state of a curator's review, after a decision or the arrival of a version.

    ``state`` is that of ``version``, the latest content that had arrived; ``reason`` (a code) and ``comment`` belong to
    the last decision, on ``decided_version``. ``live_status`` is None while nothing was ever published. ``remarks`` are
    all of the curators'. ``reported`` are facts of ``reported_version`` that are public before a curator has looked;
    ``taken_back_version`` is the last version whose facts a curator took back. ``postponed``: who says of the live
    version that its date does not hold.
    """

    TYPE: ClassVar[str] = "pl.kalendarium.SubmissionReviewed.v1"

    submission_id: str
    review_number: int
    state: ReviewState
    version: int
    decided_version: int | None
    reason: str | None
    comment: str | None
    reviewed_at: str
    live_version: int | None
    live_status: PublicStatus | None
    stopped_by_curator: bool = False
    remarks: list[Remark] = []
    reported_version: int | None = None
    reported: list[str] = []
    taken_back_version: int | None = None
    postponed: Side | None = None

    @property
    def subject(self) -> str:
        return self.submission_id

    @property
    def number(self) -> int:
        return self.review_number


NoticeKind = Literal["cancelled", "postponed", "moved", "reinstated"]


class Notice(msgspec.Struct, frozen=True):
    """News for subscribers, with the revision that brought it.

    ``reinstated``: the event takes place as announced before, no longer cancelled, postponed, moved or withdrawn. No
    message has the kind ``postponed``, which earlier releases cannot read: it has a :class:`Postponement` instead.
    """

    kind: NoticeKind
    revision: int
    at: str


class Postponement(msgspec.Struct, frozen=True):
    """The event does not take place on its date, and the new one is not known; since when, by revision and instant."""

    revision: int
    at: str


class EventPublished(msgspec.Struct, frozen=True, kw_only=True):
    """The full public state of an event.

    ``revision`` is the iCal SEQUENCE; ``published_at`` is when the event first became public and never changes.
    ``previous_dates`` were announced last and no longer hold. ``notice`` is the last that still holds; earlier releases
    send none (:func:`shared.event.notices.derive_notice`). ``channels`` are slugs; empty means all. ``confirmed_at`` is
    when the organiser last said that all of this is still right. ``reported`` are the facts that no curator has looked
    at yet (:data:`shared.event.facts_at_once.Fact`). An event with a ``postponed`` is not cancelled, but does not take
    place on its dates.
    """

    TYPE: ClassVar[str] = "pl.kalendarium.EventPublished.v1"

    event_id: str
    revision: int
    status: Literal["confirmed", "cancelled"]
    organiser: Organiser
    external_id: str | None
    published_at: str
    changed_at: str
    event: dict[str, Any]
    channels: list[str] = []
    previous_dates: dict[str, Any] | None = None
    notice: Notice | None = None
    confirmed_at: str | None = None
    reported: list[str] = []
    postponed: Postponement | None = None

    @property
    def subject(self) -> str:
        return self.event_id

    @property
    def number(self) -> int:
        return self.revision


class EventFacets(msgspec.Struct, frozen=True):
    """What feeds select an event by; days are like ``2027-08-14``. Earlier releases send no audience and no setting."""

    county: str
    categories: list[str]
    first_day: str
    last_day: str
    channels: list[str] = []
    audience: list[str] = []
    setting: list[str] = []


class EventWithdrawn(msgspec.Struct, frozen=True, kw_only=True):
    """An event is no longer public; it stays on the topic, without any text (never a null record).

    ``facets`` are those it had last, so that its feeds can tell when they changed; earlier releases send none.
    """

    TYPE: ClassVar[str] = "pl.kalendarium.EventWithdrawn.v1"

    event_id: str
    revision: int
    withdrawn_at: str
    facets: EventFacets | None = None

    @property
    def subject(self) -> str:
        return self.event_id

    @property
    def number(self) -> int:
        return self.revision


class CallAnnounced(msgspec.Struct, frozen=True, kw_only=True):
    """The call for a year: when events are taken, and on which terms.

    ``deadline_at`` and ``freeze_at`` are the first instants that are too late. ``criteria`` is a text by language;
    ``locked_fields`` names the fields of an event that do not change after the deadline; ``late_codes`` are SHA-256 in
    hexadecimal (:func:`shared.call.digest_late_code`).
    """

    TYPE: ClassVar[str] = "pl.kalendarium.CallAnnounced.v1"

    year: int
    number: int
    opens_at: str
    deadline_at: str
    freeze_at: str
    answer_days: int
    criteria: dict[str, str]
    locked_fields: list[str]
    late_codes: list[str]
    announced_at: str

    @property
    def subject(self) -> str:
        return str(self.year)


RequestState = Literal["open", "answered", "refused", "withdrawn"]


class ContributionRequested(msgspec.Struct, frozen=True, kw_only=True):
    """Curators asked an organisation for an event, in their own words.

    ``organisation`` is a slug; ``until`` is a local day, ``2026-12-10``; ``month`` is like ``2027-11``. ``answer`` is
    the id of a submission, or why there is none.
    """

    TYPE: ClassVar[str] = "pl.kalendarium.ContributionRequested.v1"

    request_id: str
    number: int
    organisation: str
    text: str
    until: str
    asked_at: str
    county: str | None = None
    month: str | None = None
    state: RequestState = "open"
    answer: str | None = None

    @property
    def subject(self) -> str:
        return f"request:{self.request_id}"


class YearActivity(msgspec.Struct, frozen=True):
    """An organisation's numbers for a year of the programme.

    ``sent`` counts the events that it sent and did not withdraw, ``not_renewed`` those of the year before of which
    nothing is known for this year.
    """

    year: int
    drafts: int = 0
    sent: int = 0
    not_renewed: int = 0


class OrganisationActivity(msgspec.Struct, frozen=True, kw_only=True):
    """How far an organisation came, in numbers: nobody is named.

    ``people_invited`` counts accounts and open invitations, ``people_active`` those who have logged in;
    ``last_seen_day`` is the local day of the last of them, ``2026-11-28``. ``undated_drafts`` are of no year yet.
    """

    TYPE: ClassVar[str] = "pl.kalendarium.OrganisationActivity.v1"

    organisation: str
    number: int
    people_invited: int
    people_active: int
    last_seen_day: str | None
    changed_at: str
    undated_drafts: int = 0
    years: list[YearActivity] = []

    @property
    def subject(self) -> str:
        return self.organisation


class RequestAnswered(msgspec.Struct, frozen=True, kw_only=True):
    """An organisation's answer to a request: the submission it sent, or why there is none."""

    TYPE: ClassVar[str] = "pl.kalendarium.RequestAnswered.v1"

    request_id: str
    number: int
    answered_at: str
    submission_id: str | None = None
    reason: str | None = None

    @property
    def subject(self) -> str:
        return f"request:{self.request_id}"


Message = (
    SubmissionReceived
    | SubmissionCancelled
    | SubmissionWithdrawn
    | SubmissionReviewed
    | EventPublished
    | EventWithdrawn
    | CallAnnounced
    | ContributionRequested
    | OrganisationActivity
    | RequestAnswered
)

MESSAGES: tuple[type[Message], ...] = (
    SubmissionReceived,
    SubmissionCancelled,
    SubmissionWithdrawn,
    SubmissionReviewed,
    EventPublished,
    EventWithdrawn,
    CallAnnounced,
    ContributionRequested,
    OrganisationActivity,
    RequestAnswered,
)
