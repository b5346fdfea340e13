"""OpenAPI description of calendar's API; the rules make its examples."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from services.calendar.call.model import CallSetting, CallTerms, announce
from services.calendar.call.serializers import serialize_call
from services.calendar.entry.arrival import receive
from services.calendar.entry.model import Entry
from services.calendar.programme.serializers import serialize_event
from services.calendar.review.model import (
    accept,
    cancel,
    confirm_report,
    postpone,
    reinstate,
    reject,
    request_changes,
    take_back_report,
    withdraw,
    write_note,
    write_remark,
)
from services.calendar.review.serializers import serialize_review, serialize_summary
from shared.event.facts_at_once import Fact
from shared.messages import Organiser, SubmissionReceived
from shared.web.openapi import ApiDescription, Example

ID: Final = "0192c1a6-0c00-7c5e-a0ae-3d2f6b1c9e01"
OTHER_ID: Final = "0192c1a6-2f10-7d44-9b1e-51c0a7de2b77"
SENT_AT: Final = "2026-11-21T10:00:00.000Z"
DECIDED_AT: Final = "2026-11-23T08:30:00.000Z"
LATER: Final = "2026-12-01T09:15:00.000Z"
CURATOR: Final = "Anna Żak"
COMMENT: Final = "Podaj godzinę rozpoczęcia."
REMARK_ID: Final = "0b0c5f38-1f0c-4a55-9f0a-0a4a0f6f5f11"
REMARK: Final = "O której otwarcie w piątek?"
NOTE: Final = "Zadzwonić w poniedziałek."
EVENT: Final[dict[str, Any]] = {
    "external_id": "zagle-2027",
    "title": {"pl": "Żagle", "de": "Żagle – Stettiner Segeltage"},
    "summary": {"pl": "Trzy dni żaglowców, koncertów i jarmarku na Wałach Chrobrego."},
    "category": "maritime",
    "dates": {"certainty": "exact", "start": "2027-08-14", "end": "2027-08-16"},
    "venue": {"name": "Wały Chrobrego", "town": "Szczecin", "county": "3262"},
}


_LANGUAGES: Final = ("pl", "en", "de")


def _send(
    before: Entry | None, event: dict[str, Any], *, version: int, at: str, at_once: tuple[Fact, ...] = ()
) -> Entry:
    message = SubmissionReceived(
        submission_id=ID,
        version=version,
        content_version=version,
        organiser=Organiser("um-szczecin", "Urząd Miasta Szczecin"),
        external_id="zagle-2027",
        sent_at=at,
        cancelled_at_version=None,
        withdrawn_at_version=None,
        event=event,
    )
    return receive(before, message, now=at, at_once=at_once)[0]


def _decode(entry: Entry) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(serialize_review(entry, _LANGUAGES, "en"))
    return found


_new = _send(None, EVENT, version=1, at=SENT_AT)
_public = accept(_new, by=CURATOR, now=DECIDED_AT)[0]
_postponed = postpone(_public, by=CURATOR, now=LATER, comment="Sztorm.")[0]
_changed = _send(_public, EVENT | {"title": {"pl": "Żagle 2027"}}, version=2, at=LATER)

_MOVED: Final = {"certainty": "exact", "start": "2027-08-21", "end": "2027-08-23"}
_reported = _send(_public, EVENT | {"dates": _MOVED}, version=2, at=LATER, at_once=("dates",))

_call = announce(
    2027,
    CallTerms(
        opens_on=date(2026, 12, 1),
        deadline_on=date(2027, 1, 15),
        freeze_on=date(2027, 2, 15),
        answer_days=14,
        criteria={"pl": "Wydarzenia, dla których ktoś przyjedzie spoza powiatu."},
        locked_fields=("category", "dates"),
    ),
    CallSetting(ZoneInfo("Europe/Warsaw"), ("pl", "en", "de"), SENT_AT),
)
CALL: Final[dict[str, Any]] = serialize_call(_call, now=datetime.fromisoformat(LATER))
_TERMS: Final = ("opens_on", "deadline_on", "freeze_on", "answer_days", "criteria", "locked_fields")

_CALLS: Final = "/calendar/api/v1/calls"
_REVIEWS: Final = "/calendar/api/v1/reviews"
DESCRIPTION: Final = ApiDescription(
    text="""
Curators decide here what is public. An entry is what an organisation proposes, its review and its live version; every
decision names in `If-Match` the review number that was seen, and is refused with 412 when the entry has moved on. What
is decided reaches the organisation, with the reason and the comment, and the public within a moment.
""",
    tags={
        "reviews": "Entries, what waits longest first, and the decisions on them.",
        "programme": "Everything accepted, by year.",
        "calls": "When events of a year are taken, and on which terms.",
    },
    examples={
        f"GET {_REVIEWS}": Example(responses={200: {"items": [serialize_summary(_new, _LANGUAGES)], "next": None}}),
        f"POST {_REVIEWS}/decisions": Example(
            request={
                "decisions": [
                    {"id": ID, "review_number": 1, "decision": "accept"},
                    {"id": OTHER_ID, "review_number": 3, "decision": "reject", "reason": "duplicate"},
                ]
            },
            responses={
                200: {
                    "items": [
                        {"id": ID, "status": 200, "review_number": 2, "state": "accepted", "problem": None},
                        {"id": OTHER_ID, "status": 200, "review_number": 4, "state": "rejected", "problem": None},
                    ]
                }
            },
        ),
        f"GET {_REVIEWS}/{{entry_id}}": Example(responses={200: _decode(_changed)}),
        f"POST {_REVIEWS}/{{entry_id}}/remarks": Example(
            request={"id": REMARK_ID, "text": REMARK},
            responses={200: _decode(write_remark(_new, id=REMARK_ID, text=REMARK, by=CURATOR, now=DECIDED_AT)[0])},
        ),
        f"POST {_REVIEWS}/{{entry_id}}/notes": Example(
            request={"id": REMARK_ID, "text": NOTE},
            responses={200: _decode(write_note(_new, id=REMARK_ID, text=NOTE, by=CURATOR, now=DECIDED_AT)[0])},
        ),
        f"POST {_REVIEWS}/{{entry_id}}/accept": Example(
            request={"comment": "Dziękujemy."}, responses={200: _decode(_public)}
        ),
        f"POST {_REVIEWS}/{{entry_id}}/reject": Example(
            request={"reason": "duplicate"},
            responses={200: _decode(reject(_new, reason="duplicate", by=CURATOR, now=DECIDED_AT)[0])},
        ),
        f"POST {_REVIEWS}/{{entry_id}}/request-changes": Example(
            request={"comment": COMMENT},
            responses={200: _decode(request_changes(_new, comment=COMMENT, by=CURATOR, now=DECIDED_AT)[0])},
        ),
        f"POST {_REVIEWS}/{{entry_id}}/reported/confirm": Example(
            request={"comment": "Dziękujemy."},
            responses={200: _decode(confirm_report(_reported, by=CURATOR, now=LATER, comment="Dziękujemy.")[0])},
        ),
        f"POST {_REVIEWS}/{{entry_id}}/reported/take-back": Example(
            request={"reason": "not_confirmed", "comment": COMMENT},
            responses={200: _decode(take_back_report(_reported, by=CURATOR, now=LATER, comment=COMMENT)[0])},
        ),
        f"POST {_REVIEWS}/{{entry_id}}/cancel": Example(
            request={"comment": "Sztorm."},
            responses={200: _decode(cancel(_public, by=CURATOR, now=LATER, comment="Sztorm.")[0])},
        ),
        f"POST {_REVIEWS}/{{entry_id}}/postpone": Example(
            request={"comment": "Sztorm."}, responses={200: _decode(_postponed)}
        ),
        f"POST {_REVIEWS}/{{entry_id}}/reinstate": Example(
            request={"comment": "Sztorm przeszedł."},
            responses={200: _decode(reinstate(_postponed, by=CURATOR, now=LATER, comment="Sztorm przeszedł.")[0])},
        ),
        f"POST {_REVIEWS}/{{entry_id}}/withdraw": Example(
            request={"comment": "Na prośbę organizatora."},
            responses={200: _decode(withdraw(_public, by=CURATOR, now=LATER, comment="Na prośbę organizatora.")[0])},
        ),
        f"GET {_CALLS}": Example(responses={200: {"items": [CALL]}}),
        f"GET {_CALLS}/{{year}}": Example(responses={200: CALL}),
        f"PUT {_CALLS}/{{year}}": Example(
            request={name: CALL[name] for name in _TERMS}, responses={200: CALL, 201: CALL}
        ),
        "GET /calendar/api/v1/programme/{year}": Example(
            responses={200: {"year": 2027, "items": [serialize_event(_public, _LANGUAGES)], "next": None}}
        ),
    },
)
