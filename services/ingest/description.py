"""OpenAPI description of ingest's API; the rules make its examples."""

from __future__ import annotations

from typing import Any, Final

from services.ingest.submission.content import parse_event
from services.ingest.submission.model import (
    OwnRemark,
    Review,
    apply_review,
    cancel,
    edit,
    postpone,
    reinstate,
    state_availability,
    submit,
    withdraw,
    write_remark,
)
from services.ingest.submission.serializers import serialize_listed, serialize_submission
from shared.event.assessment import serialize_readiness
from shared.messages import Organiser
from shared.web.openapi import ApiDescription, Example

ID: Final = "0192c1a6-0c00-7c5e-a0ae-3d2f6b1c9e01"
SENT_AT: Final = "2026-11-21T10:00:00.000Z"
DECIDED_AT: Final = "2026-11-23T08:30:00.000Z"
LATER: Final = "2026-12-01T09:15:00.000Z"

_MEDIA: Final = "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9"
EVENT: Final[dict[str, Any]] = {
    "external_id": "zagle-2027",
    "title": {"pl": "Żagle", "de": "Żagle – Stettiner Segeltage", "en": "Żagle Szczecin Tall Ships Days"},
    "summary": {"pl": "Trzy dni żaglowców, koncertów i jarmarku na Wałach Chrobrego."},
    "description": {"pl": "Żaglowce można zwiedzać od 10:00 do 18:00.\n\nWieczorem koncerty na dwóch scenach."},
    "category": "maritime",
    "also": ["family"],
    "dates": {"certainty": "exact", "start": "2027-08-14", "end": "2027-08-16"},
    "venue": {
        "name": "Wały Chrobrego",
        "street": "Wały Chrobrego 1",
        "postcode": "70-500",
        "town": "Szczecin",
        "county": "3262",
        "lat": 53.43,
        "lon": 14.565,
    },
    "website": "https://zagle.example.pl/2027",
    "tickets": {
        "free": True,
        "availability": "registration_required",
        "registration_url": "https://zagle.example.pl/zapisy",
        "registration_until": "2027-08-10T18:00",
    },
    "accessibility": ["step_free", "accessible_toilet"],
    "audience": ["families", "children"],
    "ages": {"min": 6, "max": 12},
    "setting": ["outdoors"],
    "images": [
        {
            "media": _MEDIA,
            "alt": {"pl": "Żaglowce przy Wałach Chrobrego", "de": "Segelschiffe an der Hakenterrasse"},
            "credit": "Jan Kowalski / Urząd Miasta Szczecin",
            "licence": "CC-BY-4.0",
            "valid_until": "2028-12-31",
        }
    ],
    "licence": "CC-BY-4.0",
    "contact": {"name": "Anna Żak", "email": "biuro@example.pl", "phone": "+48 91 123 45 67"},
}
"""Every field that is accepted today."""

_ACCEPTED: Final = Review(
    number=2,
    version=1,
    state="accepted",
    reason=None,
    comment=None,
    decided_version=1,
    reviewed_at=DECIDED_AT,
    live_version=1,
    live_status="confirmed",
)
_submitted, _ = submit(
    parse_event(EVENT), id=ID, organiser=Organiser("um-szczecin", "Urząd Miasta Szczecin"), at=SENT_AT
)
_accepted = apply_review(_submitted, _ACCEPTED)
_edited, _ = edit(_accepted, parse_event(EVENT | {"title": {"pl": "Żagle 2027"}}), at=LATER)

_postponed, _ = postpone(_accepted, at=LATER)

IN_ANOTHER_COUNTY: Final[dict[str, Any]] = EVENT | {"venue": EVENT["venue"] | {"county": "3211"}}
"""Accepted with a warning: Szczecin is not in the county around it."""
WARNINGS: Final = [
    {
        "field": "venue.county",
        "code": "town_elsewhere",
        "message": "We know Szczecin in another county (Szczecin (city)) than the one given (Police County). "
        "Check the county; if this is another place of that name, leave it as it is.",
    }
]
_LANGUAGES: Final = ("pl", "en", "de")
_READINESS: Final = serialize_readiness(parse_event(EVENT), _LANGUAGES, "en")
_NONE: Final[dict[str, Any]] = {"warnings": [], **_READINESS}

SUBMITTED: Final[dict[str, Any]] = serialize_submission(_submitted) | _NONE
ACCEPTED: Final[dict[str, Any]] = serialize_listed(_accepted, _LANGUAGES)
EDITED: Final[dict[str, Any]] = serialize_submission(_edited) | _NONE
WITHDRAWN: Final[dict[str, Any]] = serialize_submission(withdraw(_submitted, at=LATER)[0])
_REMARK: Final = OwnRemark("0b0c5f38-1f0c-4a55-9f0a-0a4a0f6f5f11", "", "Czy wystarczy opis w poniedziałek?", "Anna Żak")
REMARKED: Final[dict[str, Any]] = serialize_submission(write_remark(_submitted, _REMARK, at=LATER)[0])
CANCELLED: Final[dict[str, Any]] = serialize_submission(cancel(_accepted, at=LATER)[0])
SOLD_OUT: Final[dict[str, Any]] = serialize_submission(
    state_availability(_accepted, availability="sold_out", at=LATER)[0]
)

PICTURE: Final[dict[str, Any]] = {
    "media": _MEDIA,
    "width": 1600,
    "height": 1200,
    "focus": {"x": 0.5, "y": 0.4},
    "files": [f"/ingest/media/{_MEDIA}-{width}.{kind}" for width in (400, 800, 1600) for kind in ("webp", "jpg")],
}

PLACE: Final[dict[str, Any]] = EVENT["venue"]
VENUE: Final[dict[str, Any]] = {"id": "01945c2e-5b60-7a41-8d0e-6f1c2b9a7d30", **PLACE, "municipality": "3262011"}

_SUBMISSIONS: Final = "/ingest/api/v1/submissions"
DESCRIPTION: Final = ApiDescription(
    text="""
Organisations send in their events and see what became of them. Send an event under your own name for it (`PUT
…/by-reference/{external_id}`), or without one (`POST`) with an `Idempotency-Key`: both may be repeated without making
a second one. What is sent waits for a curator's decision; what was accepted before stays public meanwhile. `POST
…/validate` checks without sending. Both answer with `warnings` about what breaks no rule and is likely a slip: an
event in the past or two years ahead, a town of another county, coordinates swapped or far away, a place that
the register has already or that was corrected there. Changes name the
version they are about in `If-Match`. A place of the register of venues is found by `GET /ingest/api/v1/venues?q=` and
named as `venue.id`, next to the words that are shown. `readiness` says
which rules of POT's editors an event meets, with a hint for each that it does not meet, and `completeness` how many of
its texts each language has; neither holds anything up. Pictures are sent as they are to `/ingest/api/v1/media`,
before the event that names them in `images`.
""",
    tags={
        "submissions": "Events that an organisation proposes, each with numbered versions. You see your own only.",
        "venues": "The register of venues: places by id, which events name next to their own words.",
        "media": "Pictures, without their metadata, in the sizes that pages need.",
    },
    examples={
        f"POST {_SUBMISSIONS}": Example(request=EVENT, responses={201: SUBMITTED}),
        f"GET {_SUBMISSIONS}": Example(responses={200: {"items": [ACCEPTED], "next": None}}),
        f"POST {_SUBMISSIONS}/validate": Example(
            request=IN_ANOTHER_COUNTY,
            responses={200: {"valid": True, "event": IN_ANOTHER_COUNTY, "warnings": WARNINGS, **_READINESS}},
        ),
        f"GET {_SUBMISSIONS}/by-reference/{{external_id}}": Example(responses={200: ACCEPTED}),
        f"PUT {_SUBMISSIONS}/by-reference/{{external_id}}": Example(
            request=EVENT, responses={200: EDITED, 201: SUBMITTED}
        ),
        f"GET {_SUBMISSIONS}/{{submission_id}}": Example(responses={200: ACCEPTED}),
        f"PUT {_SUBMISSIONS}/{{submission_id}}": Example(request=EDITED["event"], responses={200: EDITED}),
        f"POST {_SUBMISSIONS}/{{submission_id}}/withdraw": Example(responses={200: WITHDRAWN}),
        f"POST {_SUBMISSIONS}/{{submission_id}}/cancel": Example(responses={200: CANCELLED}),
        f"POST {_SUBMISSIONS}/{{submission_id}}/postpone": Example(responses={200: serialize_submission(_postponed)}),
        f"POST {_SUBMISSIONS}/{{submission_id}}/reinstate": Example(
            responses={200: serialize_submission(reinstate(_postponed, at=LATER)[0])}
        ),
        f"PUT {_SUBMISSIONS}/{{submission_id}}/availability": Example(
            request={"availability": "sold_out"}, responses={200: SOLD_OUT}
        ),
        f"POST {_SUBMISSIONS}/{{submission_id}}/remarks": Example(
            request={"text": _REMARK.text}, responses={200: REMARKED}
        ),
        "GET /ingest/api/v1/venues": Example(responses={200: {"items": [VENUE]}}),
        "POST /ingest/api/v1/venues": Example(request=PLACE, responses={201: VENUE}),
        "GET /ingest/api/v1/venues/{venue_id}": Example(responses={200: VENUE}),
        "POST /ingest/api/v1/media": Example(responses={201: PICTURE}),
        "POST /ingest/api/v1/media/{media}/focus": Example(request=PICTURE["focus"], responses={201: PICTURE}),
    },
)
