"""JSON of a submission."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from services.ingest.submission.content import write_event
from services.ingest.submission.model import Submission

_encode = msgspec.json.Encoder().encode


def serialize_submission(submission: Submission) -> dict[str, Any]:
    review = submission.review
    return {
        "id": submission.id,
        "version": submission.version,
        "state": submission.state,
        "live_version": submission.live_version,
        "live_status": submission.live_status,
        "review": {
            "number": review.number,
            "version": review.version,
            "state": review.state,
            "reason": review.reason,
            "comment": review.comment,
        }
        if review
        else None,
        "event": write_event(submission.event),
    }


def encode(answer: Mapping[str, Any]) -> bytes:
    return _encode(answer)
