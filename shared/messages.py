"""What travels between the services: one small class a message, named in the past tense.

A message carries the **full state** of its subject, so that repeating, delaying or skipping one is harmless
(design section 4). Each has a ``subject`` (the record's key) and a ``number`` that only rises for that subject;
a consumer applies a message only if its number is newer than what it holds.

Instants are RFC 3339 in UTC with ``Z``; an event's own times are local to the region, as entered. Unknown fields are
ignored on reading. ``event`` is kept as it came (section 5 without the contact), so that fields of a later release
pass through an older one; :class:`Event` is the typed reading of it.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import msgspec

Texts = dict[str, str]
"""A text by language code, e.g. ``{"pl": "Żagle", "de": "Segeltage"}``; ``pl`` is always there for a title."""

Certainty = Literal["exact", "provisional", "month", "season"]


class Dates(msgspec.Struct, frozen=True, omit_defaults=True):
    """When: two dates (all-day, end inclusive) or two local times ``2027-08-14T18:00``.

    Equal times mean that the end is not known. ``fold`` says which of a doubled autumn hour is meant (0 the first), for
    the start and for the end.
    """

    certainty: Certainty
    start: str
    end: str
    start_fold: Literal[0, 1] | None = None
    end_fold: Literal[0, 1] | None = None


class Venue(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where; ``county`` is the 4-digit TERYT code, ``lat`` and ``lon`` are WGS 84 degrees."""

    town: str
    county: str
    name: str | None = None
    street: str | None = None
    postcode: str | None = None
    lat: float | None = None
    lon: float | None = None


class Tickets(msgspec.Struct, frozen=True, omit_defaults=True):
    """What it costs; ``price`` is free text by language, ``url`` where tickets are sold."""

    free: bool | None = None
    price: Texts = {}
    url: str | None = None


class Provenance(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where an imported event's facts come from (decision 0009)."""

    confidence: Literal["high", "medium", "low"] | None = None
    edition: int | None = None
    source: str | None = None


class Event(msgspec.Struct, frozen=True, omit_defaults=True):
    """The typed reading of an event's public content (design section 5); never holds a contact person."""

    title: Texts
    category: str
    dates: Dates
    venue: Venue
    summary: Texts = {}
    description: Texts = {}
    also: list[str] = []
    website: str | None = None
    tickets: Tickets = Tickets()
    accessibility: list[str] = []
    images: list[dict[str, Any]] = []
    provenance: Provenance | None = None


class Organiser(msgspec.Struct, frozen=True):
    """The organisation that sent the event: its slug in the region pack and its name."""

    slug: str
    name: str


class SubmissionMessage(msgspec.Struct, frozen=True, kw_only=True):
    """What the three messages about a submission have in common: its full state.

    ``version`` rises with every write of the organisation; ``content_version`` is the version in which ``event`` was
    last sent. ``cancelled_at_version`` and ``withdrawn_at_version`` are never cleared: the live version is cancelled or
    withdrawn while that number exceeds its own, the higher of the two wins.
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

    @property
    def subject(self) -> str:
        """The submission's id, which is the event's id."""
        return self.submission_id

    @property
    def number(self) -> int:
        """What orders these messages."""
        return self.version


class SubmissionReceived(SubmissionMessage, frozen=True):
    """An organisation sent a new submission, or a new version of one."""

    TYPE: ClassVar[str] = "pl.kalendarium.SubmissionReceived.v1"


class SubmissionCancelled(SubmissionMessage, frozen=True):
    """An organisation cancelled the event of its submission; it passes no curator."""

    TYPE: ClassVar[str] = "pl.kalendarium.SubmissionCancelled.v1"


class SubmissionWithdrawn(SubmissionMessage, frozen=True):
    """An organisation took its submission back; it passes no curator."""

    TYPE: ClassVar[str] = "pl.kalendarium.SubmissionWithdrawn.v1"


ReviewState = Literal["waiting", "changes_requested", "accepted", "rejected", "withdrawn"]
PublicStatus = Literal["confirmed", "cancelled", "withdrawn"]


class SubmissionReviewed(msgspec.Struct, frozen=True, kw_only=True):
    """What a curator's work made of a submission.

    ``state`` speaks of ``version``, the latest content that had arrived when this was written; ``reason`` (a code) and
    ``comment`` belong to the last decision, which was on ``decided_version``. ``live_version`` and ``live_status``
    say what the public sees; ``live_status`` is None while nothing was ever published.
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

    @property
    def subject(self) -> str:
        """The submission's id."""
        return self.submission_id

    @property
    def number(self) -> int:
        """What orders these messages."""
        return self.review_number


class EventPublished(msgspec.Struct, frozen=True, kw_only=True):
    """The full public state of an event, as everybody may see it from now on.

    ``revision`` is the iCal SEQUENCE; ``published_at`` is when the event first became public and never changes,
    ``changed_at`` when it last changed. ``previous_dates`` are the dates before they last moved, if they ever did.
    ``channels`` are the slugs of the channels that may carry it; empty means all.
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

    @property
    def subject(self) -> str:
        """The event's id."""
        return self.event_id

    @property
    def number(self) -> int:
        """What orders these messages."""
        return self.revision


class EventWithdrawn(msgspec.Struct, frozen=True, kw_only=True):
    """An event is no longer public; it stays on the topic for ever, without any text (never a null record)."""

    TYPE: ClassVar[str] = "pl.kalendarium.EventWithdrawn.v1"

    event_id: str
    revision: int
    withdrawn_at: str

    @property
    def subject(self) -> str:
        """The event's id."""
        return self.event_id

    @property
    def number(self) -> int:
        """What orders these messages."""
        return self.revision


Message = (
    SubmissionReceived
    | SubmissionCancelled
    | SubmissionWithdrawn
    | SubmissionReviewed
    | EventPublished
    | EventWithdrawn
)

MESSAGES: tuple[type[Message], ...] = (
    SubmissionReceived,
    SubmissionCancelled,
    SubmissionWithdrawn,
    SubmissionReviewed,
    EventPublished,
    EventWithdrawn,
)


def read_event(event: dict[str, Any]) -> Event:
    """Read an event's content as typed values; unknown fields are left alone.

    Raises:
        msgspec.ValidationError: if a required field is missing or of another type.

    """
    return msgspec.convert(event, Event)
