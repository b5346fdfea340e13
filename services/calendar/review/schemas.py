"""Request and response schemas of the review API."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.calendar.entry.model import Action, ProposalState
from services.calendar.entry.schemas import EventShape, OrganiserAnswer
from services.calendar.review.model import DecisionKind
from shared.event.facts_at_once import Fact
from shared.event.vocabulary import NOT_CONFIRMED, Reason
from shared.messages import PublicStatus, ReviewState, Side
from shared.web.assessment import Counted, ReadinessAnswer
from shared.web.http.idempotency_key import KEY_PARAMETER
from shared.web.problems import ProblemDocument

Comment = Annotated[str | None, Field(description="What the organisation will read, word for word; ≤ 2000 characters.")]


class _RequestModel(BaseModel):
    """What a request says; a field that nobody knows is refused."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Accepting(_RequestModel):
    """Accepts the waiting version."""

    comment: Comment = None


class Rejecting(_RequestModel):
    """Rejects the waiting version; `other` needs a comment."""

    reason: Reason
    comment: Comment = None


class RequestingChanges(_RequestModel):
    """Hands the waiting version back."""

    comment: Annotated[str, Field(description="What is to be changed; the organisation reads it word for word.")]


class Remarking(_RequestModel):
    """Writes a remark to the organisation, or a note for the other curators."""

    id: Annotated[
        str, Field(description="A UUID of yours: repeated, it is the same remark. Not used with an `Idempotency-Key`.")
    ] = ""
    text: Annotated[str, Field(description="At most 2000 characters; paragraphs are separated by an empty line.")]


class Stopping(_RequestModel):
    """Cancels or withdraws at once."""

    comment: Comment = None


class TakingBack(_RequestModel):
    """Shows again what was accepted before; `other` needs a comment."""

    reason: Reason = NOT_CONFIRMED
    comment: Comment = None


class Decision(_RequestModel):
    """One of many decisions, on an entry as it was seen."""

    id: str
    review_number: Annotated[int, Field(ge=1, description="The number that was seen; another one is answered 412.")]
    decision: DecisionKind
    reason: Reason | None = None
    comment: Comment = None


class Decisions(_RequestModel):
    """Many decisions at once; none hinders another."""

    decisions: Annotated[list[Decision], Field(min_length=1, max_length=200)]


class ProposalAnswer(BaseModel):
    """What waits, or was refused."""

    version: int
    state: ProposalState
    sent_at: str
    late: Annotated[bool, Field(description="It came after the deadline of its year's call.")] = False
    event: EventShape


class LiveAnswer(BaseModel):
    """What was accepted last, and what the public sees of it."""

    version: int
    status: PublicStatus
    postponed: Annotated[
        Side | None, Field(description="Who said that it does not take place on its date; null if nobody did.")
    ]
    event: EventShape


class ReportAnswer(BaseModel):
    """A version that is public before a curator has looked: it changes nothing but these facts."""

    version: int
    facts: list[Fact]
    event: EventShape


class ReviewAnswer(Counted):
    """An entry: a proposal, its review, its live version."""

    id: str
    review_number: Annotated[int, Field(description="Rises with every change; the `ETag`.")]
    state: ReviewState
    organisation: OrganiserAnswer
    external_id: str | None
    proposal: ProposalAnswer | None
    live: LiveAnswer | None
    availability: Annotated[
        str | None,
        Field(
            description="What the organisation last stated of the tickets apart from any content; it is public at once."
        ),
    ]
    reported: Annotated[
        ReportAnswer | None,
        Field(
            description="What is public in place of the live version, marked, until a curator confirms it; else null."
        ),
    ]
    differences: Annotated[
        int | None, Field(description="Fields in which the proposal differs from the live version; null without both.")
    ]
    revision: Annotated[int, Field(description="Number of the public state; 0 while nothing was ever public.")]


class ChangeAnswer(BaseModel):
    """One field in which the proposal differs from the live version."""

    field: Annotated[str, Field(description="Its path, e.g. `dates` or `title.de`.")]
    live: Any
    proposal: Any


class ActAnswer(BaseModel):
    """One line of the history."""

    by: Literal["organisation", "curator"]
    who: str
    when: str
    what: Action
    version: int
    reason: str | None
    comment: str | None


class EntryRemarkAnswer(BaseModel):
    """What the organisation and the curators wrote to each other."""

    id: str
    by: Literal["organisation", "curator"]
    who: str
    at: str
    text: str


class NoteAnswer(BaseModel):
    """What curators wrote for each other; the organisation never reads it."""

    id: str
    who: str
    at: str
    text: str


class ReviewAnswerInFull(ReviewAnswer):
    """An entry with its differences, its history and what was written about it, oldest first."""

    readiness: ReadinessAnswer
    changes: list[ChangeAnswer]
    history: list[ActAnswer]
    remarks: list[EntryRemarkAnswer]
    notes: list[NoteAnswer]


class ReviewList(BaseModel):
    """A page of entries, those that wait longest first; `next` is the `cursor` of the next one."""

    items: list[ReviewAnswer]
    next: str | None


class OutcomeAnswer(BaseModel):
    """What became of one decision: 200 with the entry's new state, or the status and problem of its refusal."""

    id: str
    status: int
    review_number: int | None
    state: ReviewState | None
    problem: ProblemDocument | None


class OutcomeList(BaseModel):
    """The outcomes, in the order of the decisions."""

    items: list[OutcomeAnswer]


_EXPECTED = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "schema": {"type": "string", "pattern": '^(\\*|"[0-9]{1,18}")$'},
    "description": "The `ETag` of the entry that was seen, or `*`.",
}
_KEY = KEY_PARAMETER | {
    "description": "Names this request: repeated with the same key and text, it adds nothing and is answered with the "
    "entry as it is now; the same key with another text is refused (422)."
}
WRITES: dict[str, Any] = {"parameters": [_KEY]}
DECIDES: dict[str, Any] = {"parameters": [_EXPECTED]}
CURRENT = {"ETag": {"description": "the review number, in quotes", "schema": {"type": "string"}}}
