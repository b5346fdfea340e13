"""Document mapping of a submission: state, outbox and stored responses. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any

from msgspec import structs
from uuid_utils import uuid7

from services.ingest.submission import content
from services.ingest.submission.history import HistoryEntry
from services.ingest.submission.idempotency import IdempotencyKey, StoredResponse
from services.ingest.submission.model import AnySubmissionMessage, OwnRemark, Review, Submission
from shared.clock import write_instant
from shared.database.client import Document
from shared.event.days import get_span
from shared.event.model import Dates
from shared.eventlog.envelope import Envelope, parse_document, parse_message, wrap
from shared.messages import Organiser, Remark

SOURCE = "/ingest"
HISTORY_FIELDS = tuple(field.name for field in fields(HistoryEntry))


@dataclass(frozen=True, slots=True)
class StoredSubmission:
    """A submission with its history and responses; ``unsent`` counts the messages in its outbox.

    ``part_claimed_at``: when an event was about to become a part of it last.
    """

    submission: Submission
    history: tuple[HistoryEntry, ...]
    responses: tuple[StoredResponse, ...]
    unsent: int
    part_claimed_at: str | None = None

    def find_response(self, key: IdempotencyKey | None) -> StoredResponse | None:
        if key is None:
            return None
        return next((each for each in self.responses if each.key.scope == key.scope), None)


@dataclass(frozen=True, slots=True)
class SubmissionContact:
    """``contact`` is empty if the organisation named nobody."""

    title: str
    organiser: Organiser
    contact: Mapping[str, str]
    county: str
    category: str


CONTACT_FIELDS = dict.fromkeys(
    ("event.title.pl", "event.contact", "event.category", "event.venue.county", "organisation", "organiser_name"), 1
)
"""The projection of a :class:`SubmissionContact`."""


def parse_contact(document: Document) -> SubmissionContact:
    event = document["event"]
    organiser = Organiser(document["organisation"], document["organiser_name"])
    return SubmissionContact(
        title=event["title"]["pl"],
        organiser=organiser,
        contact=event.get("contact", {}),
        county=event["venue"]["county"],
        category=event["category"],
    )


def make_document(
    submission: Submission,
    envelopes: Sequence[Envelope],
    entry: HistoryEntry,
    response: StoredResponse | None,
    fingerprint: bytes | None = None,
) -> Document:
    document = {
        "_id": submission.id,
        "created_at": submission.created_at,
        "review": None,
        **write_changes(submission),
        "history": [write_history_entry(entry)],
        "outbox": [envelope.to_document() for envelope in envelopes],
    }
    if fingerprint is not None:
        document["fingerprint"] = fingerprint
    return document | ({"posted": write_response(response)} if response else {})


def subtract_day(at: str) -> str:
    before = datetime.fromisoformat(at) - timedelta(days=1)
    return write_instant(before)


def write_changes(submission: Submission) -> Document:
    """Write the fields that a write of the organisation may change."""
    named: Document = {} if submission.external_id is None else {"external_id": submission.external_id}
    if submission.former_media:
        named["former_media"] = sorted(submission.former_media)
    return {
        "organisation": submission.organiser.slug,
        "organiser_name": submission.organiser.name,
        "version": submission.version,
        "content_version": submission.content_version,
        "sent_at": submission.sent_at,
        "event": content.write_event(submission.event),
        "span": _write_span(submission.event.dates),
        "cancelled_at_version": submission.cancelled_at_version,
        "withdrawn_at_version": submission.withdrawn_at_version,
        "order": make_order_key(submission),
        "late": submission.late,
        "remarks": [asdict(each) for each in submission.remarks],
        "confirmed_at_version": submission.confirmed_at_version,
        "confirmed_at": submission.confirmed_at,
        "availability": submission.availability,
        "availability_at_version": submission.availability_at_version,
        "postponed": submission.postponed,
        "postponed_at_version": submission.postponed_at_version,
        **named,
    }


def _write_span(dates: Dates) -> Document | None:
    """The first and the last day of repeats; what happens once has its own."""
    return dict(zip(("first", "last"), get_span(dates), strict=True)) if dates.recurrence else None


def make_order_key(submission: Submission) -> str:
    """Join start, end, Polish title, external id and id: the order of lists."""
    event = submission.event
    parts = (event.dates.start, event.dates.end, event.title["pl"], submission.external_id or "")
    return "\x1f".join((*parts, submission.id))


def parse_submission(document: Document) -> StoredSubmission:
    answers = [*document.get("answers", []), *([document["posted"]] if "posted" in document else [])]
    return StoredSubmission(
        submission=_parse_state(document),
        history=tuple(HistoryEntry(**entry) for entry in document["history"]),
        responses=tuple(parse_response(each) for each in answers),
        unsent=len(document.get("outbox", [])),
        part_claimed_at=document.get("part_claimed_at"),
    )


def wrap_messages(messages: Sequence[AnySubmissionMessage], *, at: str, traceparent: str | None) -> list[Envelope]:
    return [wrap(each, id=str(uuid7()), source=SOURCE, time=at, traceparent=traceparent) for each in messages]


def read_outbox(document: Document) -> list[Envelope]:
    return [parse_document(each) for each in document.get("outbox", [])]


def is_message_pending(document: Document) -> bool:
    """Whether a message about the present version is in the outbox."""
    return any(parse_message(each).number == document["version"] for each in read_outbox(document))


def write_response(response: StoredResponse) -> Document:
    return {
        "scope": response.key.scope,
        "print": response.key.fingerprint,
        "status": response.status,
        "version": response.version,
        "packed": response.packed,
    }


def write_history_entry(entry: HistoryEntry) -> Document:
    return {name: getattr(entry, name) for name in HISTORY_FIELDS}


def write_review(review: Review) -> Document:
    return asdict(replace(review, remarks=())) | {"remarks": [structs.asdict(each) for each in review.remarks]}


def parse_response(document: Document) -> StoredResponse:
    request = IdempotencyKey(document["scope"], bytes(document["print"]))
    return StoredResponse(request, document["status"], document["version"], bytes(document["packed"]))


def _parse_state(document: Document) -> Submission:
    review: dict[str, Any] | None = document["review"]
    event = content.parse_event(document["event"])
    return Submission(
        id=document["_id"],
        organiser=Organiser(document["organisation"], document["organiser_name"]),
        version=document["version"],
        content_version=document["content_version"],
        created_at=document["created_at"],
        sent_at=document["sent_at"],
        event=event,
        cancelled_at_version=document["cancelled_at_version"],
        withdrawn_at_version=document["withdrawn_at_version"],
        review=_parse_review(review) if review else None,
        remarks=tuple(OwnRemark(**each) for each in document.get("remarks", ())),
        confirmed_at_version=document.get("confirmed_at_version"),
        confirmed_at=document.get("confirmed_at"),
        availability=document.get("availability"),
        availability_at_version=document.get("availability_at_version"),
        postponed=document.get("postponed", False),
        postponed_at_version=document.get("postponed_at_version"),
        late=document.get("late", False),
        former_media=frozenset(document.get("former_media", ())),
    )


def _parse_review(document: Document) -> Review:
    return Review(
        **document
        | {
            "remarks": tuple(Remark(**each) for each in document.get("remarks", ())),
            "reported": tuple(document.get("reported", ())),
        }
    )
