"""Response schemas of the submission API, for OpenAPI."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.ingest.submission.content import EventSent
from services.ingest.venue.register_warnings import RegisterCode
from shared.event.vocabulary import Availability
from shared.event.warnings import Code
from shared.messages import ReviewState
from shared.web.assessment import CompletenessAnswer, Counted, ReadinessAnswer
from shared.web.http.idempotency_key import KEY_PARAMETER


class ReviewAnswer(BaseModel):
    """What the curators last said."""

    number: Annotated[int, Field(description="rises with every change; the newest counts")]
    version: Annotated[int, Field(description="the content version that `state` speaks of")]
    state: ReviewState
    reason: str | None
    comment: str | None


class RemarkAnswer(BaseModel):
    """What the organisation or the curators wrote about a submission."""

    id: str
    by: Literal["organisation", "curator"]
    at: str
    text: str


class SubmissionAnswer(BaseModel):
    """A submission as it stands."""

    id: str
    version: Annotated[int, Field(description="rises with every write; the `ETag`")]
    state: ReviewState
    live_version: Annotated[int | None, Field(description="the version that the public sees")]
    live_status: Annotated[
        Literal["confirmed", "cancelled"] | None, Field(description="whether the public sees it as cancelled")
    ]
    postponed: Annotated[bool, Field(description="whether the public sees that it does not take place on its date")]
    availability: Annotated[
        Availability | None, Field(description="what you last stated of the tickets apart from any content")
    ]
    reported: Annotated[
        list[str],
        Field(description="facts of a version that waits which everybody sees already, marked as not checked yet"),
    ]
    review: ReviewAnswer | None
    remarks: Annotated[list[RemarkAnswer], Field(description="of both sides, oldest first")]
    event: EventSent


class WarningAnswer(BaseModel):
    """Something in an event that was taken is likely a slip: no error, but worth a look."""

    field: Annotated[str, Field(description="path of the field, such as `dates.start`")]
    code: Annotated[
        Code | RegisterCode | Literal["reopens_cancelled", "call_not_open", "call_closed"],
        Field(description="what is asked about, for programs"),
    ]
    message: Annotated[str, Field(description="what to check, in the reader's language")]


class Assessed(BaseModel):
    """What should be checked in an event, and how ready it is."""

    warnings: list[WarningAnswer]
    readiness: ReadinessAnswer
    completeness: Annotated[dict[str, CompletenessAnswer], Field(description="by language of the region")]


class SubmissionSent(SubmissionAnswer, Assessed):
    """A submission as it stands after it was sent, with what should be checked in it."""


class SubmissionListed(SubmissionAnswer, Counted):
    """A submission as it stands, and how ready its latest content is."""


class RemarkSent(BaseModel):
    """A remark to the curators about a submission."""

    model_config = ConfigDict(extra="forbid", strict=True)

    text: Annotated[str, Field(description="at most 2,000 characters; paragraphs are separated by an empty line")]


class AvailabilitySent(BaseModel):
    """Whether there are tickets; null takes back what was stated, so that the accepted content counts."""

    model_config = ConfigDict(extra="forbid", strict=True)

    availability: Availability | None


class SubmissionList(BaseModel):
    """A page of a list; `next` is the `cursor` of the next one."""

    items: list[SubmissionListed]
    next: str | None


class Valid(Assessed):
    """Nothing would be wrong with sending this."""

    valid: bool
    event: EventSent


_EXPECTED = {
    "name": "If-Match",
    "in": "header",
    "schema": {"type": "string", "pattern": '^(\\*|"[0-9]{1,18}")$'},
    "description": "The `ETag` of the version that is changed, or `*`.",
}
_LATE_CODE = {
    "name": "Late-Code",
    "in": "header",
    "required": False,
    "schema": {"type": "string"},
    "description": "A late code of the year's call: after its deadline it lets a new event and locked fields pass.",
}
_EVENT = {"required": True, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/EventSent"}}}}

# A route that reads its event and headers itself, to name every error, still says what it takes.
TAKES_EVENT: dict[str, Any] = {"requestBody": _EVENT}
SENDS: dict[str, Any] = {"requestBody": _EVENT, "parameters": [KEY_PARAMETER, _LATE_CODE]}
PUTS: dict[str, Any] = {
    "requestBody": _EVENT,
    "parameters": [KEY_PARAMETER, _EXPECTED | {"required": False}, _LATE_CODE],
}
CHANGES: dict[str, Any] = {
    "requestBody": _EVENT,
    "parameters": [KEY_PARAMETER, _EXPECTED | {"required": True}, _LATE_CODE],
}
REMARKS: dict[str, Any] = {"parameters": [KEY_PARAMETER]}
ACTS: dict[str, Any] = {"parameters": [KEY_PARAMETER, _EXPECTED | {"required": True}]}

CURRENT = {"ETag": {"description": "the version, in quotes", "schema": {"type": "string"}}}
MADE = {**CURRENT, "Location": {"description": "its address", "schema": {"type": "string"}}}
