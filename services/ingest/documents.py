"""How a submission is kept: one document with its state, its outbox and the answers to keyed requests. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from uuid_utils import uuid7

from services.ingest.domain.event import Event
from services.ingest.domain.history import Step
from services.ingest.domain.submission import Review, Said, Submission
from services.ingest.repeats import Answered, Request
from shared.database import Document
from shared.eventlog.envelope import Letter, enclose, read_document, read_message
from shared.messages import Organiser

SOURCE = "/ingest"
STEP_FIELDS = tuple(field.name for field in fields(Step))


@dataclass(frozen=True, slots=True)
class Stored:
    """A submission as it was read, with what stands beside it; ``unsent`` counts the messages still to be sent."""

    submission: Submission
    history: tuple[Step, ...]
    answers: tuple[Answered, ...]
    unsent: int

    def answer_to(self, request: Request | None) -> Answered | None:
        """Find the answer that a request with this key was given."""
        if request is None:
            return None
        return next((each for each in self.answers if each.request.scope == request.scope), None)


def new_document(submission: Submission, letters: Sequence[Letter], step: Step, answer: Answered | None) -> Document:
    """Give the document of a submission that was just made."""
    document = {
        "_id": submission.id,
        "created_at": submission.created_at,
        "review": None,
        **changed_fields(submission),
        "history": [step_document(step)],
        "outbox": [letter.document() for letter in letters],
    }
    return document | ({"posted": answer_document(answer)} if answer else {})


def changed_fields(submission: Submission) -> Document:
    """Give the fields that a write of the organisation may change."""
    named = {} if submission.external_id is None else {"external_id": submission.external_id}
    return {
        "organisation": submission.organiser.slug,
        "organiser_name": submission.organiser.name,
        "version": submission.version,
        "content_version": submission.content_version,
        "sent_at": submission.sent_at,
        "event": submission.event,
        "cancelled_at_version": submission.cancelled_at_version,
        "withdrawn_at_version": submission.withdrawn_at_version,
        "order": order(submission),
        **named,
    }


def order(submission: Submission) -> str:
    """Give the text by which lists are ordered: start, end, Polish title, external id, and the id to part equals."""
    event = submission.event
    parts = (event["dates"]["start"], event["dates"]["end"], event["title"]["pl"], submission.external_id or "")
    return "\x1f".join((*parts, submission.id))


def stored(document: Document) -> Stored:
    """Read a document."""
    answers = [*document.get("answers", []), *([document["posted"]] if "posted" in document else [])]
    return Stored(
        submission=_submission(document),
        history=tuple(Step(**step) for step in document["history"]),
        answers=tuple(_answered(each) for each in answers),
        unsent=len(document.get("outbox", [])),
    )


def letters_of(messages: Sequence[Said], *, at: str, traceparent: str | None) -> list[Letter]:
    """Put messages into their envelopes."""
    return [enclose(each, id=str(uuid7()), source=SOURCE, time=at, traceparent=traceparent) for each in messages]


def letters_in(document: Document) -> list[Letter]:
    """Read the letters that wait in a document's outbox."""
    return [read_document(each) for each in document.get("outbox", [])]


def will_be_said(document: Document) -> bool:
    """Tell whether a message about the present version still waits to be sent."""
    return any(read_message(each).number == document["version"] for each in letters_in(document))


def answer_document(answer: Answered) -> Document:
    """Give the shape in which an answer is kept."""
    return {
        "scope": answer.request.scope,
        "print": answer.request.print,
        "status": answer.status,
        "version": answer.version,
        "packed": answer.packed,
    }


def step_document(step: Step) -> Document:
    """Give the shape in which a step of the history is kept."""
    return {name: getattr(step, name) for name in STEP_FIELDS}


def review_document(review: Review) -> Document:
    """Give the shape in which a review is kept."""
    return asdict(review)


def _answered(document: Document) -> Answered:
    request = Request(document["scope"], bytes(document["print"]))
    return Answered(request, document["status"], document["version"], bytes(document["packed"]))


def _submission(document: Document) -> Submission:
    review: dict[str, Any] | None = document["review"]
    event: Event = document["event"]
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
        review=Review(**review) if review else None,
    )
