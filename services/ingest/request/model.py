"""A request as ingest knows it, and its answer: an event of one's own, or why there is none. Pure."""

from __future__ import annotations

from typing import Final

import msgspec
from msgspec.structs import replace

from services.ingest.form.mapping import FormValues
from shared.messages import RequestAnswered, RequestState
from shared.plain_text import normalize_text

MAX_REASON: Final = 500


class AlreadyAnswered(Exception):
    """The request is answered already, or was taken back."""


class OwnAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What the organisation answered; ``reason`` says why there is no event."""

    answered_at: str
    submission_id: str | None = None
    reason: str | None = None


class KnownRequest(msgspec.Struct, frozen=True, kw_only=True):
    """``own`` is the organisation's answer, which the curators may not know yet."""

    id: str
    number: int
    organisation: str
    text: str
    until: str
    asked_at: str
    county: str | None = None
    month: str | None = None
    state: RequestState = "open"
    own: OwnAnswer | None = None

    @property
    def is_open(self) -> bool:
        return self.state == "open" and self.own is None


def answer_with_event(request: KnownRequest, submission_id: str, *, at: str) -> KnownRequest:
    """Raises AlreadyAnswered."""
    return _answer(request, OwnAnswer(answered_at=at, submission_id=submission_id))


def refuse(request: KnownRequest, reason: str, *, at: str) -> KnownRequest:
    """Raises AlreadyAnswered; TextRefused if the reason is empty or too long."""
    return _answer(request, OwnAnswer(answered_at=at, reason=normalize_text(reason, MAX_REASON)))


def make_answer_message(request: KnownRequest) -> RequestAnswered:
    """Raises ValueError if there is no answer. It never changes, so that its number is always 1."""
    if request.own is None:
        raise ValueError("the request has no answer")
    return RequestAnswered(
        request_id=request.id,
        number=1,
        answered_at=request.own.answered_at,
        submission_id=request.own.submission_id,
        reason=request.own.reason,
    )


def make_fields(request: KnownRequest) -> FormValues:
    """Fill in what the request says of the event."""
    fields: dict[str, list[str]] = {"certainty": ["exact"]}
    if request.month:
        fields |= {"certainty": ["month"], "month": [request.month]}
    if request.county:
        fields["venue.county"] = [request.county]
    return fields


def _answer(request: KnownRequest, answer: OwnAnswer) -> KnownRequest:
    if not request.is_open:
        raise AlreadyAnswered
    return replace(request, own=answer)
