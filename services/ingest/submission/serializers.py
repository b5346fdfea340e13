"""JSON of a submission."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import msgspec

from services.ingest.submission.content import write_event
from services.ingest.submission.model import Submission
from shared.event.assessment import serialize_counts

_encode = msgspec.json.Encoder().encode


def serialize_submission(submission: Submission) -> dict[str, Any]:
    review = submission.review
    return {
        "id": submission.id,
        "version": submission.version,
        "state": submission.state,
        "live_version": submission.live_version,
        "live_status": submission.live_status,
        "postponed": submission.postponed_by is not None,
        "availability": submission.availability,
        "reported": list(submission.reported),
        "review": {
            "number": review.number,
            "version": review.version,
            "state": review.state,
            "reason": review.reason,
            "comment": review.comment,
        }
        if review
        else None,
        "remarks": list_remarks(submission),
        "event": write_event(submission.event),
    }


def serialize_listed(submission: Submission, languages: Collection[str]) -> dict[str, Any]:
    """With the numbers of readiness and completeness of its latest content."""
    return serialize_submission(submission) | serialize_counts(submission.event, languages)


def list_remarks(submission: Submission) -> list[dict[str, str]]:
    """List what both sides wrote, by time."""
    own = [("organisation", each.id, each.at, each.text) for each in submission.remarks]
    theirs = [
        ("curator", each.id, each.at, each.text) for each in (submission.review.remarks if submission.review else ())
    ]
    found = [{"id": id_, "by": by, "at": at, "text": text} for by, id_, at, text in (*own, *theirs)]
    return sorted(found, key=lambda each: (each["at"], each["id"]))


def encode(answer: Mapping[str, Any]) -> bytes:
    return _encode(answer)
